import type { LanguageModelV3FunctionTool } from '@ai-sdk/provider';
import { messageOf, StoreError } from '../errors.js';
import type { ToolStepRequest } from '../journal/step-payloads.js';
import { textOfResult } from '../tools/tool-cache.js';
import type { Tool, ToolEffects } from '../tools/tool.js';
import { fingerprintOf } from '../util/fingerprint.js';
import type { JsonObject, JsonValue } from '../util/json.js';
import { orAbort } from '../util/or-abort.js';
import { NO_SPEND } from '../util/spend.js';
import type { RunContext, WorkPlace } from './run-context.js';
import { runTextStep, type TextOutcome } from './text-step.js';

/** One call as the model made it. */
export interface ToolCall {
  readonly id: string;
  readonly name: string;
  /** As the model wrote them: JSON text, if all is well. */
  readonly input: string;
}

/** What the model is told of its call, and the step that holds it. */
export interface ToolCallResult extends TextOutcome {
  readonly step: string;
}

/** Something that an agent loop can offer to its model and carry out: a tool or a delegation. */
export interface LoopTool {
  readonly offer: LanguageModelV3FunctionTool;
  /** As `Tool.isAnswer`. */
  readonly isAnswer?: boolean | undefined;
  /** Never rejects for what the model can mend; that comes back as an error result. `run` is the one that the loop works in. */
  call(run: RunContext, call: ToolCall, agentRole: string): Promise<ToolCallResult>;
}

/**
 * Makes a tool callable by an agent loop at that place; each call is a step, before which somebody may have to agree to it.
 * `usesCache`: the result of an earlier equal call may be its result.
 */
export function createLoopTool(place: WorkPlace, tool: Tool, { usesCache }: { readonly usesCache: boolean }): LoopTool {
  return {
    offer: functionTool(tool.name, tool.description, tool.parameters),
    isAnswer: tool.isAnswer,
    async call(run, call, agentRole) {
      const parse = () => tool.parseArguments(argumentsOf(call.input));
      // A call that nothing can keep from being made begins at once, so that calls begin in their order.
      const known = run.toolGate.minds(tool) ? await parse() : undefined;
      const reason = known?.ok ? await findRefusal(run, place, known.value, { tool, call, agentRole }) : undefined;
      if (reason !== undefined) return refuseCall(run, place, call, { agentRole, reason });
      return toolStep(run, place, call, { agentRole, effects: tool.effects }, async (at) => {
        const parsed = known ?? (await parse());
        if (!parsed.ok) return refusal(run.prompts.say('bad_arguments', { reason: parsed.reason }));
        run.signal.throwIfAborted();
        try {
          const context = {
            signal: run.signal,
            runId: run.runId,
            taskKey: place.taskKey,
            stepPath: at.path,
            workingDirectory: run.workingDirectory,
            log: (message: string) => run.emit({ type: 'tool-log', ...at, message }),
          };
          const execute = () => orAbort(tool.execute(parsed.value, context), run.signal);
          const cacheable = { tool, arguments: parsed.value, runId: run.runId, path: at.path, signal: run.signal };
          const cached = (tool.usesCache ?? usesCache) ? await run.toolCache?.through(cacheable, execute) : undefined;
          return { ...(cached ?? { text: textOfResult(await execute()) }), isError: false };
        } catch (error) {
          run.signal.throwIfAborted();
          if (error instanceof StoreError) throw error;
          return { text: run.prompts.say('tool_failed', { reason: messageOf(error) }), isError: true };
        }
      });
    },
  };
}

/** Why the run's gate does not let a call of a tool with these arguments through; undefined where it does. */
export function findRefusal(
  run: RunContext,
  place: WorkPlace,
  args: JsonObject,
  called: { readonly tool: Tool; readonly call: ToolCall; readonly agentRole: string },
): Promise<string | undefined> {
  return run.toolGate.findRefusal(run, place, { ...called, args, path: toolPath(place, called.call) });
}

/** Answers a call that is not carried out; a step like any other, so that history shows it. */
export function refuseCall(
  run: RunContext,
  place: WorkPlace,
  call: ToolCall,
  { agentRole, reason }: { readonly agentRole: string; readonly reason: string },
): Promise<ToolCallResult> {
  return toolStep(run, place, call, { agentRole, effects: 'none' }, async () => refusal(reason));
}

function refusal(text: string): Omit<TextOutcome, 'spend'> {
  return { text, isError: true, isRefused: true };
}

function toolPath(place: WorkPlace, call: ToolCall): string {
  return `${place.path}/tool/${call.id}`;
}

interface ToolStepPlace {
  readonly taskKey: string;
  readonly path: string;
  readonly agent: string;
  readonly tool: string;
}

async function toolStep(
  run: RunContext,
  place: WorkPlace,
  call: ToolCall,
  { agentRole, effects }: { readonly agentRole: string; readonly effects: ToolEffects },
  execute: (at: ToolStepPlace) => Promise<Omit<TextOutcome, 'spend'>>,
): Promise<ToolCallResult> {
  run.signal.throwIfAborted();
  const path = toolPath(place, call);
  const at = { taskKey: place.taskKey, path, agent: agentRole, tool: call.name };
  const request: ToolStepRequest = { arguments: argumentsOf(call.input) };
  const step = {
    path,
    kind: 'tool',
    taskKey: place.taskKey,
    agent: agentRole,
    name: call.name,
    request,
    fingerprint: fingerprintOf({ tool: call.name, arguments: request.arguments }),
    hasEffects: effects !== 'none',
  } as const;
  const outcome = await runTextStep(run, step, {
    execute: async () => ({ ...(await execute(at)), spend: NO_SPEND }),
    onStart: () => run.emit({ type: 'tool-call-start', ...at, arguments: request.arguments as JsonValue }),
    onEnd: ({ spend: _, ...end }) => run.emit({ type: 'tool-call-end', ...at, ...end }),
  });
  return { ...outcome, step: path };
}

/** A tool as the AI SDK offers it to a model. */
export function functionTool(name: string, description: string, parameters: JsonObject): LanguageModelV3FunctionTool {
  return { type: 'function', name, description, inputSchema: parameters };
}

/** The arguments as JSON, or the text as it is where it is none. An empty text counts as no arguments. */
export function argumentsOf(input: string): unknown {
  if (input.trim() === '') return {};
  try {
    return JSON.parse(input);
  } catch {
    return input;
  }
}
