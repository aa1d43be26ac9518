import type {
  LanguageModelV3,
  LanguageModelV3CallOptions,
  LanguageModelV3Content,
  LanguageModelV3StreamPart,
  SharedV3ProviderMetadata,
} from '@ai-sdk/provider';
import type { RawAnswer } from './answer.js';
import { StreamedError, UnusableAnswer } from './failure.js';
import type { AnswerListener } from './model.js';

type Text = Extract<LanguageModelV3Content, { type: 'text' | 'reasoning' }>;

/**
 * The whole answer of a call that is made as a stream, in the form that the same call gives at once. `listener` is told the
 * text as it comes. Rejects with StreamedError or UnusableAnswer where the stream breaks off or an error stands in it.
 */
export async function streamAnswer(
  model: LanguageModelV3,
  options: LanguageModelV3CallOptions,
  listener: AnswerListener,
): Promise<RawAnswer> {
  listener.onBegin();
  const { stream } = await model.doStream(options);
  const content: LanguageModelV3Content[] = [];
  const open = new Map<string, Text>();
  const begin = (type: Text['type'], id: string, metadata: SharedV3ProviderMetadata | undefined): void => {
    const part: Text = { type, text: '', ...withMetadata(metadata) };
    open.set(`${type} ${id}`, part);
    content.push(part);
  };
  const extend = (
    type: Text['type'],
    id: string,
    text: string,
    metadata: SharedV3ProviderMetadata | undefined,
  ): void => {
    const part = open.get(`${type} ${id}`);
    if (part) Object.assign(part, { text: part.text + text }, withMetadata(metadata));
  };
  for await (const part of stream) {
    options.abortSignal?.throwIfAborted();
    switch (part.type) {
      case 'text-start':
        begin('text', part.id, part.providerMetadata);
        break;
      case 'text-delta':
        extend('text', part.id, part.delta, part.providerMetadata);
        if (part.delta !== '') listener.onText(part.delta);
        break;
      case 'text-end':
        extend('text', part.id, '', part.providerMetadata);
        break;
      case 'reasoning-start':
        begin('reasoning', part.id, part.providerMetadata);
        break;
      case 'reasoning-delta':
        extend('reasoning', part.id, part.delta, part.providerMetadata);
        break;
      case 'reasoning-end':
        extend('reasoning', part.id, '', part.providerMetadata);
        break;
      case 'tool-call':
        content.push(part);
        break;
      case 'error':
        throw toError(part.error);
      case 'finish':
        return { content: content.filter(saysSomething), ...readEnd(part) };
    }
  }
  throw new UnusableAnswer('bad-response', BROKEN_OFF);
}

const BROKEN_OFF = 'its stream ended before the answer did';

/** Every package ends a stream that just stops with this; one that came to its end has the provider's own word. */
function readEnd({ finishReason, usage }: Extract<LanguageModelV3StreamPart, { type: 'finish' }>) {
  if (finishReason.unified === 'other' && finishReason.raw === undefined) {
    throw new UnusableAnswer('bad-response', BROKEN_OFF);
  }
  return { finishReason, usage };
}

function withMetadata(providerMetadata: SharedV3ProviderMetadata | undefined) {
  return providerMetadata === undefined ? {} : { providerMetadata };
}

/** Many servers begin every stream with an empty text. */
function saysSomething(part: LanguageModelV3Content): boolean {
  return part.type !== 'text' || part.text !== '' || part.providerMetadata !== undefined;
}

/** The packages hand on what the server sent, as an object or only its message, or an error of their own. */
function toError(error: unknown): Error {
  return error instanceof Error ? error : new StreamedError(JSON.stringify({ error }));
}
