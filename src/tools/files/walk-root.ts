import { opendir } from 'node:fs/promises';
import { join } from 'node:path';
import { formatCount } from '../../util/amounts.js';
import { compareNames } from '../../util/compare-names.js';
import { inFolder } from '../../util/pinned-folder.js';
import { findProtectedPart } from '../../util/protected-path.js';
import { orToolError, type RootPlace } from './root.js';
import { ToolError } from '../tool-error.js';

/** Most entries of one folder that are read, and most files that a walk finds. */
const MOST_ENTRIES = 200_000;
const MOST_FILES = 100_000;

/** Folders of what others wrote or programs made: a walk leaves them out, unless it starts in them. */
const LEFT_OUT: ReadonlySet<string> = new Set(['node_modules', '.venv', '__pycache__']);

export interface FolderEntry {
  readonly name: string;
  readonly kind: 'file' | 'folder' | 'other';
}

/**
 * What a folder holds, sorted, without what tools may not touch; links are `other`. Rejects with the system's error, and
 * with ToolError for a folder of more than 200,000 entries.
 */
export async function readFolder(path: string): Promise<readonly FolderEntry[]> {
  const entries: FolderEntry[] = [];
  await inFolder(path, async (pinned) => {
    for await (const entry of await opendir(pinned, { bufferSize: 1024 })) {
      if (entries.length === MOST_ENTRIES) throw new ToolError(`it has more than ${formatCount(MOST_ENTRIES)} entries`);
      const kind = entry.isFile() ? 'file' : entry.isDirectory() ? 'folder' : 'other';
      if (findProtectedPart(entry.name) === undefined) entries.push({ name: entry.name, kind });
    }
  });
  return entries.toSorted((a, b) => compareNames(a.name, b.name));
}

export interface Walk {
  /** Sorted folder by folder. */
  readonly files: readonly RootPlace[];
  /** What the walk had to leave out, in words; empty for nothing. */
  readonly leftOut: readonly string[];
}

/** The regular files below a place, which is a folder, or the place itself where it is a file. Follows no links. */
export async function walkRoot(top: RootPlace, signal: AbortSignal): Promise<Walk> {
  const files: RootPlace[] = [];
  const unreadable: string[] = [];
  const visit = async (folder: RootPlace): Promise<void> => {
    signal.throwIfAborted();
    for (const { name, kind } of await readFolder(folder.path)) {
      if (files.length === MOST_FILES) return;
      const place = placeIn(folder, name);
      if (kind === 'file') files.push(place);
      if (kind !== 'folder' || LEFT_OUT.has(name)) continue;
      await orToolError(place.name, () => visit(place)).catch((error: unknown) => {
        signal.throwIfAborted();
        if (!(error instanceof ToolError)) throw error;
        unreadable.push(error.message);
      });
    }
  };
  await orToolError(top.name, () => visit(top));
  const isFull = files.length === MOST_FILES;
  return { files, leftOut: [...unreadable, ...(isFull ? ['files after the first 100,000'] : [])] };
}

/** Most things that a sentence names. */
const MOST_NAMED = 5;

/** The first few of some things, and how many more there are: `a; b; … and 3 more`. */
export function listSome(things: readonly string[]): string {
  const more = things.length > MOST_NAMED ? [`… and ${formatCount(things.length - MOST_NAMED)} more`] : [];
  return [...things.slice(0, MOST_NAMED), ...more].join('; ');
}

function placeIn(folder: RootPlace, name: string): RootPlace {
  return {
    path: join(folder.path, name),
    name: folder.name === '.' ? name : `${folder.name}/${name}`,
    isLinked: false,
  };
}
