import type { CrewDefinition, TaskDefinition } from '../definition/types.js';
import type { TaskFingerprint, TaskRecord } from '../store/records.js';
import { listPart } from './fingerprint-part.js';
import { hasOutput, type RecordedOutputs } from './recorded-outputs.js';

/** Tasks that a reason names one by one. */
const MOST_NAMED = 3;

/** What a replay does with a task. */
export interface PlannedTask {
  /** `decide`: it was skipped, and will be again unless its condition says otherwise now. */
  readonly action: 'reuse' | 'run' | 'set' | 'decide';
  /** The row whose output is reused. */
  readonly origin: TaskRecord | undefined;
}

/** What was planned so far: what a task depends on comes before it. */
export interface PlannedTasks {
  readonly tasks: ReadonlyMap<string, PlannedTask>;
  /** Keys in the parent run of tasks that were renamed since, by key. */
  readonly renames: ReadonlyMap<string, string>;
}

/** How what a task depends on stands to what it was when its output was made. */
export interface Upstream {
  /** Why its output is no longer what these inputs give: reasons for a person. */
  readonly changes: readonly string[];
  /** The same for what runs again, so that the task has to. */
  readonly repeats: readonly string[];
  /** The task's fingerprint with its context under the names of that time, so that renaming a task changes nothing in others. */
  readonly fingerprint: TaskFingerprint;
}

/** Compares what a task would be given now with what it was given when `origin` was made. */
export function compareUpstream(
  task: TaskDefinition,
  origin: TaskRecord,
  {
    definition,
    outputs,
    planned,
    fingerprint,
  }: {
    readonly definition: Pick<CrewDefinition, 'tasks' | 'taskOrder'>;
    readonly outputs: RecordedOutputs;
    readonly planned: PlannedTasks;
    /** Of the task as it is now. */
    readonly fingerprint: TaskFingerprint;
  },
): Upstream {
  if (isSetByHand(origin)) return { changes: [], repeats: [], fingerprint };
  const changed: string[] = [];
  const given: string[] = [];
  const repeated = new Set(task.dependsOn.filter((key) => planned.tasks.get(key)?.action === 'run'));
  const namesThen: string[] = [];
  let isRenamed = false;
  const isOpen = task.context === undefined && definition.taskOrder === 'manager';

  const read = readKeys(definition, task);
  const isRead = new Set(task.when ? read : []);
  const lookedAt = keysOfCondition(definition, task).filter((key) => !isRead.has(key));
  for (const [index, key] of [...read, ...lookedAt].entries()) {
    const upstream = planned.tasks.get(key);
    const sameName = upstream?.origin && outputs.nameIn(origin.runId, upstream.origin);
    const name = sameName ?? planned.renames.get(key) ?? key;
    const then = outputs.rowOf(origin.runId, name);
    if (isOpen && !(then && wasFinishedBefore(then, origin))) continue;
    if (index < read.length) {
      namesThen.push(name);
      isRenamed ||= name !== key;
    }
    if (upstream?.action === 'run') repeated.add(key);
    else if (upstream?.action === 'set') given.push(key);
    else if (upstream?.action === 'decide' && then && hasOutput(then)) changed.push(key);
    else if (upstream?.origin && sameName === undefined && then && isOther(then, upstream.origin)) {
      (isSetByHand(upstream.origin) ? given : changed).push(key);
    }
  }
  const [context] = isRenamed && !isOpen ? listPart('context', namesThen) : [];
  return {
    changes: [...reason(changed, ['changed', 'changed']), ...reason(given, ['was set by hand', 'were set by hand'])],
    repeats: reason([...repeated], ['runs again', 'run again']),
    fingerprint: context ? { ...fingerprint, context: context[1] } : fingerprint,
  };
}

/**
 * The tasks so that each comes after what it depends on: file order, but where the manager chose the order that in which
 * `rowOf` says they began.
 */
export function inPlanningOrder(
  { tasks, taskOrder }: Pick<CrewDefinition, 'tasks' | 'taskOrder'>,
  rowOf: (key: string) => TaskRecord | undefined,
): readonly TaskDefinition[] {
  if (taskOrder === 'file') return tasks;
  const beganAt = (task: TaskDefinition): number => {
    const row = rowOf(task.key);
    return row?.status === 'reused' ? 0 : (row?.startedAt ?? row?.endedAt ?? Number.MAX_SAFE_INTEGER);
  };
  const byKey = new Map(tasks.map((task) => [task.key, task]));
  const ordered = new Set<TaskDefinition>();
  const visiting = new Set<TaskDefinition>();
  const visit = (task: TaskDefinition): void => {
    if (visiting.has(task)) return;
    visiting.add(task);
    for (const key of [...(task.context ?? []), ...task.dependsOn, ...keysOfCondition({ tasks }, task)]) {
      const needed = byKey.get(key);
      if (needed) visit(needed);
    }
    ordered.add(task);
  };
  for (const task of tasks.toSorted((a, b) => beganAt(a) - beganAt(b))) visit(task);
  return [...ordered];
}

/** Keys of the tasks whose outputs a task is given; where the manager chooses the order and none is named, it may be any. */
function readKeys(
  { tasks, taskOrder }: Pick<CrewDefinition, 'tasks' | 'taskOrder'>,
  { key, context, position }: TaskDefinition,
): readonly string[] {
  if (context) return context;
  const others = taskOrder === 'manager' ? tasks.filter((other) => other.key !== key) : tasks.slice(0, position - 1);
  return others.map((other) => other.key);
}

/** Keys of the tasks that decide whether a task runs. */
function keysOfCondition(
  { tasks }: Pick<CrewDefinition, 'tasks'>,
  { when, position }: TaskDefinition,
): readonly string[] {
  if (!when) return [];
  return when.kind === 'expression' ? when.tasks : tasks.slice(0, position - 1).map(({ key }) => key);
}

function isSetByHand({ status, source }: TaskRecord): boolean {
  return status === 'reused' && source === null;
}

/** The same text is the same output, whoever made it. */
function isOther(then: TaskRecord, now: TaskRecord): boolean {
  return !hasOutput(then) || then.raw !== now.raw;
}

function wasFinishedBefore({ status, endedAt }: TaskRecord, { startedAt }: TaskRecord): boolean {
  return status === 'reused' || (endedAt !== null && startedAt !== null && endedAt <= startedAt);
}

function reason(keys: readonly string[], [one, several]: readonly [one: string, several: string]): string[] {
  if (keys.length === 0) return [];
  const more = keys.length > MOST_NAMED ? ` and ${keys.length - MOST_NAMED} more` : '';
  return [`upstream ${keys.slice(0, MOST_NAMED).join(', ')}${more} ${keys.length === 1 ? one : several}`];
}
