import {
  cutResult,
  type ModelStepRequest,
  type ModelStepResponse,
  type Shortening,
  type StoredFile,
  type StoredMessage,
  type TextStepResponse,
} from '../journal/step-payloads.js';
import type { StepRecord } from '../store/records.js';

/** A message of a conversation with a model, in full. */
export type ConversationMessage =
  | { readonly role: 'system' | 'user'; readonly text: string; readonly files?: readonly StoredFile[] }
  | { readonly role: 'assistant'; readonly content: ModelStepResponse['content'] }
  | { readonly role: 'tool'; readonly results: readonly ToolResult[] };

interface ToolResult {
  /** Path of the step that the result comes from. */
  readonly step: string;
  readonly tool: string;
  /** Null where the step is not there or has no result. */
  readonly text: string | null;
  readonly is_error: boolean;
}

/**
 * Rebuilds what was said in the model calls of a run, whose steps (all of them, in order) each hold only what was new.
 * The function it gives back tells the whole conversation of a model call: everything that was sent, its answer last.
 */
export function createConversations(steps: readonly StepRecord[]): (call: StepRecord) => ConversationMessage[] {
  const byPath = new Map(steps.map((step) => [step.path, step]));
  const calls = new Map<string, StepRecord[]>();
  for (const step of steps) {
    if (step.kind !== 'model') continue;
    const others = calls.get(placeOf(step.path));
    if (others) others.push(step);
    else calls.set(placeOf(step.path), [step]);
  }

  const messageOf = (message: StoredMessage): ConversationMessage =>
    message.role === 'tool'
      ? { role: message.role, results: message.results.map(({ step }) => resultOf(step)) }
      : message;
  const resultOf = (path: string): ToolResult => {
    const step = byPath.get(path);
    const response = step?.response as TextStepResponse | null | undefined;
    return { step: path, tool: step?.name ?? '', text: response?.text ?? null, is_error: step?.isError ?? false };
  };

  return (call) => {
    const number = numberOf(call.path);
    const before = (calls.get(placeOf(call.path)) ?? []).filter(({ path }) => numberOf(path) <= number);
    let said: ConversationMessage[] = [];
    for (const { request, response } of before.toSorted((a, b) => numberOf(a.path) - numberOf(b.path))) {
      const { messages, shortened } = request as ModelStepRequest;
      said.push(...messages.map(messageOf));
      said = shorten(said, shortened);
      if (response) said.push({ role: 'assistant', content: (response as ModelStepResponse).content });
    }
    return said;
  };
}

/** The conversation as it is after what it lost. */
function shorten(said: ConversationMessage[], shortened: Shortening | undefined): ConversationMessage[] {
  if (!shortened) return said;
  const { summary } = shortened;
  const cut = said.map((message): ConversationMessage => {
    if (message.role !== 'tool') return message;
    const results = message.results.map((result) => ({
      ...result,
      text: result.text === null ? null : cutResult(result.text, result.step, shortened),
    }));
    return { ...message, results };
  });
  if (!summary) return cut;
  const { from, to, text } = summary;
  const counted = cut.filter((message) => message.role !== 'assistant' || message.content.length > 0);
  return counted.toSpliced(from, to - from, { role: 'user', text });
}

/** `a/llm` of `a/llm/3`: what the calls of one conversation have in common. */
function placeOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}

function numberOf(path: string): number {
  return Number(path.slice(path.lastIndexOf('/') + 1));
}
