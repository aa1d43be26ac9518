import type { ModelDefinition } from '../definition/types.js';
import { ProviderError, type ProviderTrouble } from '../errors.js';
import { excerpt } from '../util/excerpt.js';
import type { Spend } from '../util/spend.js';
import { readFailure, type Failure } from './failure.js';
import { hintFor } from './provider-hint.js';
import { formatTimeLimit } from '../util/amounts.js';

/** What is known of a call when it fails. */
export interface CallFacts {
  readonly model: ModelDefinition;
  /** How many times the call was made, the first included. */
  readonly attempts: number;
  readonly timeoutMs: number;
  /** Texts that must not stand in a message: the key and the values of headers. */
  readonly secrets: readonly string[];
  /** Milliseconds since 1970. */
  readonly now: number;
  /** What the call took so far; undefined for nothing. */
  readonly spend: Spend | undefined;
}

const MOST_WORDS = 300;

const TITLES: Readonly<Record<ProviderTrouble, string>> = {
  auth: 'access was refused',
  'not-found': 'no such model or address',
  'bad-request': 'the request was refused',
  'context-length': 'the request is too long for this model',
  quota: 'the account is over its quota',
  'rate-limit': 'the rate limit was reached',
  server: 'the provider failed',
  network: 'the connection failed',
  timeout: 'no answer in time',
  'bad-response': 'the answer cannot be read',
  'content-filter': "the provider's content filter stopped the answer",
  'no-tools': 'this model cannot call tools',
};

/**
 * The error as one of ours: its kind, and a message with model, status, attempts and the provider's own words.
 * Neither keys nor headers stand in it.
 */
export function toProviderError(error: unknown, facts: CallFacts): ProviderError {
  const failure = readFailure(error, facts.now);
  // In this order: half a key is still half a key.
  const words = excerpt(redact(failure.words, facts.secrets), MOST_WORDS);
  const { trouble, status, retryAfterMs } = failure;
  return new ProviderError(composeMessage({ ...failure, words }, facts), {
    trouble,
    model: facts.model.reference,
    status,
    attempts: facts.attempts,
    words,
    retryAfterMs,
    spend: facts.spend,
    hint: hintFor(failure, facts.model),
    cause: error,
  });
}

/** A few words for a notice: `503 Service Unavailable`, else the kind of trouble. */
export function describeBriefly({ trouble, status }: ProviderError): string {
  return status !== undefined && status >= 400 ? describeStatus(status) : TITLES[trouble];
}

/** The error of the last model, with the names of those that failed before it. */
export function withHistory(error: ProviderError, before: readonly ProviderError[]): ProviderError {
  if (before.length === 0) return error;
  const names = before.map((earlier) => `${earlier.model} (${describeBriefly(earlier)})`).join(', ');
  const { message, trouble, model, status, attempts, words, retryAfterMs, hint, cause } = error;
  // Each has what those before it took in its own; one that was never called has none.
  const spend = error.spend ?? before.at(-1)?.spend;
  return new ProviderError(`${message}; tried before: ${names}`, {
    trouble,
    model,
    status,
    attempts,
    words,
    retryAfterMs,
    spend,
    hint,
    cause,
  });
}

function composeMessage(failure: Failure, { model, attempts, timeoutMs }: CallFacts): string {
  const { trouble, status, words, origin, retryAfterMs } = failure;
  const details = [
    status === undefined ? '' : describeStatus(status),
    trouble === 'network' ? (origin ?? '') : '',
    trouble === 'timeout' ? formatTimeLimit(timeoutMs) : '',
    attempts > 1 ? `${attempts} attempts` : '',
    retryAfterMs === undefined || trouble === 'quota' ? '' : `it asks to wait ${formatTimeLimit(retryAfterMs)}`,
  ].filter((detail) => detail !== '');
  const title = `${model.reference}: ${TITLES[trouble]}`;
  return `${title}${details.length > 0 ? ` (${details.join(', ')})` : ''}${words === '' ? '' : `: ${words}`}`;
}

function describeStatus(status: number): string {
  // Loaded here, because only failures need it and it takes 5 ms.
  const { STATUS_CODES } = process.getBuiltinModule('node:http');
  return `${status} ${STATUS_CODES[status] ?? ''}`.trim();
}

function redact(text: string, secrets: readonly string[]): string {
  return secrets.reduce(
    (rest, secret) => (secret.length < 4 ? rest : rest.replaceAll(secret, '[redacted:api-key]')),
    text,
  );
}
