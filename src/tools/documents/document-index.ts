import type { FileHandle } from 'node:fs/promises';
import pLimit from 'p-limit';
import { createPassageIndex, type IndexedPassage, type PassageIndex } from '../../store/passage-index.js';
import { formatCount } from '../../util/amounts.js';
import { decodePart, encodingOf } from '../../util/text-encoding.js';
import { BEGINNING, documentKindOf } from './document-kind.js';
import { readPages } from './document-text.js';
import { stampOf } from '../files/file-stamp.js';
import { readBytes, sizeWithin } from '../files/read-bytes.js';
import { openRegularFile, orToolError, type RootPlace } from '../files/root.js';
import { type Passage, splitPassages } from './split-passages.js';
import { ToolError } from '../tool-error.js';

/** Most files that are searched, and most characters of all their texts. */
const MOST_FILES = 5000;
const MOST_CHARACTERS = 100_000_000;
/** Most bytes of a text or HTML file. */
const MOST_BYTES = 10_000_000;

/** Texts of files that are searched, kept up to date. */
export interface DocumentIndex {
  /** The best passages; undefined where the query has no word. `leftOut` says in words what is not searched. */
  search(
    files: readonly RootPlace[],
    query: string,
    options: { readonly most: number; readonly signal: AbortSignal },
  ): Promise<{ readonly passages: ReturnType<PassageIndex['search']>; readonly leftOut: readonly string[] }>;
}

interface IndexedFile {
  /** State of the file when it was read. */
  readonly stamp: string;
  readonly characters: number;
  /** Why it cannot be searched. */
  readonly trouble?: string;
}

/** An empty index. */
export function createDocumentIndex(): DocumentIndex {
  const index = createPassageIndex();
  const known = new Map<string, IndexedFile>();
  // One refresh at a time.
  const oneAtATime = pLimit(1);

  const forget = (name: string): void => {
    known.delete(name);
    index.replace(name, []);
  };

  const update = async (place: RootPlace, signal: AbortSignal): Promise<IndexedFile> => {
    const before = known.get(place.name);
    const file = await openRegularFile(place);
    try {
      const stamp = await stampOf(file, place);
      if (before?.stamp === stamp) return before;
      const { passages, trouble } = await toPassages(file, place, signal);
      index.replace(place.name, passages);
      const characters = passages.reduce((sum, { text }) => sum + text.length, 0);
      const indexed = { stamp, characters, ...(trouble !== undefined && { trouble }) };
      known.set(place.name, indexed);
      return indexed;
    } finally {
      await file.close();
    }
  };

  const refresh = async (files: readonly RootPlace[], signal: AbortSignal): Promise<readonly string[]> => {
    const leftOut: string[] = [];
    const names = new Set(files.map(({ name }) => name));
    for (const name of known.keys()) if (!names.has(name)) forget(name);
    let characters = 0;
    for (const [position, place] of files.entries()) {
      signal.throwIfAborted();
      if (position >= MOST_FILES || characters > MOST_CHARACTERS) {
        for (const { name } of files.slice(position)) if (known.has(name)) forget(name);
        leftOut.push(`${formatCount(files.length - position)} files from ${place.name} on: there are too many`);
        break;
      }
      try {
        const indexed = await update(place, signal);
        characters += indexed.characters;
        if (indexed.trouble !== undefined) leftOut.push(indexed.trouble);
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof ToolError)) throw error;
        forget(place.name);
        leftOut.push(error.message);
      }
    }
    return leftOut;
  };

  return {
    search: (files, query, { most, signal }) =>
      oneAtATime(async () => {
        const leftOut = await refresh(files, signal);
        return { passages: index.search(query, most), leftOut };
      }),
  };
}

async function toPassages(
  file: FileHandle,
  place: RootPlace,
  signal: AbortSignal,
): Promise<{ readonly passages: readonly IndexedPassage[]; readonly trouble?: string }> {
  const { name } = place;
  try {
    return await orToolError(name, async () => {
      const beginning = await readBytes(file, 0, BEGINNING);
      const isHtml = /\.x?html?$/i.test(name);
      const kind = documentKindOf(name, beginning) ?? (isHtml ? 'html' : undefined);
      if (kind === undefined) {
        const isMarkdown = /\.(?:md|mdx|markdown)$/i.test(name);
        const passages = splitPassages(await readText(file, name), { hasHeadings: isMarkdown });
        return { passages: passages.map((passage) => toIndexed(name, `:${passage.line}`, passage)) };
      }
      if (isHtml) await sizeWithin(file, name, MOST_BYTES);
      const { pages, isCut } = await readPages(file, place, { kind, signal });
      const passages = pages.flatMap((page, position) =>
        splitPassages(page, { hasHeadings: kind !== 'pdf' }).map((passage) =>
          toIndexed(name, kind === 'pdf' ? `, page ${position + 1}` : '', passage),
        ),
      );
      return isCut
        ? { passages, trouble: `${name} after its first ${formatCount(lengthOf(pages))} characters` }
        : { passages };
    });
  } catch (error) {
    // What a call is ended with says nothing of the file.
    signal.throwIfAborted();
    if (!(error instanceof ToolError)) throw error;
    return { passages: [], trouble: error.message };
  }
}

function toIndexed(name: string, place: string, { heading, text }: Passage): IndexedPassage {
  return { label: `${name}${place}${heading && ` (${heading})`}`, title: `${name} ${heading}`, text };
}

async function readText(file: FileHandle, name: string): Promise<string> {
  const bytes = await readBytes(file, 0, await sizeWithin(file, name, MOST_BYTES));
  const part = decodePart(bytes, encodingOf(bytes), { isEnd: true });
  if (!part) throw new ToolError(`${name} is a binary file, not text, PDF or DOCX`);
  return part.text.replace(/^\uFEFF/, '');
}

function lengthOf(pages: readonly string[]): number {
  return pages.reduce((sum, page) => sum + page.length, 0);
}
