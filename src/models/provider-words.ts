import { isJsonObject, type JsonValue } from '../util/json.js';

/** What a provider said about a failure. */
export interface ProviderWords {
  /** For people, on one line; empty where it said nothing. */
  readonly text: string;
  /** Its own codes for the failure, such as `insufficient_quota`, separated by spaces. */
  readonly codes: string;
  /** The HTTP status that stands in the body, as OpenRouter sends it with a 200. */
  readonly status: number | undefined;
  readonly isHtml: boolean;
}

/** Reads the body of a failed response: JSON in the forms that providers use, an HTML page, or plain text. */
export function readProviderWords(body: string): ProviderWords {
  const trimmed = body.trim();
  if (/^<|<html/i.test(trimmed))
    return { text: toOneLine(readPage(trimmed)), codes: '', status: undefined, isHtml: true };
  const json = parseJson(trimmed);
  const error = errorIn(json);
  const codes = error === undefined ? [] : [error['code'], error['type'], error['status']];
  return {
    text: toOneLine(textIn(json) ?? trimmed),
    codes: codes.filter((code) => typeof code === 'string').join(' '),
    status: codes.find((code): code is number => typeof code === 'number' && code >= 400 && code < 600),
    isHtml: false,
  };
}

/** The text without line breaks and other control characters. */
export function toOneLine(text: string): string {
  return text.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim();
}

function parseJson(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    // Plain text is an answer too: the caller shows it as it is.
    return undefined;
  }
}

function errorIn(json: JsonValue | undefined): Record<string, JsonValue> | undefined {
  const value = Array.isArray(json) ? json[0] : json;
  if (!isJsonObject(value)) return undefined;
  return isJsonObject(value['error']) ? value['error'] : value;
}

function textIn(json: JsonValue | undefined): string | undefined {
  const error = errorIn(json);
  if (error === undefined) return undefined;
  const { message, detail, metadata } = error;
  const said = [message, error['error'], detail, Array.isArray(detail) && isJsonObject(detail[0]) && detail[0]['msg']];
  const text = said.find((candidate) => typeof candidate === 'string');
  const upstream = isJsonObject(metadata) && typeof metadata['raw'] === 'string' ? metadata['raw'] : undefined;
  if (upstream === undefined) return text;
  return [text, readProviderWords(upstream).text].filter(Boolean).join(': ');
}

function readPage(html: string): string {
  const title = /<title[^>]*>([^<]*)/i.exec(html)?.[1]?.trim();
  const text = title || html.replaceAll(/<(style|script)[^>]*>.*?<\/\1>/gis, ' ').replaceAll(/<[^>]*>/g, ' ');
  return text.replaceAll('&nbsp;', ' ').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}
