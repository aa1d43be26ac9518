import { existsSync } from 'node:fs';
import type { AgentDefinition, CrewDefinition, TaskDefinition } from '../definition/types.js';
import { InterruptedError, TaskError, toErrorResult, UsageError } from '../errors.js';
import type { TaskChange, TaskRecord } from '../store/records.js';
import { writeFileAtomic } from '../util/atomic-write.js';
import { resolveOutputFile } from '../util/output-path.js';
import { NO_SPEND } from '../util/spend.js';
import { outputText } from '../result.js';
import { toTaskResult } from '../store/to-result.js';
import { type AgentAnswer, type AgentWork, runAgentLoop } from './agent-loop.js';
import { createAgentTools, createDelegationTools } from './delegation.js';
import { withDeadline } from '../limits/deadline.js';
import { executionTimeError } from '../limits/limit-errors.js';
import type { LoopTool } from './loop-tool.js';
import { type ContextEntry, systemPrompt, taskPrompt } from './prompts.js';
import type { RunContext, WorkPlace } from './run-context.js';

/** Runs one task to its accepted output: rows, answer, output file, events. Gives back the output's text. */
export async function executeTask(
  run: RunContext,
  task: TaskDefinition,
  context: readonly ContextEntry[],
): Promise<string> {
  const agent = performerOf(run.definition, task);
  const begun = { status: 'running', agent: agent.role, startedAt: run.now(), error: null } as const;
  run.background.add(run.store.updateTask(run.runId, task.key, begun));
  run.emit({ type: 'task-start', taskKey: task.key, position: task.position, agent: agent.role });
  let accepted: TaskChange = {};
  try {
    const answer = await answerTask(run, task, agent, context);
    accepted = { raw: answer.text, json: answer.value, outputFormat: outputFormatOf(task), spend: answer.spend };
    const outputFile = await writeOutputFile(run, task, answer);
    endTask(run, task, { ...begun, ...accepted, status: 'completed', outputFile });
    return answer.text;
  } catch (error) {
    const status = error instanceof InterruptedError ? 'interrupted' : 'failed';
    const spend = run.store.sumSpend(run.runId, task.key);
    endTask(run, task, { ...begun, spend, ...accepted, status, error: toErrorResult(error) });
    throw error;
  }
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
    return await runAgentLoop(within, place, workOf(within, task, agent, context, place));
  } finally {
    deadline.release();
  }
}

/** Writes the task's last row and tells of it. The answer itself is on disk already, in its step. */
function endTask(run: RunContext, task: TaskDefinition, end: TaskChange & Pick<TaskRecord, 'status'>): void {
  const change = { ...end, endedAt: run.now() };
  run.background.add(run.store.updateTask(run.runId, task.key, change));
  const { key: taskKey, position, description, expectedOutput } = task;
  const record = { ...NEW_TASK, runId: run.runId, key: taskKey, position, description, expectedOutput, ...change };
  run.emit({ type: 'task-end', taskKey, result: toTaskResult(record), outputFile: record.outputFile });
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
} as const;

/** Which field of a result holds the task's value. */
export function outputFormatOf({ output }: TaskDefinition): 'raw' | 'json' | 'pydantic' {
  if (!output) return 'raw';
  return output.field === 'output_json' ? 'json' : 'pydantic';
}

/** Hierarchical: the manager runs every task. Sequential: the task's own agent, or the only one. */
export function performerOf({ manager, agents }: CrewDefinition, task: TaskDefinition): AgentDefinition {
  return manager ?? ((agents.find(({ key }) => key === task.agent) ?? agents[0]) as AgentDefinition);
}

function workOf(
  run: RunContext,
  task: TaskDefinition,
  agent: AgentDefinition,
  context: readonly ContextEntry[],
  place: WorkPlace,
): AgentWork {
  const { manager, agents } = run.definition;
  const tools = toolsOf(run, task, agent, place);
  const schema = run.outputSchemas.get(task.key);
  const suggested = manager && agents.find(({ key }) => key === task.agent)?.role;
  return {
    agent,
    system: systemPrompt(agent, { isManager: manager !== undefined }),
    prompt: taskPrompt({
      task,
      context,
      suggestedCoworker: suggested,
      schema: tools.length > 0 ? schema?.schema : undefined,
    }),
    tools,
    ...(schema && { output: { schema, mostRetries: task.guardrailMaxRetries } }),
  };
}

function toolsOf(run: RunContext, task: TaskDefinition, agent: AgentDefinition, place: WorkPlace): LoopTool[] {
  const { manager, agents } = run.definition;
  const team = task.coworkers ? agents.filter(({ key }) => task.coworkers?.includes(key)) : agents;
  const taskTools = run.taskTools.get(task.key) ?? [];
  const options = { team, taskTools, depth: 0 };
  if (!manager) return createAgentTools(run, place, agent, options);
  // The task's tools are for whoever gets the work; the manager has its own, and always delegates.
  return createAgentTools(run, place, { ...manager, allowDelegation: false }, { ...options, taskTools: [] }).concat(
    createDelegationTools(run, place, manager, options),
  );
}

/** Writes an accepted output where the task wants it; gives back the absolute path, or null. */
async function writeOutputFile(
  run: RunContext,
  task: TaskDefinition,
  { text, value }: Pick<AgentAnswer, 'text' | 'value'>,
): Promise<string | null> {
  const path = await outputPathOf(run, task);
  if (path === null) return null;
  await writeFileAtomic(path, `${outputText({ raw: text, json_dict: value, pydantic: null })}\n`, {
    createDirectory: true,
  });
  return path;
}

/**
 * Writes the output files of tasks that do not run: of one whose output was given by hand always, of one that is reused
 * where the file is not there, as in a fresh checkout.
 */
export async function writeReusedFiles(run: RunContext, reused: readonly TaskRecord[]): Promise<void> {
  for (const { key, raw, json, source } of reused) {
    const task = run.definition.tasks.find((candidate) => candidate.key === key);
    const path = task ? await outputPathOf(run, task) : null;
    if (!task || path === null || (source !== null && existsSync(path))) continue;
    const outputFile = await writeOutputFile(run, task, { text: raw ?? '', value: json });
    run.background.add(run.store.updateTask(run.runId, key, { outputFile }));
  }
}

function outputPathOf(run: RunContext, { outputFile }: TaskDefinition): Promise<string | null> {
  if (outputFile === undefined) return Promise.resolve(null);
  return resolveOutputFile(outputFile, run).catch((error: unknown) => {
    // It was sound before the run; what was called since is no bad usage.
    if (!(error instanceof UsageError)) throw error;
    throw new TaskError(error.message, { hint: error.hint, cause: error });
  });
}
