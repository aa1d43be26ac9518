import type { APICallError } from '@ai-sdk/provider';
import { messageOf, type ProviderTrouble } from '../errors.js';
import { readProviderWords, toOneLine } from './provider-words.js';
import { parseRetryAfter } from './retry-after.js';

/** What is known of a failed attempt. */
export interface Failure {
  readonly trouble: ProviderTrouble;
  readonly status?: number | undefined;
  /** What the provider said, or the network, on one line; of any length, and may hold secrets. */
  readonly words: string;
  /** Origin of the server that was called. */
  readonly origin?: string | undefined;
  readonly retryAfterMs?: number | undefined;
}

/** An attempt took longer than it may. */
export class AttemptTimeout extends Error {
  override readonly name = 'AttemptTimeout';
}

/** The server was reached and sent something that is no answer. */
export class UnusableAnswer extends Error {
  override readonly name = 'UnusableAnswer';
  readonly trouble: 'bad-response' | 'content-filter';

  constructor(trouble: 'bad-response' | 'content-filter', message: string) {
    super(message);
    this.trouble = trouble;
  }
}

/** The provider sent an error in place of the rest of an answer. */
export class StreamedError extends Error {
  override readonly name = 'StreamedError';
  /** As the body of a failed response. */
  readonly body: string;

  constructor(body: string) {
    super('an error in the stream');
    this.body = body;
  }
}

interface Rule {
  readonly trouble: ProviderTrouble;
  readonly statuses: (status: number) => boolean;
  /** Has to be among the provider's words or codes. */
  readonly says?: RegExp;
}

const among =
  (...statuses: readonly number[]) =>
  (status: number): boolean =>
    statuses.includes(status);

