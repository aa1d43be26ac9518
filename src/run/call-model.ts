import type { LanguageModelV3FunctionTool } from '@ai-sdk/provider';
import type { AgentDefinition, ModelDefinition } from '../definition/types.js';
import { messageOf, ProviderError } from '../errors.js';
import type { ModelStepRequest, ModelStepResponse } from '../journal/step-payloads.js';
import type { ModelAnswer, ModelRequest } from '../models/model.js';
import { fingerprintOf } from '../util/fingerprint.js';
import { NO_SPEND } from '../util/spend.js';
import type { Conversation } from './conversation.js';
import type { RunContext, WorkPlace } from './run-context.js';

export interface ModelCall {
  readonly agent: Pick<AgentDefinition, 'key' | 'role' | 'models' | 'maxRpm'>;
  readonly conversation: Conversation;
  readonly tools: readonly LanguageModelV3FunctionTool[];
  /** Tools of the call before in this conversation; the same array is not stored again. */
  readonly toolsBefore: readonly LanguageModelV3FunctionTool[] | undefined;
  readonly toolChoice?: 'required';
  readonly responseSchema?: NonNullable<ModelRequest['responseSchema']>;
  /** 1-based number of the call in its conversation. */
  readonly number: number;
}

/** An answer, and whether it was given in an earlier life of the run. */
export interface CalledAnswer extends ModelAnswer {
  readonly isRemembered?: boolean;
}

/** Makes one model call as a step of the run, or takes its answer from the journal. */
export async function callModel(run: RunContext, place: WorkPlace, call: ModelCall): Promise<CalledAnswer> {
  run.signal.throwIfAborted();
  const path = `${place.path}/llm/${call.number}`;
  const { agent, conversation, tools, toolChoice, responseSchema } = call;
  const model = agent.models[0] as ModelDefinition;
  const at = { taskKey: place.taskKey, path, agent: agent.role, model: model.reference };
  const extra = { ...(toolChoice && { toolChoice }), ...(responseSchema && { responseSchema }) };
  const { stored, full } = conversation.fresh;
  const request: ModelStepRequest = {
    messages: stored,
    ...(tools !== call.toolsBefore && tools.length > 0 && { tools }),
    ...extra,
  };
  const startedAt = run.now();
  let isTold = false;
  const tellStart = (): void => {
    if (!isTold) run.emit({ type: 'model-call-start', ...at });
    isTold = true;
  };
  const modelRequest: ModelRequest = { messages: conversation.messages, tools, ...extra };
  const account = run.limits.openCall(modelRequest, run.signal);
  try {
    const outcome = await run.journal.step(
      {
        path,
        kind: 'model',
        taskKey: place.taskKey,
        agent: agent.role,
        name: model.reference,
        request,
        fingerprint: fingerprintOf({ model: modelIdentity(model), messages: full, tools, ...extra }),
        hasEffects: false,
      },
      async () => {
        tellStart();
        const answer = await run.models.call(agent.models, modelRequest, {
          signal: run.signal,
          onNotice: (message) => run.emit({ type: 'warning', message, taskKey: place.taskKey }),
          admit: account.admit,
          beforeAttempt: () => run.rateLimiter.waitForTurn(agent, { signal: run.signal, taskKey: place.taskKey }),
        });
        const { content, finishReason, spend, model: name } = answer;
        const response: ModelStepResponse = { content, finishReason };
        return { response, spend, isError: false, name };
      },
    );
    const response = outcome.response as ModelStepResponse;
    const answer = { ...response, spend: outcome.spend, model: outcome.name ?? model.reference };
    if (outcome.isRemembered) return { ...answer, isRemembered: true };
    account.settle(answer.spend);
    // A cassette answers without a call.
    tellStart();
    run.emit({
      type: 'model-call-end',
      ...at,
      model: answer.model,
      spend: answer.spend,
      durationMs: run.now() - startedAt,
      text: textOf(answer),
    });
    return answer;
  } catch (error) {
    const spend = error instanceof ProviderError ? error.spend : undefined;
    account.settle(spend);
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
  }
}

/** The text of an answer, without tool calls and reasoning. */
export function textOf(answer: Pick<ModelAnswer, 'content'>): string {
  return answer.content.map((part) => (part.type === 'text' ? part.text : '')).join('');
}

/** What of a model decides its answers; keys, addresses and patience do not. */
function modelIdentity(model: ModelDefinition) {
  const { reference, temperature, topP, maxTokens, seed, stop, options } = model;
  return { reference, temperature, topP, maxTokens, seed, stop, options };
}
