import { isJsonObject, type JsonValue } from './json.js';
import { SECRET_FORMS, startOfOpenForm, startOfWord } from './secret-forms.js';

/** Shorter values are too likely to be ordinary words. */
const MIN_SECRET_CHARACTERS = 6;

/** A value that must not be seen, and the name it is replaced by, such as an environment variable's. */
export interface Secret {
  readonly name: string;
  readonly value: string;
}

/** Takes secrets out of what is to be stored, printed or exported. Doing it twice changes nothing more. */
export interface Redactor {
  /** The text with `[redacted:NAME]` in place of each secret; the text itself where there is none. */
  text(text: string): string;
  /** The value with all its texts redacted, at any depth, but not its keys; the very same value where there is nothing to redact. */
  json<T>(value: T): T;
  /** How much of the beginning of a text can be redacted by itself, whatever follows the text. */
  safeLength(text: string): number;
}

/**
 * A redactor for these secrets (values of six characters and more, as they are, URL-encoded and JSON-escaped) and for
 * whatever has the form of a key, such as `sk-…` or a password in a URL.
 */
export function createRedactor(secrets: readonly Secret[]): Redactor {
  const needles = needlesOf(secrets);

  const text = (input: string): string => {
    let output = input;
    for (const { needle, replacement } of needles) {
      if (output.includes(needle)) output = output.replaceAll(needle, () => replacement);
    }
    for (const { marker, pattern, replacement } of SECRET_FORMS) {
      if (output.includes(marker)) output = output.replace(pattern, replacement);
    }
    return output;
  };

  const json = (value: JsonValue): JsonValue => {
    if (typeof value === 'string') return text(value);
    if (Array.isArray(value)) {
      const items = value.map(json);
      return items.some((item, index) => item !== value[index]) ? items : value;
    }
    if (!isJsonObject(value)) return value;
    const entries = Object.entries(value).map(([key, item]) => [key, json(item)] as const);
    return entries.some(([key, item]) => item !== value[key]) ? Object.fromEntries(entries) : value;
  };

  const safeLength = (input: string): number => {
    let length = startOfOpenForm(input);
    for (let at = 0; at < length; at += 1) {
      const isCut = ({ needle }: Needle): boolean =>
        at + needle.length > length && (input.startsWith(needle, at) || needle.startsWith(input.slice(at)));
      if (needles.some(isCut)) length = startOfWord(input, at);
    }
    return length;
  };

  return { text, json: <T>(value: T): T => json(value as JsonValue) as T, safeLength };
}

/**
 * The record with these fields redacted. Names, states and places of ours are left alone: a secret that happens to be
 * spelled like one must not tear records apart.
 */
export function redactFields<T extends object>(redactor: Redactor, record: T, fields: readonly (keyof T)[]): T {
  const redacted = { ...record };
  for (const field of fields) if (record[field] !== undefined) redacted[field] = redactor.json(record[field]);
  return redacted;
}

interface Needle {
  readonly needle: string;
  readonly replacement: string;
}

/** Every spelling of every secret, the longest first, so that a secret inside another one does not cut it in pieces. */
function needlesOf(secrets: readonly Secret[]): Needle[] {
  const needles = new Map<string, string>();
  for (const { name, value } of secrets) {
    const secret = value.trim();
    if (secret.length < MIN_SECRET_CHARACTERS) continue;
    for (const needle of [secret, urlEncoded(secret), JSON.stringify(secret).slice(1, -1)]) {
      if (!needles.has(needle)) needles.set(needle, `[redacted:${name}]`);
    }
  }
  return [...needles]
    .map(([needle, replacement]) => ({ needle, replacement }))
    .toSorted((a, b) => b.needle.length - a.needle.length);
}

/** As in a URL; half a surrogate pair, which URLs cannot hold, becomes U+FFFD. */
function urlEncoded(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}
