import type { LanguageModelV3Content } from '@ai-sdk/provider';
import type { ModelAnswer, ModelClient, ModelRequest } from '../../src/models/model.js';
import { orAbort } from '../../src/util/or-abort.js';
import { NO_SPEND, NO_USAGE } from '../../src/util/spend.js';

/** One answer of a scripted model: text, tool calls, or an error that the call rejects with. */
export type ScriptedAnswer =
  | string
  | { readonly calls: readonly { readonly id: string; readonly name: string; readonly args: unknown }[] }
  | {
      readonly text: string;
      readonly finishReason: ModelAnswer['finishReason'];
      /** The pieces in which it comes; those of attempts that failed first. Default: all at once. */
      readonly attempts?: readonly (readonly string[])[];
    }
  | { readonly error: Error }
  | ((request: ModelRequest) => Promise<string>);

export interface ScriptedModels extends ModelClient {
  /** Every request that was made, in order, with the role that made it. */
  readonly requests: { readonly role: string; readonly request: ModelRequest }[];
  /** Roles with answers that no one asked for; empty when all is well. */
  owed(): Record<string, number>;
}

/** A model client that gives each role its answers in order; a call it was not told of fails. */
export function createScriptedModels(script: Readonly<Record<string, readonly ScriptedAnswer[]>>): ScriptedModels {
  const left = new Map(Object.entries(script).map(([role, answers]) => [role, [...answers]]));
  const requests: ScriptedModels['requests'] = [];
  return {
    requests,
    owed: () =>
      Object.fromEntries(
        [...left].filter(([, answers]) => answers.length > 0).map(([role, answers]) => [role, answers.length]),
      ),
    // Ten times what a call then costs.
    price: () => Promise.resolve(0.01),
    async call(models, request, { signal, admit, beforeAttempt, listener }) {
      const [model] = models;
      if (model) {
        await admit?.(model, NO_SPEND);
        await beforeAttempt?.(model);
      }
      const role = /^Role: (.*)$/m.exec(headOf(request))?.[1] ?? '';
      requests.push({ role, request: { ...request, messages: [...request.messages] } });
      const answer = left.get(role)?.shift();
      if (answer === undefined) throw new Error(`no scripted answer left for ${role || 'an unknown role'}`);
      if (typeof answer === 'object' && 'error' in answer) throw answer.error;
      const given = typeof answer === 'function' ? await orAbort(answer(request), signal) : answer;
      const attempts = (typeof given === 'object' && 'text' in given && given.attempts) || [];
      for (const pieces of attempts) {
        listener?.onBegin();
        for (const piece of pieces) listener?.onText(piece);
      }
      return {
        content: contentOf(given),
        finishReason: finishReasonOf(given),
        model: model?.reference ?? '',
        spend: {
          usage: { ...NO_USAGE, inputTokens: 10, outputTokens: 5, requests: 1 },
          costUsd: 0.001,
          unpricedRequests: 0,
        },
      };
    },
  };
}

/** The first message, whoever says it. */
function headOf({ messages: [first] }: ModelRequest): string {
  if (typeof first?.content === 'string') return first.content;
  return (first?.content ?? []).map((part) => ('text' in part ? part.text : '')).join('\n');
}

type Given = Exclude<ScriptedAnswer, { readonly error: Error } | ((request: ModelRequest) => Promise<string>)>;

function contentOf(answer: Given): LanguageModelV3Content[] {
  if (typeof answer === 'string') return answer === '' ? [] : [{ type: 'text', text: answer }];
  if ('text' in answer) return [{ type: 'text', text: answer.text }];
  return answer.calls.map(({ id, name, args }) => ({
    type: 'tool-call',
    toolCallId: id,
    toolName: name,
    input: typeof args === 'string' ? args : JSON.stringify(args),
  }));
}

function finishReasonOf(answer: Given): ModelAnswer['finishReason'] {
  if (typeof answer === 'string') return 'stop';
  return 'text' in answer ? answer.finishReason : 'tool-calls';
}
