import { performerOf, teamOf } from '../definition/crew-agents.js';
import type { AgentDefinition, TaskDefinition } from '../definition/types.js';
import { InterruptedError, NeedsInputError, toErrorResult } from '../errors.js';
import type { TaskResult } from '../result.js';
import type { TaskChange, TaskRecord } from '../store/records.js';
import { addSpend, NO_SPEND } from '../util/spend.js';
import { toTaskResult } from '../store/to-result.js';
import { type AgentAnswer, type AgentWork, runAgentLoop } from './agent-loop.js';
import { attachFiles } from './attached-files.js';
import { formContext } from './context-entries.js';
import { createAgentTools, createDelegationTools, readsOutside } from './delegation.js';
import { withDeadline } from '../limits/deadline.js';
import { executionTimeError } from '../limits/limit-errors.js';
import type { LoopTool } from './loop-tool.js';
import { writeOutputFiles } from './output-files.js';
import type { ContextEntry } from './prompts.js';
import { createTaskReview } from './review.js';
import type { RunContext, WorkPlace } from './run-context.js';

/** Runs one task to its accepted output: rows, answer, output file, events. Gives back what came of it. */
export async function executeTask(
  run: RunContext,
  task: TaskDefinition,
  context: readonly ContextEntry[],
): Promise<TaskResult> {
  const agent = performerOf(run.definition, task);
  const begun = { status: 'running', agent: agent.role, startedAt: run.now(), error: null } as const;
  run.background.add(run.store.updateTask(run.runId, task.key, begun));
  run.emit({ type: 'task-start', taskKey: task.key, position: task.position, agent: agent.role });
  let accepted: TaskChange = {};
  try {
    const answer = await answerTask(run, task, agent, context);
    accepted = { raw: answer.text, json: answer.value, outputFormat: outputFormatOf(task), spend: answer.spend };
    const { outputFile, moreFiles } = await writeOutputFiles(run, task, answer);
    return endTask(run, task, { ...begun, ...accepted, status: 'completed', outputFile }, moreFiles);
  } catch (error) {
    const status = statusOf(error);
    const spend = run.store.sumSpend(run.runId, task.key);
    endTask(run, task, { ...begun, spend, ...accepted, status, error: toErrorResult(error) });
    throw error;
  }
}

/** Records that a task failed before its agent began, and tells of it. */
export function failTask(run: RunContext, task: TaskDefinition, error: unknown): void {
  const agent = performerOf(run.definition, task).role;
  run.emit({ type: 'task-start', taskKey: task.key, position: task.position, agent });
  endTask(run, task, { agent, startedAt: run.now(), status: statusOf(error), error: toErrorResult(error) });
}

/** Records that a task is left out, and tells of it; gives back what came of it. */
export function skipTask(run: RunContext, task: TaskDefinition, skipReason: string): TaskResult {
  const change = { status: 'skipped', skipReason, startedAt: null, endedAt: run.now(), error: null } as const;
  run.background.add(run.store.updateTask(run.runId, task.key, change));
  run.emit({ type: 'task-skip', taskKey: task.key, position: task.position, reason: skipReason });
  return toTaskResult(recordOf(run, task, change));
}

/** What becomes of a task, or a run, that ends with an error. */
export function statusOf(error: unknown): 'needs_input' | 'interrupted' | 'failed' {
  if (error instanceof NeedsInputError) return 'needs_input';
  return error instanceof InterruptedError ? 'interrupted' : 'failed';
}

