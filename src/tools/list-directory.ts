import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileTrouble } from '../util/file-trouble.js';
import { findProtectedPart } from '../util/protected-path.js';
import type { BuiltinTool } from './builtin-tool.js';
import { kindOf, locateInRoot, orToolError, ROOT_SETTINGS, rootOf } from './root.js';
import { ToolError } from './tool-error.js';

/** Most entries of one result. */
const MOST_ENTRIES = 1000;

/** Lists what a folder holds, without what tools may not touch. Links are shown, not followed. */
export const listDirectoryTool: BuiltinTool = {
  description: 'Lists a folder, one entry a line; folders end in /.',
  effects: 'none',
  // What it reads changes.
  isCacheable: false,
  settings: ROOT_SETTINGS,
  parameters: {
    type: 'object',
    properties: {
      path: { type: 'string', description: 'Default: the top folder' },
      recursive: { type: 'boolean' },
    },
    additionalProperties: false,
  },
  async prepare(settings, environment) {
    const root = await rootOf(settings, environment);
    return async ({ path, recursive }, { signal }) => {
      const place = await locateInRoot(root, (path as string | undefined) || '.');
      const stats = await orToolError(place.name, () => lstat(place.path));
      if (!stats.isDirectory()) throw new ToolError(`${place.name} is ${kindOf(stats)}, not a folder`);
      const level = { room: MOST_ENTRIES, isRecursive: recursive === true, signal };
      const entries = await orToolError(place.name, () => listLevels(place.path, [''], level));
      // It may have been swapped for a link while it was read.
      if ((await locateInRoot(root, place.path)).path !== place.path)
        throw new ToolError(`${place.name} was replaced just now; try again`);
      if (entries.length === 0) return '[the folder is empty]';
      const note = entries.length > MOST_ENTRIES ? '\n… [there are more entries; list the folders one by one]' : '';
      return entries.slice(0, MOST_ENTRIES).toSorted(compare).join('\n') + note;
    };
  },
};

/** Entries of the folders, level by level, until there are more than fit; paths relative to `top`. */
async function listLevels(top: string, folders: readonly string[], level: Level): Promise<string[]> {
  level.signal.throwIfAborted();
  const found = await Promise.all(folders.map((folder) => readFolder(top, folder)));
  const names = found.flatMap((folder) => folder.names);
  const below = found.flatMap((folder) => folder.folders);
  const room = level.room - names.length;
  if (!level.isRecursive || below.length === 0 || room < 0) return names;
  return [...names, ...(await listLevels(top, below, { ...level, room }))];
}

interface Level {
  /** How many more entries fit. */
  readonly room: number;
  readonly isRecursive: boolean;
  readonly signal: AbortSignal;
}

async function readFolder(top: string, way: string): Promise<{ readonly names: string[]; readonly folders: string[] }> {
  try {
    const found = (await readdir(join(top, way), { withFileTypes: true }))
      .filter(({ name }) => findProtectedPart(name) === undefined)
      .map((entry) => ({ name: `${way}${entry.name}${entry.isDirectory() ? '/' : ''}`, isFolder: entry.isDirectory() }))
      .toSorted((a, b) => compare(a.name, b.name));
    return {
      names: found.map(({ name }) => name),
      folders: found.filter(({ isFolder }) => isFolder).map(({ name }) => name),
    };
  } catch (error) {
    if (way === '') throw error;
    return { names: [`${way} [${fileTrouble(error)}]`], folders: [] };
  }
}

/** The same order on every machine. */
function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
