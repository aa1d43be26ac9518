import type { AgentDefinition } from '../definition/types.js';
import { TaskError } from '../errors.js';
import type { DelegationStepRequest } from '../journal/step-payloads.js';
import type { Tool } from '../tools/tool.js';
import { fingerprintOf } from '../util/fingerprint.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../util/json.js';
import { NO_SPEND } from '../util/spend.js';
import { type AgentWork, runAgentLoop } from './agent-loop.js';
import { AbortedError } from './ask-human.js';
import { CallbackError } from './callbacks.js';
import { createAskHumanTool } from './ask-human-tool.js';
import { GuardrailError } from './check-guardrails.js';
import { attachFiles } from './attached-files.js';
import { findCoworker } from './coworkers.js';
import type { InputFile } from './input-files.js';
import {
  argumentsOf,
  createLoopTool,
  functionTool,
  type LoopTool,
  type ToolCall,
  type ToolCallResult,
} from './loop-tool.js';
import { createAgentReview } from './review.js';
import type { RunContext, WorkPlace } from './run-context.js';
import { runTextStep, type TextOutcome } from './text-step.js';

/** Work that was handed on this many times is not handed on again. */
const MOST_HANDOVERS = 5;

/** Names of the tools that delegate: for work, and for a question. */
export const DELEGATION_TOOLS = ['delegate_work_to_coworker', 'ask_question_to_coworker'] as const;

export interface DelegationOptions {
  /** Everyone who may get work from anyone in this task; nobody asks themselves. */
  readonly team: readonly AgentDefinition[];
  /** The task's own tools: they go to whoever gets the work. */
  readonly taskTools: readonly Tool[];
  /** The task's files: as far as their models take them, everybody gets them. */
  readonly files: readonly InputFile[];
  /** How many times the work was handed on already. */
  readonly depth: number;
}

/** The two tools by which an agent gives work and questions to its coworkers; none where it has no coworkers. */
export function createDelegationTools(
  run: RunContext,
  place: WorkPlace,
  asker: AgentDefinition,
  options: DelegationOptions,
): LoopTool[] {
  const coworkers = options.team.filter(({ key }) => key !== asker.key);
  if (coworkers.length === 0) return [];
  const descriptions = run.prompts.delegation(
    coworkers.map(({ key, role, goal }) => ({ role, goal, toolNames: toolNames(run.agentTools.get(key)) })),
    toolNames(options.taskTools),
    options.files.map(({ name }) => name),
  );
  return [
    createDelegationTool(place, coworkers, options, {
      kind: 'task',
      name: DELEGATION_TOOLS[0],
      description: descriptions.delegate,
    }),
    createDelegationTool(place, coworkers, options, {
      kind: 'question',
      name: DELEGATION_TOOLS[1],
      description: descriptions.ask,
    }),
  ];
}

/** The tools of an agent for one piece of work: its own, the task's, and delegation where it may delegate. */
export function createAgentTools(
  run: RunContext,
  place: WorkPlace,
  agent: AgentDefinition,
  options: DelegationOptions,
): LoopTool[] {
  const own = [...(run.agentTools.get(agent.key) ?? []), ...options.taskTools];
  const byName = new Map(own.map((tool) => [tool.name, tool]));
  return [
    ...[...byName.values()].map((tool) =>
      tool.isQuestion ? createAskHumanTool(place, tool) : createLoopTool(place, tool, { usesCache: agent.cache }),
    ),
    ...(agent.allowDelegation ? createDelegationTools(run, place, agent, options) : []),
  ];
}

/** Whether tools of the agent, or of the task that it works for, give it text from outside. */
export function readsOutside(run: RunContext, { key }: AgentDefinition, taskTools: readonly Tool[]): boolean {
  return [...(run.agentTools.get(key) ?? []), ...taskTools].some(({ isOutside }) => isOutside);
}

function delegationParameters(kind: 'task' | 'question', roles: readonly string[]): JsonObject {
  return {
    type: 'object',
    properties: {
      [kind]: { type: 'string' },
      context: { type: 'string' },
      coworker: { type: 'string', enum: [...roles] },
    },
    required: [kind, 'context', 'coworker'],
    additionalProperties: false,
  };
}

