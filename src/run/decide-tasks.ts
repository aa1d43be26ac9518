import type { TaskDefinition } from '../definition/types.js';
import type { ConditionStepResponse } from '../journal/step-payloads.js';
import type { TaskResult } from '../result.js';
import { fingerprintOf } from '../util/fingerprint.js';
import { NO_SPEND } from '../util/spend.js';
import type { RunContext } from './run-context.js';

/** Why a task is skipped that has no condition of its own. */
const NOTHING_LEFT = 'all it depends on was skipped';

/** Why a task is skipped, or undefined where it runs; decided once, however often it is asked. */
export type DecideTask = (task: TaskDefinition) => Promise<string | undefined>;

/**
 * Decides about tasks when what they wait for has ended: `results` then has what came of it. Each condition is a step of the
 * run. Rejects with TaskError where a condition fails.
 */
export function createDecisions(run: RunContext, results: ReadonlyMap<string, TaskResult>): DecideTask {
  const decisions = new Map<string, Promise<string | undefined>>();
  return (task) => {
    const decision = decisions.get(task.key) ?? decide(run, task, results);
    decisions.set(task.key, decision);
    return decision;
  };
}

/** The first task that is not to be offered: it will be skipped, or its condition fails. Undefined: all can be chosen. */
export async function findUnchoosable(
  tasks: readonly TaskDefinition[],
  findSkipReason: DecideTask,
): Promise<TaskDefinition | undefined> {
  for (const task of tasks) {
    const isOffered = await findSkipReason(task).then(
      (reason) => reason === undefined,
      () => false,
    );
    if (!isOffered) return task;
  }
  return undefined;
}

async function decide(
  run: RunContext,
  task: TaskDefinition,
  results: ReadonlyMap<string, TaskResult>,
): Promise<string | undefined> {
  if (hasNothingLeft(task, results)) return NOTHING_LEFT;
  const condition = run.conditions.get(task.key);
  if (!condition) return undefined;
  run.signal.throwIfAborted();
  const { text } = condition;
  const step = {
    path: `${task.key}/when`,
    kind: 'condition',
    taskKey: task.key,
    agent: '',
    name: text,
    request: {},
    fingerprint: fingerprintOf({ condition: text }),
    hasEffects: false,
  } as const;
  const { response } = await run.journal.step(step, async () => {
    const { inputs, runId, signal } = run;
    const tasks = Object.fromEntries([...results].map(([key, result]) => [key, asSeen(result)]));
    const before = run.definition.tasks.slice(0, task.position - 1).map(({ key }) => tasks[key]);
    const previous = before.findLast((result) => result !== undefined && result.status !== 'skipped') ?? null;
    const context = { inputs: structuredClone(inputs), tasks, runId, signal };
    const runs = await condition.holds(previous, context);
    const decided: ConditionStepResponse = { runs, reason: runs ? null : `condition not met: ${text}` };
    return { response: decided, isError: false, spend: NO_SPEND };
  });
  return (response as ConditionStepResponse).reason ?? undefined;
}

/** A task that names what it depends on has nothing to work with where all of that was skipped. */
function hasNothingLeft(
  { context, dependsOn, runsIfSkipped }: TaskDefinition,
  results: ReadonlyMap<string, TaskResult>,
): boolean {
  if (runsIfSkipped) return false;
  const needed = [...(context ?? []), ...dependsOn];
  return needed.length > 0 && needed.every((key) => results.get(key)?.status === 'skipped');
}

/** The result as a condition is shown it: where the output was made does not matter, and nothing in it can be changed. */
function asSeen(result: TaskResult): TaskResult {
  const { json_dict, pydantic, status } = result;
  return {
    ...result,
    json_dict: structuredClone(json_dict),
    pydantic: structuredClone(pydantic),
    status: status === 'reused' ? 'completed' : status,
  };
}
