import type { HumanStepResponse } from '../journal/human-question.js';
import type { DelegationStepRequest, HumanStepRequest } from '../journal/step-payloads.js';
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
 * The tasks of a run in file order, each with its steps; what happened inside a step (a delegation, a guardrail that a model
 * judges), or after it (a callback), stands below the step whose path its own begins with. Steps of no task come
 * first, but what was called after all tasks.
 */
export function toRunNodes({ tasks, steps }: Pick<RunHistory, 'tasks' | 'steps'>): RunNode[] {
  const parents = new Map<string, RunNode[]>(tasks.map(({ key }) => [key, []]));
  const rest: RunNode[] = [];
  for (const step of steps) {
    const children: RunNode[] = [];
    (siblingsOf(step, parents) ?? rest).push({ record: step, label: labelOf(step), children });
    parents.set(step.path, children);
  }
  const taskNodes = tasks.map((task) => ({
    record: task,
    label: `${task.position} ${task.key}`,
    children: parents.get(task.key) ?? [],
  }));
  // Only callbacks are called for the run as a whole when its tasks are done.
  const isLast = ({ record }: RunNode): boolean => 'kind' in record && record.kind === 'callback';
  return [...rest.filter((node) => !isLast(node)), ...taskNodes, ...rest.filter(isLast)];
}

/** The nodes beside a step: those of the nearest step around it, else those of its task. */
function siblingsOf<T>({ path, taskKey }: StepRecord, parents: ReadonlyMap<string, T>): T | undefined {
  for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
    const siblings = parents.get(path.slice(0, end));
    if (siblings) return siblings;
  }
  return parents.get(taskKey);
}

/** Path of a call that sums up a part of a conversation, or another task's output. */
const SUMMARY = /\/(?:summary\/\d+|context\/([^/]+))(?:\/\d+)?\/llm\/1$/;

/** Path of a call by which an agent plans its work. */
const REASONING = /\/reasoning\/llm\/\d+$/;

/** What a person said to a call. */
const LEAVE_WORDS: Readonly<Partial<Record<HumanStepResponse['decision'], string>>> = {
  approve: 'given',
  always: 'given for the run',
  deny: 'denied',
};

function labelOf({ kind, name, request, response, path }: StepRecord): string {
  const summary = kind === 'model' ? SUMMARY.exec(path) : null;
  if (summary) return `model ${name} sums up ${summary[1] ?? 'the conversation'}`;
  if (kind === 'model' && REASONING.test(path)) return `model ${name} thinks it over`;
  if (kind === 'callback') return name;
  if (kind === 'human' && (request as HumanStepRequest).kind === 'permission') {
    const said = response && LEAVE_WORDS[(response as HumanStepResponse).decision];
    return `permission for ${name}${said ? ` ${said}` : ''}`;
  }
  if (kind !== 'delegation') return `${kind} ${name}`;
  const { coworker } = request as DelegationStepRequest;
  return `${DELEGATION_WORDS[name] ?? name} ${coworker}`;
}
