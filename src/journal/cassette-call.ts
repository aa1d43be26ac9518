import type { LanguageModelV3Content } from '@ai-sdk/provider';
import type { StepRecord } from '../store/records.js';
import { isJsonObject } from '../util/json.js';
import { NO_SPEND } from '../util/spend.js';
import type { CassetteAnswer, CassetteCall, CassetteMessage } from './cassette-format.js';
import {
  cutResult,
  type ModelStepRequest,
  type ModelStepResponse,
  type StoredMessage,
  type TextStepResponse,
} from './step-payloads.js';
import type { HumanStepResponse } from './human-question.js';
import type { StepOutcome } from './step.js';

type Answer = CassetteCall['answer'];
type ToolCalls = NonNullable<Answer['tool_calls']>;

/** A finished model step as a cassette holds it; `resultOf` gives the text of a tool or delegation step. */
export function toCassetteCall(step: StepRecord, resultOf: (path: string) => string): CassetteCall {
  return {
    path: step.path,
    agent: step.agent,
    model: step.name,
    fingerprint: step.fingerprint,
    request: toCassetteRequest(step.request as ModelStepRequest, resultOf),
    answer: toModelAnswer(step),
  };
}

/** What a request says, in words that can be read and compared. */
export function toCassetteRequest(
  { messages, shortened, tools }: ModelStepRequest,
  resultOf: (path: string) => string,
): NonNullable<CassetteCall['request']> {
  const { summary } = shortened ?? {};
  const said: readonly StoredMessage[] = summary ? [{ role: 'user', text: summary.text }, ...messages] : messages;
  return {
    messages: said.flatMap((message): CassetteMessage[] => {
      if (message.role === 'tool') {
        return message.results.map(({ step }) => ({ tool: cutResult(resultOf(step), step, shortened) }));
      }
      if (message.role === 'system') return [{ system: message.text }];
      const files = message.files?.map(({ name, sha256 }) => ({ name, sha256 }));
      return [{ user: message.text, ...(files && { files }) }];
    }),
    ...(tools && { tools: tools.map(({ name }) => name) }),
  };
}

/** What a person said in a finished step as a cassette holds it. */
export function toCassetteAnswer({ response }: StepRecord, path: string): CassetteAnswer {
  const { decision, text } = response as HumanStepResponse & { readonly text?: string };
  return { path, decision, ...(text !== undefined && { text }) };
}

/** A person's answer of a cassette as a step gets it. */
export function toHumanOutcome({ decision, text = '' }: CassetteAnswer): StepOutcome {
  const response: HumanStepResponse =
    decision === 'approve' || decision === 'always' ? { decision } : { decision, text };
  return { response, isError: false, spend: NO_SPEND };
}

function toModelAnswer(step: StepRecord): Answer {
  const { content, finishReason } = step.response as ModelStepResponse;
  const text = content.map((part) => (part.type === 'text' ? part.text : '')).join('');
  const calls = content.flatMap((part): ToolCalls =>
    part.type === 'tool-call' ? [{ id: part.toolCallId, name: part.toolName, arguments: argumentsIn(part.input) }] : [],
  );
  const { usage } = step.spend;
  return {
    ...(text !== '' && { text }),
    ...(calls.length > 0 && { tool_calls: calls }),
    finish_reason: finishReason,
    usage: {
      input_tokens: usage.inputTokens,
      output_tokens: usage.outputTokens,
      ...(usage.cachedInputTokens > 0 && { cached_input_tokens: usage.cachedInputTokens }),
      ...(usage.reasoningTokens > 0 && { reasoning_tokens: usage.reasoningTokens }),
    },
  };
}

/** Arguments as a map, which reads better; text that would not come back letter by letter stays text. */
function argumentsIn(input: string): unknown {
  try {
    const value: unknown = JSON.parse(input);
    return isJsonObject(value) ? value : input;
  } catch {
    return input;
  }
}

/** What a step gets instead of a model's answer: the tokens as recorded, but nothing to pay. */
export function toStepOutcome({ answer, model }: CassetteCall): StepOutcome {
  const content: LanguageModelV3Content[] = [
    ...(answer.text === undefined ? [] : [{ type: 'text' as const, text: answer.text }]),
    ...(answer.tool_calls ?? []).map((call) => ({
      type: 'tool-call' as const,
      toolCallId: call.id,
      toolName: call.name,
      input: typeof call.arguments === 'string' ? call.arguments : JSON.stringify(call.arguments ?? {}),
    })),
  ];
  const response: ModelStepResponse = { content, finishReason: answer.finish_reason };
  return {
    response,
    isError: false,
    name: model,
    spend: {
      ...NO_SPEND,
      usage: {
        inputTokens: answer.usage?.input_tokens ?? 0,
        outputTokens: answer.usage?.output_tokens ?? 0,
        cachedInputTokens: answer.usage?.cached_input_tokens ?? 0,
        reasoningTokens: answer.usage?.reasoning_tokens ?? 0,
        requests: answer.finish_reason === 'context-length' ? 0 : 1,
      },
    },
  };
}

/** The texts of a run's tool and delegation steps, by path. */
export function resultTexts(steps: readonly StepRecord[]): (path: string) => string {
  const texts = new Map<string, string>();
  for (const { kind, path, response } of steps) {
    if (kind !== 'model') texts.set(path, (response as TextStepResponse | null)?.text ?? '');
  }
  return (path) => texts.get(path) ?? '';
}