/** The answer of the task's agent, in the time that the task has. */
async function answerTask(
  run: RunContext,
  task: TaskDefinition,
  agent: AgentDefinition,
  context: readonly ContextEntry[],
): Promise<AgentAnswer> {
  const place = { path: task.key, taskKey: task.key };
  const ms = task.maxExecutionTimeMs;
  const deadline = withDeadline(run.signal, ms, () =>
    executionTimeError({ runId: run.runId, what: 'the task', ms: ms ?? 0, field: `tasks.${task.key}` }),
  );
  const within = { ...run, signal: deadline.signal };
  try {
    const formed = await formContext(within, { task, agent }, context);
    const answer = await runAgentLoop(within, place, workOf(within, task, agent, formed.context, place));
    return { ...answer, spend: addSpend(answer.spend, formed.spend) };
  } finally {
    deadline.release();
  }
}

/** Writes the task's last row and tells of it. The answer itself is on disk already, in its step. */
function endTask(
  run: RunContext,
  task: TaskDefinition,
  end: TaskChange & Pick<TaskRecord, 'status'>,
  moreFiles: readonly string[] = [],
): TaskResult {
  const change = { ...end, endedAt: run.now() };
  run.background.add(run.store.updateTask(run.runId, task.key, change));
  const record = recordOf(run, task, change);
  const { outputFile } = record;
  const result = toTaskResult(record);
  run.emit({ type: 'task-end', taskKey: task.key, result, outputFile, ...(moreFiles.length > 0 && { moreFiles }) });
  return result;
}

/** The task's row as it is after this change. */
function recordOf(run: RunContext, task: TaskDefinition, change: TaskChange & Pick<TaskRecord, 'status'>) {
  const { key, position, description, expectedOutput } = task;
  return { ...NEW_TASK, runId: run.runId, key, position, description, expectedOutput, endedAt: null, ...change };
}

const NEW_TASK = {
  agent: null,
  raw: null,
  json: null,
  outputFormat: 'raw',
  outputFile: null,
  error: null,
  spend: NO_SPEND,
  startedAt: null,
  fingerprint: {},
  source: null,
  skipReason: null,
} as const;

/** Which field of a result holds the task's value. */
export function outputFormatOf({ output }: TaskDefinition): 'raw' | 'json' | 'pydantic' {
  if (!output) return 'raw';
  return output.field === 'output_json' ? 'json' : 'pydantic';
}

function workOf(
  run: RunContext,
  task: TaskDefinition,
  agent: AgentDefinition,
  context: readonly ContextEntry[],
  place: WorkPlace,
): AgentWork {
  const { manager, agents } = run.definition;
  const team = teamOf(run.definition, task);
  const tools = toolsOf(run, task, agent, place, team);
  const { files, unseen: unseenFiles } = attachFiles(agent, run.inputFiles.get(task.key) ?? [], team);
  const schema = run.outputSchemas.get(task.key);
  const suggested = manager && agents.find(({ key }) => key === task.agent)?.role;
  return {
    agent,
    system: run.prompts.system(agent, {
      isManager: manager !== undefined,
      readsOutside: readsOutside(run, agent, manager ? [] : (run.taskTools.get(task.key) ?? [])),
    }),
    prompt: run.prompts.task({
      task,
      context,
      suggestedCoworker: suggested,
      schema: tools.length > 0 ? schema?.schema : undefined,
      plan: run.plan?.[task.key],
      date: run.today?.textFor(agent),
      unseenFiles,
    }),
    files,
    tools,
    review: createTaskReview(run, place, { agent, task, schema }),
  };
}

function toolsOf(
  run: RunContext,
  task: TaskDefinition,
  agent: AgentDefinition,
  place: WorkPlace,
  team: readonly AgentDefinition[],
): LoopTool[] {
  const { manager } = run.definition;
  const taskTools = run.taskTools.get(task.key) ?? [];
  const options = { team, taskTools, files: run.inputFiles.get(task.key) ?? [], depth: 0 };
  if (!manager) return createAgentTools(run, place, agent, options);
  // The task's tools are for whoever gets the work; the manager has its own, and always delegates.
  return createAgentTools(run, place, { ...manager, allowDelegation: false }, { ...options, taskTools: [] }).concat(
    createDelegationTools(run, place, manager, options),
  );
}
