import { UsageError } from '../errors.js';
import { suggestHint } from '../util/suggest.js';
import type { RunRecord, RunStore, TaskRecord } from './records.js';
import { requireRun } from './require-run.js';

/** Tasks that an error names one by one. */
const MOST_NAMED = 20;

export interface FoundTask {
  readonly run: RunRecord;
  readonly key: string;
}

export interface TaskSearchOptions {
  /** Id of the run that is meant, or its beginning. Default: the run in the name, else the latest. */
  readonly run?: string | undefined;
  /** Tasks that the run's definition has now; those that the run does not have can be meant too. */
  readonly current?: readonly NamedTask[];
}

type NamedTask = Pick<TaskRecord, 'key' | 'position'>;
type History = Pick<RunStore, 'findRun' | 'listTasks'>;

/**
 * The task that a person means: by its id, `<run>/<key>`, or in the run that is given, else the latest, by its key or
 * number; a unique beginning of each will do, and of the id of a run that has one task only. What fits exactly comes first.
 * Throws UsageError that names the tasks there are where it fits none, or more than one.
 */
export function findTask(store: History, name: string, options: TaskSearchOptions = {}): FoundTask {
  const run = findRunOfTask(store, name, options);
  const slash = name.indexOf('/');
  const isAnywhere = slash < 1 && options.run === undefined;
  return findInRun(store, run, { wanted: name.slice(slash < 1 ? 0 : slash + 1).trim(), isAnywhere, ...options });
}

/** The run that the name of a task speaks of: the one in its id, else the one that is given, else the latest. */
export function findRunOfTask(
  store: Pick<RunStore, 'findRun'>,
  name: string | undefined,
  { run: runId }: Pick<TaskSearchOptions, 'run'> = {},
): RunRecord {
  const slash = name?.indexOf('/') ?? -1;
  if (name === undefined || slash < 1) return requireRun(store, runId);
  const run = requireRun(store, name.slice(0, slash));
  if (runId !== undefined && requireRun(store, runId).id !== run.id) {
    throw new UsageError(`${name} is a task of run ${run.id}, not of run ${runId}`);
  }
  return run;
}

function findInRun(
  store: History,
  run: RunRecord,
  {
    wanted,
    isAnywhere,
    current = [],
  }: Pick<TaskSearchOptions, 'current'> & { readonly wanted: string; readonly isAnywhere: boolean },
): FoundTask {
  const tasks = store.listTasks(run.id);
  if (wanted === '') {
    throw new UsageError(`which task of run ${run.id} (${run.crew})?`, { hint: tasksHint(run, tasks) });
  }
  const known = new Set(tasks.map(({ key }) => key));
  const added = current.filter(({ key }) => !known.has(key));
  const all: readonly NamedTask[] = [...tasks, ...added];
  const nameOf = (task: NamedTask): string => (known.has(task.key) ? numbered(task) : task.key);
  const exact = findExact(tasks, wanted);
  const exactNow = findExact(current, wanted);
  if (exact && exactNow && exact.key !== exactNow.key) {
    throw new UsageError(`${wanted} is ${exact.key} in run ${run.id}, and ${exactNow.key} in the definition`, {
      hint: 'Name the task by its key.',
    });
  }
  const meant = exact ?? exactNow;
  if (meant) return { run, key: meant.key };
  const matches = all.filter(({ key }) => key.startsWith(wanted));
  if (matches.length > 1) {
    throw new UsageError(`several tasks of run ${run.id} begin with "${wanted}": ${listed(matches.map(nameOf))}`, {
      hint: 'Type more of the key, or give the number.',
    });
  }
  const task = matches[0];
  if (task) return { run, key: task.key };
  const other = isAnywhere ? findOnlyTask(store, wanted) : undefined;
  if (other) return other;
  const suggestion = suggestHint(
    wanted,
    all.map(({ key }) => key),
  );
  throw new UsageError(`run ${run.id} has no task "${wanted}"`, {
    hint: `${suggestion === undefined ? '' : `${suggestion} `}${tasksHint(run, tasks, added)}`,
  });
}

function findExact(tasks: readonly NamedTask[], wanted: string): NamedTask | undefined {
  return tasks.find(({ key, position }) => key === wanted || String(position) === wanted);
}

/** The task of a run that has one only, by the beginning of the run's id. What is a number was meant as one. */
function findOnlyTask(store: History, start: string): FoundTask | undefined {
  const run = /^\d+$/.test(start) ? undefined : findSingleRun(store, start);
  if (!run) return undefined;
  const tasks = store.listTasks(run.id);
  const [task] = tasks;
  if (task && tasks.length === 1) return { run, key: task.key };
  throw new UsageError(`which task of run ${run.id} (${run.crew})?`, { hint: tasksHint(run, tasks) });
}

function findSingleRun(store: History, start: string): RunRecord | undefined {
  try {
    return store.findRun(start);
  } catch (error) {
    // It fits several runs: then no run was meant.
    if (error instanceof UsageError) return undefined;
    throw error;
  }
}

function tasksHint({ id }: RunRecord, tasks: readonly NamedTask[], added: readonly NamedTask[] = []): string {
  const example = tasks[0] ? `; name one as ${id}/${tasks[0].key}` : '';
  const since = added.length > 0 ? `; new since then: ${listed(added.map(({ key }) => key))}` : '';
  return `Its tasks: ${listed(tasks.map(numbered))}${since}${example}.`;
}

/** With the number that it has in its run. */
function numbered({ position, key }: NamedTask): string {
  return `${position} ${key}`;
}

function listed(names: readonly string[]): string {
  return `${names.slice(0, MOST_NAMED).join(', ')}${names.length > MOST_NAMED ? ', …' : ''}`;
}
