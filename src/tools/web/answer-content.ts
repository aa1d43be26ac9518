import { STATUS_CODES } from 'node:http';
import { formatBytes } from '../../util/amounts.js';
import { detectMedia } from '../../util/media-type.js';
import { isBinary } from '../../util/text-encoding.js';
import { extractText, joinPages } from '../documents/extract-text.js';
import { ToolError } from '../tool-error.js';
import { decodeText } from './decode-text.js';
import type { WebAnswer } from './fetcher.js';
import { plainPage } from './plain-page.js';

/** Most characters of a page that says what went wrong. */
const MOST_TROUBLE_CHARACTERS = 500;
/** Most of a page that is parsed. */
const MOST_HTML_CHARACTERS = 5_000_000;
/** What reading one page may take: most take a tenth of a second. */
const PAGE_LIMITS = { timeoutMs: 10_000, heapMb: 512, growthMb: 1500 };

const HTML_TYPE = /^(?:text\/html|application\/xhtml\+xml)$/;
const TEXT_TYPE = /^text\/|[/+](?:json|xml|yaml|x-yaml|toml|javascript|x-ndjson|graphql|sql|x-sh|rtf)$/;
/** Types that servers give to what they do not know. */
const UNKNOWN_TYPE = /^$|^application\/(?:octet-stream|unknown|binary)$/;

/** Text of an answer, whole. */
export interface AnswerContent {
  readonly text: string;
  /** What is to be known of it beside. */
  readonly notes: readonly string[];
}

/**
 * An answer as something to read: the article of a page as Markdown, or its links; the text of a PDF file; other text as it
 * is. Rejects with ToolError for what has no text.
 */
export async function readContent(
  answer: WebAnswer,
  { wants, signal }: { readonly wants: 'page' | 'links'; readonly signal: AbortSignal },
): Promise<AnswerContent> {
  const notes = answer.isCut ? [`[only the first ${formatBytes(answer.bytes.length)} were read; there are more]`] : [];
  if (detectMedia(answer.bytes)?.kind === 'pdf') return { text: await readPdf(answer, signal), notes };
  const text = textOf(answer);
  if (text === undefined) throw new ToolError(`it is ${describeMedia(answer)}, which has no text; go on without it`);
  if (!isHtml(answer, text)) {
    if (wants === 'links')
      throw new ToolError(`it is ${describeMedia(answer)}, not a page that has links; read it without`);
    return { text, notes };
  }
  const job = { kind: wants, html: text.slice(0, MOST_HTML_CHARACTERS), url: answer.url.href } as const;
  if (text.length > MOST_HTML_CHARACTERS) notes.push('[the page is longer; its end is left out]');
  try {
    const { pages } = await extractText(job, { name: 'the page', signal, limits: PAGE_LIMITS });
    return { text: pages.join(''), notes };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof ToolError)) throw error;
    if (wants === 'links') throw new ToolError('its links cannot be listed; read it without', { cause: error });
    return { text: plainPage(text), notes: ['[the page is too much for more than its bare text]', ...notes] };
  }
}

/** The answer as text; undefined where it is none. */
export function textOf(answer: WebAnswer): string | undefined {
  const type = mediaTypeOf(answer);
  if (!TEXT_TYPE.test(type) && !HTML_TYPE.test(type) && !UNKNOWN_TYPE.test(type)) return undefined;
  const contentType = answer.headers['content-type'] ?? '';
  const text = decodeText(answer.bytes, { contentType, isCut: answer.isCut });
  // Pages in the wild have stray control characters.
  if (HTML_TYPE.test(type)) return text.replaceAll('\0', '');
  return (UNKNOWN_TYPE.test(type) ? isBinary(text) : text.includes('\0')) ? undefined : text;
}

/** Its type and size in words, such as `image/png of 1,234 bytes`. */
export function describeMedia(answer: WebAnswer): string {
  const type = mediaTypeOf(answer);
  // It comes from outside, and goes where instructions may.
  const name = /^[\w-]{1,20}\/[\w.+-]{1,60}$/.test(type) ? type : 'a file';
  const length = Number(answer.headers['content-length']);
  const size = answer.isCut ? length : answer.bytes.length;
  return Number.isSafeInteger(size) ? `${name} of ${formatBytes(size)}` : name;
}

/** `404 Not Found`, whatever the server calls it. */
export function statusText(status: number): string {
  return `${status} ${STATUS_CODES[status] ?? ''}`.trim();
}

/** The error for an answer that says that something is wrong. */
export function statusError({ host }: URL, answer: WebAnswer): ToolError {
  const { status } = answer;
  const text = textOf(answer) ?? '';
  const words = (isHtml(answer, text) ? plainPage(text) : text).trim().slice(0, MOST_TROUBLE_CHARACTERS);
  const advice = status === 429 || status >= 500 ? 'try later, or go on without it' : 'go on without it';
  return new ToolError(`${host} answered ${statusText(status)}; ${advice}`, words === '' ? {} : { outside: words });
}

function mediaTypeOf({ headers }: WebAnswer): string {
  return (headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

function isHtml(answer: WebAnswer, text: string): boolean {
  const type = mediaTypeOf(answer);
  return (
    HTML_TYPE.test(type) || (UNKNOWN_TYPE.test(type) && /^\s*<(?:!doctype html|html)\b/i.test(text.slice(0, 1000)))
  );
}

async function readPdf({ bytes, isCut }: WebAnswer, signal: AbortSignal): Promise<string> {
  if (isCut) throw new ToolError(`it is a PDF file of more than ${formatBytes(bytes.length)}, too large to be read`);
  const { pages } = await extractText({ kind: 'pdf', bytes }, { name: 'the PDF file', signal });
  return joinPages(pages);
}