// The first rule that fits decides. Words come before bare statuses: providers use 400 for nearly everything.
const RULES: readonly Rule[] = [
  {
    // OpenAI and most others, Anthropic, Google, vLLM, llama.cpp and Ollama, Mistral, xAI, LM Studio, Together, Bedrock.
    trouble: 'context-length',
    statuses: among(400, 413, 422, 500),
    says: new RegExp(
      [
        /context_length_exceeded|exceed_context_size|string_above_max_length/,
        /(?:prompt|input|request)\b.{0,40}\btoo long/,
        /maximum (?:context|prompt|model) length/,
        /exceeds?\b.{0,40}\bcontext (?:length|window|size|limit)/,
        /context (?:length|window|size|limit)\b.{0,40}\bexceeded/,
        /input token count.{0,40}exceeds/,
        /context length of only/,
        /`inputs` tokens \+ `max_new_tokens` must be/,
      ]
        .map(({ source }) => source)
        .join('|'),
      'i',
    ),
  },
  {
    trouble: 'no-tools',
    statuses: among(400, 404, 422, 500, 501),
    says: /n[o']t support (?:\w+ )?(?:tool(?!_choice)|function)|that support tool use|tools?(?: use| calling)?\W+(?:is|are) not supported/i,
  },
  {
    trouble: 'auth',
    statuses: among(400),
    says: /api.?key (?:is )?(?:not valid|invalid)|in(?:valid|correct) api.?key|API_KEY_INVALID/i,
  },
  {
    trouble: 'quota',
    statuses: among(400, 403, 429),
    says: /insufficient[ _](?:quota|balance|credits?|funds)|exceeded your current quota|credit balance|out of credits|billing hard limit/i,
  },
  {
    trouble: 'content-filter',
    statuses: among(400, 403, 422),
    says: /content_filter|content.policy|content management policy|flagged|ResponsibleAIPolicyViolation/i,
  },
  {
    trouble: 'not-found',
    statuses: among(400, 422),
    says: /model_not_found|invalid model|model .{0,80}(?:not exist|not found)/i,
  },
  { trouble: 'auth', statuses: among(401, 403) },
  { trouble: 'quota', statuses: among(402) },
  { trouble: 'not-found', statuses: among(404, 405, 410) },
  { trouble: 'rate-limit', statuses: among(429) },
  { trouble: 'server', statuses: (status) => status === 408 || status >= 500 },
  { trouble: 'bad-request', statuses: (status) => status >= 400 },
  { trouble: 'bad-response', statuses: () => true },
];

// Codes of Node (https://nodejs.org/api/errors.html#common-system-errors) and of undici.
const NETWORK_WORDS: readonly { readonly codes: RegExp; readonly words: string }[] = [
  { codes: /^ECONNREFUSED$/, words: 'connection refused' },
  { codes: /^(?:ENOTFOUND|EAI_AGAIN)$/, words: 'host name not found' },
  { codes: /^(?:ECONNRESET|EPIPE|UND_ERR_SOCKET)$/, words: 'the server closed the connection' },
  { codes: /^(?:ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT)$/, words: 'no connection in time' },
  { codes: /^(?:EHOSTUNREACH|ENETUNREACH|ENETDOWN)$/, words: 'network unreachable' },
  { codes: /CERT|^UNABLE_TO_|SELF_SIGNED|^ERR_(?:TLS|SSL)_|^EPROTO$/, words: 'TLS failed' },
];

const RESPONSE_TIMEOUTS = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT']);

/** Says what kind of trouble an error of a model call is. Anything that is not known is an unusable answer. */
export function readFailure(error: unknown, now: number): Failure {
  if (error instanceof AttemptTimeout) return { trouble: 'timeout', words: '' };
  if (error instanceof UnusableAnswer) return { trouble: error.trouble, words: error.message };
  if (error instanceof StreamedError) return readStreamedError(error);
  const code = networkCodeOf(error);
  const origin = isApiCallError(error) && URL.canParse(error.url) ? new URL(error.url).origin : undefined;
  if (RESPONSE_TIMEOUTS.has(code ?? '')) return { trouble: 'timeout', words: '', origin };
  if (code !== undefined) return { trouble: 'network', words: networkWords(code, error), origin };
  if (isApiCallError(error)) {
    return error.statusCode === undefined
      ? { trouble: 'network', words: toOneLine(messageOf(error.cause ?? error)), origin }
      : { ...readResponse(error, error.statusCode, now), origin };
  }
  // The packages' own refusals carry the prefix AI_; the rest are answers whose form a package did not expect.
  const isRefusal = /^AI_(?:UnsupportedFunctionality|Invalid(?:Prompt|Argument)|LoadSetting)/.test(nameOf(error));
  if (isRefusal) return { trouble: 'bad-request', words: toOneLine(messageOf(error)) };
  const isKnown = nameOf(error).startsWith('AI_');
  return { trouble: 'bad-response', words: isKnown ? toOneLine(messageOf(error)) : 'not in the form of an answer' };
}

function readResponse(error: APICallError, httpStatus: number, now: number): Failure {
  const body = error.responseBody ?? '';
  const { text, codes, status: bodyStatus, isHtml } = readProviderWords(body);
  const status = httpStatus < 400 ? (bodyStatus ?? httpStatus) : httpStatus;
  const retryAfterMs = parseRetryAfter(error.responseHeaders, body, now);
  const said = `${codes} ${text}`;
  // Google says "quota" for limits per minute as well, and then when to come back.
  const isMomentary = status === 429 && retryAfterMs !== undefined && !codes.includes('insufficient_quota');
  const rule = RULES.find(
    ({ trouble, statuses, says }) =>
      statuses(status) && (says?.test(said) ?? true) && !(isMomentary && trouble === 'quota'),
  );
  const trouble = rule?.trouble ?? 'bad-response';
  if (trouble !== 'bad-response') return { trouble, status, words: text, retryAfterMs };
  if (isHtml) return { trouble, status, words: `an HTML page, "${text}"` };
  return { trouble, status, words: text === '' ? 'an empty body' : `not in the form of an answer: ${text}` };
}

/** There is no status of its own for it: words and codes say what it is, and the rest is the provider's trouble. */
function readStreamedError({ body }: StreamedError): Failure {
  const { text, codes, status } = readProviderWords(body);
  const said = `${codes} ${text}`;
  const rule = RULES.find(({ statuses, says }) => says?.test(said) ?? (status !== undefined && statuses(status)));
  const isLimit = /rate.?limit|too many requests/i.test(said);
  return { trouble: isLimit ? 'rate-limit' : (rule?.trouble ?? 'server'), status, words: text };
}

function networkWords(code: string, error: unknown): string {
  const known = NETWORK_WORDS.find(({ codes }) => codes.test(code))?.words;
  if (known === 'TLS failed') return `${known}: ${code}`;
  return known ?? toOneLine(messageOf(error));
}

/** The first code of the system or undici in the chain of causes. */
function networkCodeOf(error: unknown): string | undefined {
  let current = error;
  for (let depth = 0; depth < 6 && current instanceof Error; depth += 1) {
    const { code } = current as { code?: unknown };
    if (typeof code === 'string' && !/^ERR_(?!TLS|SSL)/.test(code)) return code;
    current = current instanceof AggregateError ? (current.errors as unknown[])[0] : current.cause;
  }
  return undefined;
}

function isApiCallError(error: unknown): error is APICallError {
  return nameOf(error) === 'AI_APICallError';
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : '';
}
