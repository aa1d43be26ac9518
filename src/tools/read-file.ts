import type { FileHandle } from 'node:fs/promises';
import { countOf, formatBytes } from '../util/amounts.js';
import { characterStart, decodePart, encodingOf } from '../util/text-encoding.js';
import type { BuiltinTool } from './builtin-tool.js';
import { BEGINNING, documentKindOf } from './documents/document-kind.js';
import { readBytes } from './files/read-bytes.js';
import { locateInRoot, openRegularFile, orToolError, rootOf, type RootPlace } from './files/root.js';
import { textPart } from './text-part.js';
import { ToolError } from './tool-error.js';
import type { DetailedResult } from './tool.js';

/** Most bytes of a file that one call gives: what a context window bears several times. */
const MOST_BYTES = 50_000;

/** Reads files as text, in parts where they are long; never more of a text file than is asked for. */
export const readFileTool: BuiltinTool<'read_file'> = {
  description:
    'Reads a text file, or a PDF or DOCX file as text. A long one comes in parts; the result says how to get the next.',
  effects: 'none',
  // What it reads changes.
  isCacheable: false,
  isOutside: true,
  parameters: {
    type: 'object',
    properties: {
      path: { type: 'string' },
      offset: { type: 'integer', minimum: 0, description: 'Where to start, as the part before says' },
      limit: { type: 'integer', minimum: 1, description: 'Most bytes to read' },
    },
    required: ['path'],
    additionalProperties: false,
  },
  async prepare(settings, environment) {
    const root = await rootOf(settings, environment);
    const maxBytes = settings.max_bytes ?? MOST_BYTES;
    return async ({ path, offset, limit }, { signal }) => {
      const place = await locateInRoot(root, path as string);
      signal.throwIfAborted();
      const file = await openRegularFile(place);
      try {
        return await orToolError(place.name, async () => {
          const part = {
            offset: (offset as number | undefined) ?? 0,
            most: Math.min((limit as number | undefined) ?? maxBytes, maxBytes),
          };
          const beginning = await readBytes(file, 0, BEGINNING);
          const kind = documentKindOf(place.name, beginning);
          if (kind === undefined) return readTextPart(file, place, { ...part, beginning });
          const { readDocument } = await import('./documents/document-text.js');
          return cutDocument(await readDocument(file, place, { kind, signal }), place, part);
        });
      } finally {
        await file.close();
      }
    };
  },
};

interface Part {
  readonly offset: number;
  /** Bytes of a text file, characters of a document. */
  readonly most: number;
}

const EMPTY: DetailedResult = { text: '', note: '[the file is empty]' };

async function readTextPart(
  file: FileHandle,
  { name }: RootPlace,
  { offset, most, beginning }: Part & { readonly beginning: Uint8Array },
): Promise<DetailedResult> {
  const { size } = await file.stat();
  if (size === 0) return EMPTY;
  if (offset >= size) throw new ToolError(`offset ${offset} is past the end: ${name} has ${formatBytes(size)}`);
  // No character is longer than 4 bytes, so that every call gives at least one.
  const bytes = await readBytes(file, offset, Math.min(Math.max(most, 4), size - offset));
  const isEnd = offset + bytes.length >= size;
  const encoding = encodingOf(beginning);
  const start = characterStart(bytes, encoding, offset);
  const part = decodePart(bytes.subarray(start), encoding, { isEnd });
  if (!part) throw new ToolError(`${name} is a binary file, not text, PDF or DOCX`);
  const text = isEnd ? part.text : toWholeLines(part.text);
  const next = offset + start + part.sizeOf(text);
  const left = size - next;
  return {
    text: text.replace(/^\uFEFF/, ''),
    ...(left > 0 && { note: `[${countOf(left, 'byte')} left; call again with offset ${next}]` }),
  };
}

function cutDocument(
  { text, isCut }: { readonly text: string; readonly isCut: boolean },
  { name }: RootPlace,
  { offset, most }: Part,
): DetailedResult {
  if (text === '') return { text, note: '[there is no text in the file; its pages may be pictures]' };
  const part = textPart(text, { name, offset, most });
  return isCut && part.note === undefined
    ? { ...part, note: '[the document is longer; no more of it can be read]' }
    : part;
}

/** Ends with a whole line, unless that would take away more than half. */
function toWholeLines(text: string): string {
  const lineEnd = text.lastIndexOf('\n') + 1;
  return lineEnd > text.length / 2 ? text.slice(0, lineEnd) : text;
}
