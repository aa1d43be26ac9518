import type { FileHandle } from 'node:fs/promises';
import { decodePart, encodingOf } from '../../util/text-encoding.js';
import { readBytes } from './read-bytes.js';

/** How much is read at once, and the longest line that is kept whole. */
const PIECE_BYTES = 1_000_000;

export interface Lines {
  /** Number of the first one, from 1. */
  readonly first: number;
  /** Without their ends. */
  readonly lines: readonly string[];
}

/** The lines of a text file, some at a time, so that any size will do; of a line of megabytes only the beginning. Ends at once for a file that is no text. */
export async function* readLines(file: FileHandle): AsyncGenerator<Lines> {
  const encoding = encodingOf(await readBytes(file, 0, 2));
  let [offset, first, rest] = [0, 1, ''];
  for (;;) {
    const bytes = await readBytes(file, offset, PIECE_BYTES);
    const isEnd = bytes.length < PIECE_BYTES;
    const part = decodePart(bytes, encoding, { isEnd });
    if (!part) return;
    const text = offset === 0 ? part.text.replace(/^\uFEFF/, '') : part.text;
    const lines = (rest + text).split(/\r?\n/);
    lines[0] = (lines[0] ?? '').slice(0, PIECE_BYTES);
    rest = isEnd ? '' : (lines.pop() ?? '');
    if (isEnd && lines.at(-1) === '') lines.pop();
    yield { first, lines };
    first += lines.length;
    if (isEnd) return;
    offset += part.sizeOf(part.text);
  }
}
