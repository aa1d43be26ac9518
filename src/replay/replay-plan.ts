import type { CrewDefinition, TaskDefinition } from '../definition/types.js';
import { UsageError } from '../errors.js';
import type { TaskFingerprint, TaskRecord } from '../store/records.js';
import type { TaskSource } from '../store/run-settings.js';
import { shorten } from '../util/columns.js';
import { diffFingerprints } from './fingerprint-diff.js';
import { createRecordedOutputs, hasOutput } from './recorded-outputs.js';
import { compareUpstream, inPlanningOrder, type PlannedTask, type Upstream } from './replay-upstream.js';

/** Columns of an error message inside a reason. */
const ERROR_WIDTH = 100;
/** Refused tasks that an error names one by one. */
const MOST_NAMED = 20;

export interface ReplayRequest {
  readonly definition: Pick<CrewDefinition, 'tasks' | 'taskOrder'>;
  /** As the tasks are now, by key. */
  readonly fingerprints: ReadonlyMap<string, TaskFingerprint>;
  readonly parentRunId: string;
  /** The tasks of the parent run. */
  readonly tasks: readonly TaskRecord[];
  /** The tasks of any run, for outputs that the parent itself reused; none for a run that was deleted. */
  readonly tasksOf: (runId: string) => readonly TaskRecord[];
  /** Key of the task to run again, with what follows it in the file. Undefined: only what `isAuto` finds. */
  readonly from: string | undefined;
  /** Runs again what changed, is missing, or depends on what runs again; what follows `from` only where that is so. */
  readonly isAuto: boolean;
  /** Reuses outputs before `from` although what made them has changed. */
  readonly isForced: boolean;
  /** Keys of tasks whose outputs are given by hand. */
  readonly given: ReadonlySet<string>;
}

/** What a replay will do, and what stands in its way. */
export interface ReplayPlan {
  readonly parentRunId: string;
  /** In file order. */
  readonly tasks: readonly ReplayTask[];
  /** In file order; the plan can be carried out only where there are none. */
  readonly refusals: readonly ReplayRefusal[];
}

export interface ReplayTask {
  readonly key: string;
  /** 1-based place in the file. */
  readonly position: number;
  /** `decide`: it was skipped, and its condition is asked again. */
  readonly action: PlannedTask['action'];
  /** Reused: the task that made the output, never one that only links to it. Missing where there is no output. */
  readonly source?: TaskSource;
  /** Its key in the parent run, where that was another one. */
  readonly renamedFrom?: string;
  /** Why it runs; or, reused, why its output is stale or missing. */
  readonly reasons: readonly string[];
}

export interface ReplayRefusal {
  readonly key: string;
  readonly reasons: readonly string[];
  /** `edited`: only what makes it has changed; `outdated`: what it was made from too, or nothing is known. Both can be forced. */
  readonly kind: 'edited' | 'outdated' | 'new' | 'unfinished';
}

/**
 * What a replay reuses, what it runs again and why. Tasks are matched by key; one whose key is new, but which is otherwise
 * the same as one whose key is gone, was renamed.
 */
export function planReplay(request: ReplayRequest): ReplayPlan {
  const { definition, parentRunId } = request;
  const outputs = createRecordedOutputs(request);
  const actions = new Map<string, PlannedTask>();
  const renames = new Map<string, string>();
  const upstreamOf = (task: TaskDefinition, origin: TaskRecord): Upstream =>
    compareUpstream(task, origin, {
      definition,
      outputs,
      planned: { tasks: actions, renames },
      fingerprint: request.fingerprints.get(task.key) ?? {},
    });
  const isSame = (task: TaskDefinition, origin: TaskRecord): boolean =>
    diffFingerprints(origin.fingerprint, upstreamOf(task, origin).fingerprint).length === 0;
  const findRenamed = createRenameFinder(request, { originOf: outputs.originOf, isSame });
  const start = definition.tasks.find(({ key }) => key === request.from);
  const tasks = new Map<string, ReplayTask>();
  const refusals = new Map<string, ReplayRefusal>();

  for (const task of inPlanningOrder(definition, (key) => outputs.rowOf(parentRunId, key))) {
    const { key, position } = task;
    const row = outputs.rowOf(parentRunId, key) ?? findRenamed(task);
    if (row && row.key !== key) renames.set(key, row.key);
    const origin = row && hasOutput(row) ? outputs.originOf(row) : undefined;
    const decision =
      decideUnseen(request, task, start) ??
      (row?.status === 'skipped'
        ? decideSkipped(request, task, { row, upstream: upstreamOf(task, row) })
        : undefined) ??
      (origin ? decideByOrigin(request, origin, upstreamOf(task, origin)) : decideMissing(request, row));
    const { action, reasons, refusal } = decision;
    const reused = action === 'reuse' ? origin : undefined;
    actions.set(key, { action, origin: reused });
    tasks.set(key, {
      key,
      position,
      action,
      ...(reused && { source: { runId: reused.runId, taskKey: reused.key } }),
      ...(row && row.key !== key && { renamedFrom: row.key }),
      reasons,
    });
    if (refusal) refusals.set(key, { key, reasons, kind: refusal });
  }
  const inFileOrder = <Entry>(entries: ReadonlyMap<string, Entry>): Entry[] =>
    definition.tasks.flatMap(({ key }) => entries.get(key) ?? []);
  return { parentRunId, tasks: inFileOrder(tasks), refusals: inFileOrder(refusals) };
}

interface Decision {
  readonly action: ReplayTask['action'];
  readonly reasons: readonly string[];
  readonly refusal?: ReplayRefusal['kind'];
}

