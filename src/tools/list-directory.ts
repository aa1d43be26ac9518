import { lstat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { compareNames } from '../util/compare-names.js';
import { fileTrouble } from '../util/file-trouble.js';
import type { BuiltinTool } from './builtin-tool.js';
import { kindOf, locateInRoot, orToolError, rootOf } from './files/root.js';
import { ToolError } from './tool-error.js';
import { readFolder } from './files/walk-root.js';

/** Most entries of one result. */
const MOST_ENTRIES = 1000;
/** Where the last result can start: what is behind it has to be listed folder by folder. */
const MOST_OFFSET = 200_000;

/** Lists what a folder holds, without what tools may not touch. Links are shown, not followed. */
export const listDirectoryTool: BuiltinTool<'list_directory'> = {
  description: 'Lists a folder, one entry a line; folders end in /.',
  effects: 'none',
  // What it reads changes.
  isCacheable: false,
  isOutside: true,
  parameters: {
    type: 'object',
    properties: {
      path: { type: 'string', description: 'Default: the top folder' },
      recursive: { type: 'boolean' },
      offset: { type: 'integer', minimum: 0, maximum: MOST_OFFSET, description: 'Entries to skip' },
    },
    additionalProperties: false,
  },
  async prepare(settings, environment) {
    const root = await rootOf(settings, environment);
    const most = settings.max_entries ?? MOST_ENTRIES;
    return async ({ path, recursive, offset }, { signal }) => {
      const place = await locateInRoot(root, (path as string | undefined) || '.');
      const stats = await orToolError(place.name, () => lstat(place.path));
      if (!stats.isDirectory()) throw new ToolError(`${place.name} is ${kindOf(stats)}, not a folder`);
      const start = (offset as number | undefined) ?? 0;
      const level = { room: start + most, isRecursive: recursive === true, signal };
      const entries = await orToolError(place.name, () => listLevels(place.path, [''], level));
      if (entries.length === 0) return { text: '', note: '[the folder is empty]' };
      if (start >= entries.length) {
        throw new ToolError(`offset ${start} is past the end: there are ${entries.length} entries`);
      }
      // By name only now: which entries fit does not depend on how they are shown.
      const text = entries
        .slice(start, start + most)
        .toSorted(compareNames)
        .join('\n');
      const next = start + most;
      return entries.length > next
        ? { text, note: `[there are more entries; call again with offset ${next}]` }
        : { text };
    };
  },
};

/** Entries of the folders, level by level, until there are more than fit; paths relative to `top`. */
async function listLevels(top: string, folders: readonly string[], level: Level): Promise<string[]> {
  const names: string[] = [];
  const below: string[] = [];
  for (const folder of folders) {
    level.signal.throwIfAborted();
    for (const { name, isFolder } of await readLevel(top, folder)) {
      names.push(name);
      if (isFolder) below.push(name);
    }
    if (names.length > level.room) return names;
  }
  if (!level.isRecursive || below.length === 0) return names;
  const room = level.room - names.length;
  return [...names, ...(await listLevels(top, below, { ...level, room }))];
}

interface Level {
  /** How many more entries fit. */
  readonly room: number;
  readonly isRecursive: boolean;
  readonly signal: AbortSignal;
}

async function readLevel(
  top: string,
  way: string,
): Promise<readonly { readonly name: string; readonly isFolder: boolean }[]> {
  try {
    const entries = await readFolder(resolve(top, way));
    return entries.map(({ name, kind }) => ({
      name: `${way}${name}${kind === 'folder' ? '/' : ''}`,
      isFolder: kind === 'folder',
    }));
  } catch (error) {
    if (way === '') throw error;
    return [{ name: `${way} [${fileTrouble(error)}]`, isFolder: false }];
  }
}
