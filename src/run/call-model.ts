import type { LanguageModelV3FunctionTool } from '@ai-sdk/provider';
import type { AgentDefinition, ModelDefinition } from '../definition/types.js';
import { messageOf, ProviderError } from '../errors.js';
import type { ModelStepRequest, ModelStepResponse } from '../journal/step-payloads.js';
import type { ModelAnswer, ModelRequest } from '../models/model.js';
import { fingerprintOf } from '../util/fingerprint.js';
import { NO_SPEND } from '../util/spend.js';
import { createCallTurns } from '../limits/call-turns.js';
import type { CallTeller, DeltaPlace } from './answer-teller.js';
import type { Conversation } from './conversation.js';
import type { RunContext, WorkPlace } from './run-context.js';

export interface ModelCall {
  readonly agent: Pick<AgentDefinition, 'key' | 'role' | 'models' | 'maxRpm'> &
    Partial<Pick<AgentDefinition, 'functionCallingModels' | 'maxTpm'>>;
  readonly conversation: Conversation;
  readonly tools: readonly LanguageModelV3FunctionTool[];
  /** Tools of the call before in this conversation; the same array is not stored again. */
  readonly toolsBefore: readonly LanguageModelV3FunctionTool[] | undefined;
  readonly toolChoice?: 'required';
  readonly responseSchema?: NonNullable<ModelRequest['responseSchema']>;
  /** 1-based number of the call in its conversation. */
  readonly number: number;
  /** What is worth saying before the call, if it is made. */
  readonly notices?: readonly string[];
  /** A request that the provider refuses as too long does not fail the call, but is told, and stored like an answer. */
  readonly tellsTooLong?: boolean;
  /** Told the text of the answer while it comes. */
  readonly openTeller?: ((place: DeltaPlace) => CallTeller) | undefined;
}

/** An answer, and whether it was given in an earlier life of the run. */
export interface CalledAnswer extends ModelAnswer {
  readonly isRemembered?: boolean;
  /** There is none: the provider refused the request as too long, in these words. */
  readonly tooLong?: string;
}

/** Makes one model call as a step of the run, or takes its answer from the journal. */
export async function callModel(run: RunContext, place: WorkPlace, call: ModelCall): Promise<CalledAnswer> {
  run.signal.throwIfAborted();
  const path = `${place.path}/llm/${call.number}`;
  const { agent, conversation, tools, toolChoice, responseSchema } = call;
  const models = modelsOf(call);
  const model = models[0] as ModelDefinition;
  const at = { taskKey: place.taskKey, path, agent: agent.role, model: model.reference };
  const extra = { ...(toolChoice && { toolChoice }), ...(responseSchema && { responseSchema }) };
  const { stored, full, shortened } = conversation.fresh;
  const request: ModelStepRequest = {
    messages: stored,
    ...(shortened && { shortened }),
    ...(tools !== call.toolsBefore && tools.length > 0 && { tools }),
    ...extra,
  };
  const teller = call.openTeller?.({ taskKey: place.taskKey, path, agent: agent.role });
  const startedAt = run.now();
  let isTold = false;
  const tellStart = (): void => {
    if (isTold) return;
    isTold = true;
    for (const message of call.notices ?? []) run.emit({ type: 'warning', message, taskKey: place.taskKey });
    run.emit({ type: 'model-call-start', ...at });
  };
  const modelRequest: ModelRequest = { messages: conversation.messages, tools, ...extra };
  const account = run.limits.openCall(modelRequest, run.signal);
  const turns = createCallTurns(run.rateLimiter, {
    agent,
    request: modelRequest,
    signal: run.signal,
    taskKey: place.taskKey,
  });
  try {
    const outcome = await run.journal.step(
      {
        path,
        kind: 'model',
        taskKey: place.taskKey,
        agent: agent.role,
        name: model.reference,
        request,
        fingerprint: fingerprintOf({ model: modelIdentity(model), messages: full, tools, shortened, ...extra }),
        hasEffects: false,
      },
      async () => {
        tellStart();
        const calling = run.models.call(models, modelRequest, {
          signal: run.signal,
          ...(teller && { listener: teller }),
          onNotice: (message) => run.emit({ type: 'warning', message, taskKey: place.taskKey }),
          admit(admitted, spent) {
            turns.count(spent);
            return account.admit(admitted, spent);
          },
          beforeAttempt: turns.next,
        });
        const answer = await (call.tellsTooLong ? calling.catch(toRefusal) : calling);
        const { spend, model: name, ...response } = answer;
        return { response, spend, isError: false, name };
      },
    );
    const response = outcome.response as ModelStepResponse;
    const answer = { ...toAnswer(response), spend: outcome.spend, model: outcome.name ?? model.reference };
    if (outcome.isRemembered) {
      teller?.onRemembered();
      return { ...answer, isRemembered: true };
    }
    account.settle(answer.spend);
    turns.settle(answer.spend);
    // A cassette answers without a call.
    tellStart();
    teller?.onEnd(textOf(answer));
    run.emit({
      type: 'model-call-end',
      ...at,
      model: answer.model,
      spend: answer.spend,
      durationMs: run.now() - startedAt,
      text: textOf(answer),
      ...(answer.tooLong !== undefined && { error: `the request is too long: ${answer.tooLong}` }),
    });
    return answer;
  } catch (error) {
    const spend = error instanceof ProviderError ? error.spend : undefined;
    account.settle(spend);
    turns.settle(spend);
    if (isTold) {
      run.emit({
        type: 'model-call-end',
        ...at,
        spend: spend ?? NO_SPEND,
        durationMs: run.now() - startedAt,
        text: '',
        error: messageOf(error),
      });
    }
    throw error;
  } finally {
    account.settle();
    turns.settle();
  }
}

/** The models that the call goes to: those for turns that offer tools may be others. */
export function modelsOf({ agent, tools }: Pick<ModelCall, 'agent' | 'tools'>): readonly ModelDefinition[] {
  return (tools.length > 0 ? agent.functionCallingModels : undefined) ?? agent.models;
}

function toRefusal(error: unknown): ModelStepResponse & Pick<ModelAnswer, 'spend' | 'model'> {
  if (!(error instanceof ProviderError) || error.trouble !== 'context-length') throw error;
  const { words = '', spend = NO_SPEND, model } = error;
  return { content: [], finishReason: 'context-length', words, spend, model };
}

function toAnswer({ content, finishReason, words = '' }: ModelStepResponse) {
  if (finishReason !== 'context-length') return { content, finishReason };
  return { content, finishReason: 'error' as const, tooLong: words };
}

/** The text of an answer, without tool calls and reasoning. */
export function textOf(answer: Pick<ModelAnswer, 'content'>): string {
  return answer.content.map((part) => (part.type === 'text' ? part.text : '')).join('');
}

/** What of a model decides its answers; keys, addresses and patience do not. */
export function modelIdentity(model: ModelDefinition) {
  const { reference, temperature, topP, maxTokens, seed, stop, options } = model;
  return { reference, temperature, topP, maxTokens, seed, stop, options };
}