/** Where what is stored does not matter. */
function decideUnseen(
  { isAuto, given }: ReplayRequest,
  { key, position }: TaskDefinition,
  start: TaskDefinition | undefined,
): Decision | undefined {
  if (given.has(key)) return { action: 'set', reasons: [] };
  if (key === start?.key) return { action: 'run', reasons: ['chosen'] };
  if (start && !isAuto && position > start.position) return { action: 'run', reasons: [`follows ${start.key}`] };
  return undefined;
}

/** A task that was skipped is so again, unless what decided that may do so otherwise now. */
function decideSkipped(
  { fingerprints }: ReplayRequest,
  { key, when }: TaskDefinition,
  { row, upstream }: { readonly row: TaskRecord; readonly upstream: Upstream },
): Decision {
  const now = fingerprints.get(key) ?? {};
  const inputs = when?.kind === 'expression' ? when.inputs.map((name) => `input ${name}`) : [];
  const changed = ['condition', 'on_skipped', ...inputs].filter((part) => row.fingerprint[part] !== now[part]);
  const reasons = [...changed.map((part) => `${part} changed`), ...upstream.changes, ...upstream.repeats];
  if (reasons.length > 0) return { action: 'run', reasons };
  return { action: 'decide', reasons: row.skipReason === null ? [] : [`skipped: ${row.skipReason}`] };
}

function decideMissing({ isAuto }: ReplayRequest, row: TaskRecord | undefined): Decision {
  const reasons = [row ? unfinishedReason(row) : 'new'];
  return isAuto ? { action: 'run', reasons } : { action: 'reuse', reasons, refusal: row ? 'unfinished' : 'new' };
}

function decideByOrigin(
  { isAuto, isForced }: ReplayRequest,
  origin: TaskRecord,
  { fingerprint, changes, repeats }: Upstream,
): Decision {
  const reasons = [...diffFingerprints(origin.fingerprint, fingerprint), ...changes];
  if (repeats.length > 0 || (isAuto && reasons.length > 0)) return { action: 'run', reasons: [...reasons, ...repeats] };
  if (isForced || reasons.length === 0) return { action: 'reuse', reasons };
  const isKnown = Object.keys(origin.fingerprint).length > 0;
  return { action: 'reuse', reasons, refusal: isKnown && changes.length === 0 ? 'edited' : 'outdated' };
}

function unfinishedReason({ status, error }: TaskRecord): string {
  if (status === 'pending') return 'never begun';
  // A run that is still marked as running is dead, or it would not be replayed.
  const words = status === 'running' ? 'interrupted' : status.replaceAll('_', ' ');
  const why = shorten(error?.message.split('\n', 1)[0] ?? '', ERROR_WIDTH);
  return `never finished: ${words}${why === '' || why === words ? '' : ` (${why})`}`;
}

/** Finds the row of a task whose key is new: the first whose key is gone and that is the same otherwise. */
function createRenameFinder(
  { definition, tasks, fingerprints }: ReplayRequest,
  {
    originOf,
    isSame,
  }: {
    readonly originOf: (row: TaskRecord) => TaskRecord;
    readonly isSame: (task: TaskDefinition, origin: TaskRecord) => boolean;
  },
): (task: TaskDefinition) => TaskRecord | undefined {
  const keys = new Set(definition.tasks.map(({ key }) => key));
  // By description, so that not every task is compared with every other.
  const gone = new Map<string | undefined, TaskRecord[]>();
  for (const row of tasks) {
    if (keys.has(row.key) || !hasOutput(row)) continue;
    const description = originOf(row).fingerprint['description'];
    gone.set(description, [...(gone.get(description) ?? []), row]);
  }
  return (task) => {
    const candidates = gone.get(fingerprints.get(task.key)?.['description']) ?? [];
    const found = candidates.findIndex((row) => isSame(task, originOf(row)));
    return found < 0 ? undefined : candidates.splice(found, 1)[0];
  };
}

/** Whether something changed that no definition holds. */
function isElsewhere({ reasons }: ReplayRefusal): boolean {
  return reasons.some((reason) => /^(?:input|code of tool) /.test(reason));
}

/** The error for a plan with refusals: names each refused task with its reasons, and the ways on. */
export function replayRefusalError(
  { parentRunId, refusals }: ReplayPlan,
  { isAsRecorded = false }: { readonly isAsRecorded?: boolean } = {},
): UsageError {
  const lines = refusals.slice(0, MOST_NAMED).map(({ key, reasons }) => `  ${key}: ${reasons.join('; ')}`);
  if (refusals.length > MOST_NAMED) lines.push(`  and ${refusals.length - MOST_NAMED} more`);
  const what = refusals.length === 1 ? 'an output' : `${refusals.length} outputs`;
  const areAll = (...kinds: readonly ReplayRefusal['kind'][]): boolean =>
    refusals.every(({ kind }) => kinds.includes(kind));
  const ways = [
    `-t ${parentRunId}/${refusals[0]?.key} runs again from there`,
    '--auto runs again what has changed or is missing, and what depends on it',
    ...(areAll('edited', 'outdated') ? ['--force reuses what is stale'] : []),
    ...(areAll('edited', 'new') && !isAsRecorded && !refusals.some(isElsewhere)
      ? ['--as-recorded keeps to the definition of that run']
      : []),
  ];
  return new UsageError(`${what} of run ${parentRunId} cannot be reused:\n${lines.join('\n')}`, {
    hint: ways.join('; '),
  });
}