function createDelegationTool(
  place: WorkPlace,
  coworkers: readonly AgentDefinition[],
  options: DelegationOptions,
  tool: { readonly kind: 'task' | 'question'; readonly name: string; readonly description: string },
): LoopTool {
  const { kind, name, description } = tool;
  const roles = coworkers.map(({ role }) => role);
  return {
    offer: functionTool(name, description, delegationParameters(kind, roles)),
    async call(run, call, agentRole) {
      const args = argumentsOf(call.input);
      const fields = isJsonObject(args) ? args : {};
      const coworker = findCoworker(coworkers, fields['coworker']);
      const request: DelegationStepRequest = {
        coworker: coworker?.role ?? asText(fields['coworker']),
        task: asText(fields[kind]),
        context: asText(fields['context']),
      };
      const path = `${place.path}/delegation/${call.id}`;
      const gated = { tool: { name }, needsNoRule: true, args: fields, call, agentRole, path } as const;
      const refusal = await run.toolGate.findRefusal(run, place, gated);
      return delegationStep(run, place, call, { agentRole, request, path }, async (inner) => {
        if (refusal !== undefined) return { ...refused(refusal), isRefused: true };
        if (!isJsonObject(args))
          return refused(run.prompts.say('bad_arguments', { reason: 'they are not a JSON object' }));
        if (request.task === '') return refused(run.prompts.say('bad_arguments', { reason: `${kind} is missing` }));
        if (!coworker) {
          return refused(run.prompts.unknownCoworker(request.coworker, roles));
        }
        if (options.depth >= MOST_HANDOVERS) return refused(run.prompts.say('depth_limit', { count: options.depth }));
        const { files, unseen: unseenFiles } = attachFiles(coworker, options.files, options.team);
        return askCoworker(run, inner, coworker, {
          prompt: run.prompts.delegated({
            kind,
            request: request.task,
            context: request.context,
            date: run.today?.textFor(coworker),
            unseenFiles,
          }),
          files,
          options: { ...options, depth: options.depth + 1 },
        });
      });
    },
  };
}

async function askCoworker(
  run: RunContext,
  place: WorkPlace,
  coworker: AgentDefinition,
  { options, ...given }: Pick<AgentWork, 'prompt' | 'files'> & { readonly options: DelegationOptions },
): Promise<TextOutcome> {
  try {
    const { text, spend } = await runAgentLoop(run, place, {
      agent: coworker,
      system: run.prompts.system(coworker, {
        isManager: false,
        readsOutside: readsOutside(run, coworker, options.taskTools),
      }),
      ...given,
      tools: createAgentTools(run, place, coworker, options),
      review: createAgentReview(run, place, coworker),
    });
    return { text, isError: false, spend };
  } catch (error) {
    const endsRun = [AbortedError, CallbackError, GuardrailError].some((type) => error instanceof type);
    // What it took is paid for all the same.
    if (error instanceof TaskError && !endsRun) {
      return { text: error.message, isError: true, spend: run.store.sumSpend(run.runId, place.path) };
    }
    throw error;
  }
}

async function delegationStep(
  run: RunContext,
  place: WorkPlace,
  call: ToolCall,
  {
    agentRole,
    request,
    path,
  }: { readonly agentRole: string; readonly request: DelegationStepRequest; readonly path: string },
  execute: (inner: WorkPlace) => Promise<TextOutcome>,
): Promise<ToolCallResult> {
  const at = { taskKey: place.taskKey, path, agent: agentRole, coworker: request.coworker };
  const step = {
    path,
    kind: 'delegation',
    taskKey: place.taskKey,
    agent: agentRole,
    name: call.name,
    request,
    fingerprint: fingerprintOf({ tool: call.name, ...request }),
    hasEffects: false,
  } as const;
  const outcome = await runTextStep(run, step, {
    execute: () => execute({ path, taskKey: place.taskKey }),
    onStart: () => run.emit({ type: 'delegation-start', ...at, tool: call.name, request: request.task }),
    onEnd: (end) => run.emit({ type: 'delegation-end', ...at, ...end }),
  });
  return { ...outcome, step: path };
}

function refused(text: string): TextOutcome {
  return { text, isError: true, spend: NO_SPEND };
}

function asText(value: JsonValue | undefined): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value.trim() : JSON.stringify(value);
}

function toolNames(tools: readonly Tool[] | undefined): string[] {
  return (tools ?? []).map(({ name }) => name);
}
