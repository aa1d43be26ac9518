import type { FileHandle } from 'node:fs/promises';
import type { BuiltinTool } from './builtin-tool.js';
import { formatBytes } from '../util/amounts.js';
import { locateInRoot, openRegularFile, orToolError, ROOT_SETTINGS, rootOf, type RootPlace } from './root.js';
import { ToolError } from './tool-error.js';

/** Most bytes of a file that one call gives: what a context window bears several times. */
const MOST_BYTES = 50_000;

/** Control characters that no text has. */
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const BINARY = /[\0-\x08\x0e-\x19\x1c-\x1f]/;

/** Reads text files, in parts where they are long; never more of a file than is asked for. */
export const readFileTool: BuiltinTool = {
  description: 'Reads a text file. A long file comes in parts; the result says how to get the next one.',
  effects: 'none',
  // What it reads changes.
  isCacheable: false,
  settings: ROOT_SETTINGS,
  parameters: {
    type: 'object',
    properties: {
      path: { type: 'string' },
      offset: { type: 'integer', minimum: 0, description: 'Byte to start at' },
      limit: { type: 'integer', minimum: 1, description: 'Most bytes to read' },
    },
    required: ['path'],
    additionalProperties: false,
  },
  async prepare(settings, environment) {
    const root = await rootOf(settings, environment);
    return async ({ path, offset, limit }, { signal }) => {
      const place = await locateInRoot(root, path as string);
      signal.throwIfAborted();
      const file = await openRegularFile(place);
      try {
        const most = Math.min((limit as number | undefined) ?? MOST_BYTES, MOST_BYTES);
        return await orToolError(place.name, () => readPart(file, place, (offset as number | undefined) ?? 0, most));
      } finally {
        await file.close();
      }
    };
  },
};

async function readPart(file: FileHandle, { name }: RootPlace, offset: number, most: number): Promise<string> {
  const { size } = await file.stat();
  if (size === 0) return '[the file is empty]';
  if (offset >= size) throw new ToolError(`offset ${offset} is past the end: ${name} has ${formatBytes(size)}`);
  // No character of UTF-8 is longer than 4 bytes, so that every call gives at least one.
  const buffer = Buffer.alloc(Math.max(most, 4));
  const { bytesRead } = await file.read(buffer, 0, buffer.length, offset);
  const bytes = buffer.subarray(0, bytesRead);
  const start = offset === 0 ? 0 : characterStart(bytes);
  const { text, length } = decode(bytes, start, { isEnd: offset + bytes.length >= size, name });
  const next = offset + length;
  return next < size ? `${text}\n… [${formatBytes(size - next)} left; call again with offset ${next}]` : text;
}

/** Bytes to skip where an offset points into the middle of a UTF-8 character. */
function characterStart(bytes: Buffer): number {
  const start = bytes.findIndex((byte) => (byte & 0xc0) !== 0x80);
  return start >= 1 && start <= 3 ? start : 0;
}

/** The part as text that ends with a whole character, and where possible a whole line; `length` is how many bytes that took. */
function decode(
  bytes: Buffer,
  start: number,
  { isEnd, name }: { readonly isEnd: boolean; readonly name: string },
): { readonly text: string; readonly length: number } {
  const utf8 = decodeUtf8(bytes.subarray(start), isEnd);
  const text = utf8 ?? bytes.toString('latin1');
  if (BINARY.test(text)) throw new ToolError(`${name} is a binary file, not text`);
  const lineEnd = text.lastIndexOf('\n') + 1;
  const whole = !isEnd && lineEnd > text.length / 2 ? text.slice(0, lineEnd) : text;
  const length = utf8 === undefined ? whole.length : start + Buffer.byteLength(whole);
  return { text: whole.replace(/^\uFEFF/, ''), length };
}

/** Undefined for what is not UTF-8. A character cut off by the part's end is left out. */
function decodeUtf8(bytes: Buffer, isEnd: boolean): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes, { stream: !isEnd });
  } catch {
    return undefined;
  }
}
