import type { BuiltinTool } from './builtin-tool.js';
import { createGlob } from './files/create-glob.js';
import type { DocumentIndex } from './documents/document-index.js';
import { createRecent } from './recent.js';
import { locateInRoot, rootOf } from './files/root.js';
import { ToolError } from './tool-error.js';
import { listSome, walkRoot } from './files/walk-root.js';

/** Most passages of one result. */
const MOST_PASSAGES = 5;
/** The files that are searched where the settings do not say. */
const DOCUMENTS = ['*.{txt,text,md,mdx,markdown,rst,adoc,org,htm,html,xhtml,pdf,docx,docm,dotx}'];
/** The first search reads all files, milliseconds. */
const TIMEOUT_MS = 300_000;

/** Indexes of this process, each for a root and its files: several runs ask the same ones. */
const indexes = createRecent<DocumentIndex>();

/** Finds passages of documents by their words, the best ones first. */
export const searchDocumentsTool: BuiltinTool<'search_documents'> = {
  description: 'Finds the passages of the documents here that fit the words best.',
  effects: 'none',
  // What it reads changes.
  isCacheable: false,
  isOutside: true,
  timeoutMs: TIMEOUT_MS,
  parameters: {
    type: 'object',
    properties: {
      query: { type: 'string', description: 'Words that should be in them' },
      max_results: { type: 'integer', minimum: 1 },
    },
    required: ['query'],
    additionalProperties: false,
  },
  async prepare(settings, environment) {
    const root = await rootOf(settings, environment);
    const patterns = settings.files ?? DOCUMENTS;
    const most = settings.max_results ?? MOST_PASSAGES;
    return async ({ query, max_results: wanted }, { signal }) => {
      const top = await locateInRoot(root, '.');
      const { files, leftOut } = await walkRoot(top, signal);
      const globs = await Promise.all(patterns.map((pattern) => createGlob(pattern, { isCaseless: true })));
      const chosen = files.filter(({ name }) => globs.some((fits) => fits(name)));
      const found = await (
        await indexOf([top.path, ...patterns])
      ).search(chosen, query as string, {
        most: Math.min((wanted as number | undefined) ?? most, most),
        signal,
      });
      if (!found.passages)
        throw new ToolError('there is no word in the query; give words that the passage should have');
      const all = [...leftOut, ...found.leftOut];
      const parts = [
        ...found.passages.map(({ label, text }) => `${label}\n${text}`),
        ...(all.length > 0 ? [`[left out: ${listSome(all)}]`] : []),
      ];
      return found.passages.length > 0
        ? parts.join('\n\n')
        : { text: parts.join('\n\n'), note: '[nothing found; try other words]' };
    };
  },
};

async function indexOf(parts: readonly string[]): Promise<DocumentIndex> {
  const { createDocumentIndex } = await import('./documents/document-index.js');
  const key = JSON.stringify(parts);
  const index = indexes.get(key) ?? createDocumentIndex();
  indexes.set(key, index);
  return index;
}
