import type { FileHandle } from 'node:fs/promises';
import type { DocumentKind } from './document-kind.js';
import type { DocumentText } from './document-worker.js';
import { extractText, joinPages } from './extract-text.js';
import { stampOf } from '../files/file-stamp.js';
import { readBytes, sizeWithin } from '../files/read-bytes.js';
import { createRecent } from '../recent.js';
import type { RootPlace } from '../files/root.js';

/** Most bytes of a document that is read. */
const MOST_BYTES = 50_000_000;
/** Most characters that are kept for the next call, of all documents. */
const MOST_KEPT_CHARACTERS = 20_000_000;

/** Texts of documents, by state of the file. */
const kept = createRecent<DocumentText>({
  most: MOST_KEPT_CHARACTERS,
  sizeOf: ({ pages }) => pages.reduce((sum, page) => sum + page.length, 0),
});

/** The text of a document; pages of a PDF start with `[page 1]`. Rejects with ToolError for one that cannot be read. */
export async function readDocument(
  file: FileHandle,
  place: RootPlace,
  options: { readonly kind: DocumentKind; readonly signal: AbortSignal },
): Promise<{ readonly text: string; readonly isCut: boolean }> {
  const stamp = await stampOf(file, place);
  const document = kept.get(stamp) ?? (await readPages(file, place, options));
  kept.set(stamp, document);
  const { pages, isCut } = document;
  return { text: options.kind === 'pdf' ? joinPages(pages) : pages.join(''), isCut };
}

/** The same by page; what is not PDF has one page. Not kept. */
export async function readPages(
  file: FileHandle,
  { name }: RootPlace,
  { kind, signal }: { readonly kind: DocumentKind; readonly signal: AbortSignal },
): Promise<DocumentText> {
  const size = await sizeWithin(file, name, MOST_BYTES);
  return extractText({ kind, bytes: await readBytes(file, 0, size) }, { name, signal });
}
