import { resolve } from 'node:path';
import { DefinitionError } from '../definition/definition-error.js';
import type { CrewDefinition } from '../definition/types.js';
import { UsageError } from '../errors.js';
import { findRunOfTask, findTask } from '../store/find-task.js';
import type { RunRecord, TaskRecord } from '../store/records.js';
import { alignColumns } from '../util/columns.js';
import { placeOf, readHistory, requireFree } from './read-history.js';
import { loadBothDefinitions, loadCurrentDefinition } from './recorded-definition.js';
import type { ReplayOptions } from './replay.js';
import type { RunPlace } from './run-options.js';

/** Tasks that an error names one by one. */
const MOST_NAMED = 20;

/** What a replay starts from. */
export interface ReplayStart {
  readonly parent: RunRecord;
  /** Those of the parent, in the order of its file. */
  readonly tasks: readonly TaskRecord[];
  /** The definition to use, with its placeholders still in. */
  readonly checked: CrewDefinition;
  /** Key of the chosen task; undefined where none was named. */
  readonly from: string | undefined;
}

/**
 * The run to replay, the definition to use, and the task to start from, which may be new in that definition. Rejects with
 * UsageError where there is no such task or the run is at work, and with DefinitionError.
 */
export async function chooseTask(request: ReplayOptions, here: RunPlace): Promise<ReplayStart> {
  const { task: name, run, isAuto = false } = request;
  const named = readHistory(request, here, (store) => {
    const parent = findRunOfTask(store, name, { run });
    return { parent, tasks: store.listTasks(parent.id) };
  });
  if (name === undefined) {
    if (!isAuto) throw whichTaskError(named.parent, named.tasks);
    requireFree(named.parent);
    return { ...named, checked: await loadChecked(named.parent, request, here), from: undefined };
  }
  const loading = loadChecked(named.parent, request, here);
  const [loaded] = await Promise.allSettled([loading]);
  const current = loaded.status === 'fulfilled' ? loaded.value.tasks : [];
  let found: Pick<ReplayStart, 'parent' | 'tasks'> & { readonly key: string };
  try {
    found = readHistory(request, here, (store) => {
      const task = findTask(store, name, { run, current });
      return { parent: task.run, tasks: store.listTasks(task.run.id), key: task.key };
    });
  } catch (error) {
    // It may be in the definition only, which cannot be read.
    await loading;
    throw error;
  }
  requireFree(found.parent);
  const checked = await (found.parent.id === named.parent.id ? loading : loadChecked(found.parent, request, here));
  const { key, ...start } = found;
  if (!checked.tasks.some((task) => task.key === key)) throw goneTaskError(key, start.parent, checked);
  return { ...start, checked, from: key };
}

async function loadChecked(
  parent: RunRecord,
  { asRecorded, file, inputs = {} }: ReplayOptions,
  here: RunPlace,
): Promise<CrewDefinition> {
  const place = placeOf(parent, here);
  const record = { ...parent, inputs: { ...parent.inputs, ...inputs } };
  if (asRecorded) return (await loadBothDefinitions(record, place)).recorded;
  const path = file === undefined ? undefined : resolve(here.workingDirectory, file);
  try {
    return await loadCurrentDefinition(record, place, path);
  } catch (error) {
    if (!(error instanceof DefinitionError)) throw error;
    throw new DefinitionError(error.problems, {
      hint: '--as-recorded takes the definition as the run has it; --file names another file.',
    });
  }
}

function whichTaskError({ id }: RunRecord, tasks: readonly TaskRecord[]): UsageError {
  const rows = tasks.slice(0, MOST_NAMED).map(({ key, position, status }) => [`  ${position}`, `${id}/${key}`, status]);
  const more = tasks.length > MOST_NAMED ? [`  and ${tasks.length - MOST_NAMED} more`] : [];
  const example = tasks.find(({ status }) => status !== 'completed' && status !== 'reused') ?? tasks.at(-1);
  return new UsageError(
    [
      'say from which task to run again: -t <task>, by its id, key or number. It runs again with all that follows; what comes before is reused. Tasks of the run:',
      ...alignColumns(rows),
      ...more,
    ].join('\n'),
    { hint: `crew replay -t ${id}/${example?.key}; --auto runs again what has changed; --dry-run only tells.` },
  );
}

function goneTaskError(key: string, parent: RunRecord, { tasks, source }: CrewDefinition): UsageError {
  const keys = tasks.map((task) => task.key);
  const listed = `${keys.slice(0, MOST_NAMED).join(', ')}${keys.length > MOST_NAMED ? ', …' : ''}`;
  return new UsageError(`task ${key} of run ${parent.id} is no longer in ${source.path}`, {
    hint: `It has ${listed}; --as-recorded takes the definition as the run has it.`,
  });
}
