import { parentPort, workerData } from 'node:worker_threads';
import type { DocumentKind } from './document-kind.js';
import { toMarkdown } from './to-markdown.js';

/** Where the program of the thread is: this module, which does nothing where it is imported by others. */
export const WORKER_URL = import.meta.url;
/** What a thread is given to know that it is to read documents. */
export const IS_WORKER = 'crew reads documents';

/** Most characters of a document, in all its pages. */
const MOST_CHARACTERS = 5_000_000;
/** Most bytes of what is packed in a document: an archive of kilobytes may unpack to terabytes. */
const MOST_UNPACKED_BYTES = 100_000_000;

export type Job =
  | { readonly kind: DocumentKind; readonly bytes: Uint8Array<ArrayBuffer> }
  /** A page of the web: its article, or its links. */
  | { readonly kind: 'page' | 'links'; readonly html: string; readonly url: string };

export interface DocumentText {
  /** PDF by page; anything else is one page of Markdown. */
  readonly pages: readonly string[];
  /** True where the document has more than can be read. */
  readonly isCut: boolean;
}

/** A text, or what is wrong with the document, after its name. */
export type Answer = DocumentText | { readonly trouble: string };

const READERS: { readonly [Kind in Job['kind']]: (job: Job & { readonly kind: Kind }) => Promise<readonly string[]> } =
  {
    pdf: ({ bytes }) => readPdf(bytes),
    docx: ({ bytes }) => readDocx(bytes),
    html: async ({ bytes }) => [await toMarkdown(new TextDecoder().decode(bytes))],
    page: async ({ html, url }) => [await (await import('../web/page-text.js')).readPage(html, url)],
    links: async ({ html, url }) => [(await import('../web/page-text.js')).listLinks(html, url)],
  };

if (parentPort && workerData === IS_WORKER) {
  const port = parentPort;
  port.on('message', (job: Job) => void answer(job).then((found) => port.postMessage(found)));
}

async function answer<Kind extends Job['kind']>(job: Job & { readonly kind: Kind }): Promise<Answer> {
  const { kind } = job;
  try {
    return withinLimit(await READERS[kind](job));
  } catch (error) {
    const name = error instanceof Error ? error.name : '';
    if (name === 'PasswordException') return { trouble: 'is protected by a password' };
    if (error instanceof TooLargeError) return { trouble: error.message };
    return { trouble: `is broken, or no ${kind.toUpperCase()} file` };
  }
}

class TooLargeError extends Error {}

function withinLimit(pages: readonly string[]): DocumentText {
  let room = MOST_CHARACTERS;
  const within = pages.flatMap((page) => {
    if (room <= 0) return [];
    const part = page.slice(0, room);
    room -= page.length;
    return [part];
  });
  return { pages: within, isCut: room < 0 };
}

/** A piece of a page's text; marks have none. */
interface PdfItem {
  readonly str?: string;
  readonly hasEOL?: boolean;
}

async function readPdf(bytes: Uint8Array<ArrayBuffer>): Promise<readonly string[]> {
  const { getDocumentProxy } = await import('unpdf');
  const document = await getDocumentProxy(bytes, { verbosity: 0, isEvalSupported: false });
  try {
    const pages: string[] = [];
    let length = 0;
    for (let number = 1; number <= document.numPages && length <= MOST_CHARACTERS; number += 1) {
      const page = await document.getPage(number);
      const { items } = await page.getTextContent();
      const text = (items as readonly PdfItem[]).map(({ str = '', hasEOL }) => (hasEOL ? `${str}\n` : str)).join('');
      page.cleanup();
      pages.push(text.trimEnd());
      length += text.length;
    }
    return pages;
  } finally {
    await document.destroy();
  }
}

async function readDocx(bytes: Uint8Array<ArrayBuffer>): Promise<readonly string[]> {
  await checkUnpackedSize(bytes);
  const { default: mammoth } = await import('mammoth');
  const { value } = await mammoth.convertToHtml(
    { buffer: Buffer.from(bytes) },
    {
      externalFileAccess: false,
      includeEmbeddedStyleMap: false,
      convertImage: mammoth.images.imgElement(() => Promise.resolve({ src: '' })),
    },
  );
  return [await toMarkdown(value)];
}

/** Unpacks all there is, piece by piece and kept nowhere: what an archive says of its sizes may be a lie. */
async function checkUnpackedSize(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  const { default: JSZip } = await import('jszip');
  const archive = await JSZip.loadAsync(bytes);
  let size = 0;
  for (const entry of Object.values(archive.files)) {
    await new Promise<void>((resolve, reject) => {
      const stream = entry.nodeStream('nodebuffer');
      stream.on('data', (piece: Buffer) => {
        size += piece.length;
        if (size <= MOST_UNPACKED_BYTES) return;
        stream.pause();
        reject(new TooLargeError('unpacks to more than can be read'));
      });
      stream.on('error', reject);
      stream.on('end', resolve);
    });
  }
}
