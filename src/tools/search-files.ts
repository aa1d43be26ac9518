import { lstat } from 'node:fs/promises';
import { formatCount } from '../util/amounts.js';
import { runInTime } from '../util/in-time.js';
import type { BuiltinTool } from './builtin-tool.js';
import { createGlob } from './files/create-glob.js';
import { BEGINNING, documentKindOf } from './documents/document-kind.js';
import { type Lines, readLines } from './files/file-lines.js';
import { createLineFinder } from './files/find-in-lines.js';
import { readBytes } from './files/read-bytes.js';
import { locateInRoot, openRegularFile, orToolError, rootOf, type RootPlace } from './files/root.js';
import { ToolError } from './tool-error.js';
import type { DetailedResult } from './tool.js';
import { listSome, type Walk, walkRoot } from './files/walk-root.js';

/** Most lines or files of one result. */
const MOST_RESULTS = 100;
/** Where the last result can start. */
const MOST_OFFSET = 100_000;
/** Most characters that one search reads. */
const MOST_CHARACTERS = 500_000_000;
/** Longest time for a glob, milliseconds, in which the process does nothing else. */
const TIMEOUT_MS = 500;

/** Finds files by name, and lines in them by text. Links are not followed. */
export const searchFilesTool: BuiltinTool<'search_files'> = {
  description: 'Finds files by name, or lines by text, in a folder and all below it.',
  effects: 'none',
  // What it reads changes.
  isCacheable: false,
  isOutside: true,
  parameters: {
    type: 'object',
    properties: {
      pattern: { type: 'string', description: 'Text or regular expression in a line' },
      files: { type: 'string', description: 'Glob, such as *.md or src/**/*.ts' },
      path: { type: 'string' },
      offset: { type: 'integer', minimum: 0, maximum: MOST_OFFSET, description: 'Results to skip' },
    },
    additionalProperties: false,
  },
  async prepare(settings, environment) {
    const root = await rootOf(settings, environment);
    const most = settings.max_results ?? MOST_RESULTS;
    return async ({ pattern, files, path, offset }, { signal }) => {
      const words = { pattern: (pattern as string | undefined) ?? '', files: (files as string | undefined) ?? '' };
      if (words.pattern === '' && words.files === '') throw new ToolError('give a pattern, files or both');
      const top = await locateInRoot(root, (path as string | undefined) || '.');
      const start = (offset as number | undefined) ?? 0;
      const { files: places, leftOut } = await findFiles(top, words.files, signal);
      const found = words.pattern
        ? await findLines(places, words.pattern, { room: start + most, signal })
        : { results: places.map(({ name }) => name), leftOut: [], notes: [] };
      return toResult({ ...found, leftOut: [...leftOut, ...found.leftOut] }, { start, most });
    };
  },
};

interface Found {
  readonly results: readonly string[];
  /** With names of files, which are not ours to believe. */
  readonly leftOut: readonly string[];
  readonly notes: readonly string[];
}

function toResult(
  { results, leftOut, notes }: Found,
  { start, most }: { readonly start: number; readonly most: number },
): DetailedResult {
  const shown = results.slice(start, start + most);
  const text = [...shown, ...(leftOut.length > 0 ? [`[left out: ${listSome(leftOut)}]`] : [])].join('\n');
  const next = start + most;
  const all = [
    ...(results.length === 0 ? ['nothing found'] : []),
    ...(results.length > 0 && shown.length === 0 ? [`there are ${formatCount(results.length)} results in all`] : []),
    ...(results.length > next ? [`there are more results; call again with offset ${next}`] : []),
    ...notes,
  ];
  return all.length === 0 ? { text } : { text, note: all.map((note) => `[${note}]`).join('\n') };
}

/** The files below a place, or the one that it is, whose names fit the glob, seen from there or from the root. */
async function findFiles(top: RootPlace, glob: string, signal: AbortSignal): Promise<Walk> {
  const stats = await orToolError(top.name, () => lstat(top.path));
  if (!stats.isDirectory()) return { files: [top], leftOut: [] };
  const { files, leftOut } = await walkRoot(top, signal);
  if (glob === '') return { files, leftOut };
  const fits = await createGlob(glob);
  const start = top.name === '.' ? 0 : top.name.length + 1;
  const chosen = runInTime(TIMEOUT_MS, () =>
    files.filter(({ name }) => fits(name) || (start > 0 && fits(name.slice(start)))),
  );
  if (chosen.isTimeout) throw new ToolError(`the glob ${glob} takes too long; use a simpler one`);
  return { files: chosen.value, leftOut };
}

/** The lines that fit, as `path:line: text`, until there are more than fit the room. */
async function findLines(
  places: readonly RootPlace[],
  pattern: string,
  { room, signal }: { readonly room: number; readonly signal: AbortSignal },
): Promise<Found> {
  const finder = createLineFinder(pattern);
  const results: string[] = [];
  const notes = finder.isPlain ? ['the pattern is no regular expression, so it was searched for as it stands'] : [];
  const leftOut: string[] = [];
  let characters = 0;
  for (const place of places) {
    for await (const { first, lines } of linesOf(place, leftOut)) {
      signal.throwIfAborted();
      results.push(...finder.find(lines).map(({ index, text }) => `${place.name}:${first + index}: ${text}`));
      characters += lines.reduce((sum, line) => sum + line.length, 0);
      if (results.length > room || characters > MOST_CHARACTERS) break;
    }
    if (results.length > room) break;
    if (characters > MOST_CHARACTERS) {
      notes.push(`only the first ${formatCount(MOST_CHARACTERS)} characters were searched; give a path or files`);
      break;
    }
  }
  return { results, leftOut, notes };
}

/** The lines of a text file; none for one that cannot be opened, which goes to `leftOut`. */
async function* linesOf(place: RootPlace, leftOut: string[]): AsyncGenerator<Lines> {
  const file = await openRegularFile(place).catch((error: unknown) => {
    if (!(error instanceof ToolError)) throw error;
    leftOut.push(error.message);
  });
  try {
    if (file && !documentKindOf(place.name, await readBytes(file, 0, BEGINNING))) yield* readLines(file);
  } finally {
    await file?.close();
  }
}
