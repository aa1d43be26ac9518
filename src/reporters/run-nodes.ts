import type { DelegationStepRequest } from '../journal/step-payloads.js';
import type { StepRecord, TaskRecord } from '../store/records.js';
import type { RunHistory } from './run-json.js';

/** A task or a step with what happened inside it. */
export interface RunNode {
  readonly record: TaskRecord | StepRecord;
  readonly label: string;
  /** In the order in which they began. */
  readonly children: readonly RunNode[];
}

const DELEGATION_WORDS: Readonly<Record<string, string>> = {
  delegate_work_to_coworker: 'delegates to',
  ask_question_to_coworker: 'asks',
};

/**
 * The tasks of a run in file order, each with its steps; what a coworker did stands inside the delegation whose path its
 * own begins with. Steps of no task come first.
 */
export function toRunNodes({ tasks, steps }: Pick<RunHistory, 'tasks' | 'steps'>): RunNode[] {
  const parents = new Map<string, RunNode[]>(tasks.map(({ key }) => [key, []]));
  const rest: RunNode[] = [];
  for (const step of steps) {
    const children: RunNode[] = [];
    (siblingsOf(step, parents) ?? rest).push({ record: step, label: labelOf(step), children });
    if (step.kind === 'delegation') parents.set(step.path, children);
  }
  const taskNodes = tasks.map((task) => ({
    record: task,
    label: `${task.position} ${task.key}`,
    children: parents.get(task.key) ?? [],
  }));
  return [...rest, ...taskNodes];
}

/** The nodes beside a step: those of the nearest delegation around it, else those of its task. */
function siblingsOf<T>({ path, taskKey }: StepRecord, parents: ReadonlyMap<string, T>): T | undefined {
  for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
    const siblings = parents.get(path.slice(0, end));
    if (siblings) return siblings;
  }
  return parents.get(taskKey);
}

function labelOf({ kind, name, request }: StepRecord): string {
  if (kind !== 'delegation') return `${kind} ${name}`;
  const { coworker } = request as DelegationStepRequest;
  return `${DELEGATION_WORDS[name] ?? name} ${coworker}`;
}
