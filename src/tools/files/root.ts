import { constants } from 'node:fs';
import { lstat, open, realpath, stat, type FileHandle } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { TaskError, UsageError } from '../../errors.js';
import { errorCode, fileTrouble } from '../../util/file-trouble.js';
import { placeOfOpened } from '../../util/pinned-folder.js';
import { findProtectedPart } from '../../util/protected-path.js';
import { isInside, isLink, realPathOf } from '../../util/real-path.js';
import type { ToolEnvironment } from '../builtin-tool.js';
import { ToolError } from '../tool-error.js';

/** A place below a root, safe to use: links are resolved, and it was inside when it was looked at. */
export interface RootPlace {
  /** Absolute, without links. */
  readonly path: string;
  /** Relative to the root, with `/`, for people and models. */
  readonly name: string;
  /** True where a symbolic link leads to it. */
  readonly isLinked: boolean;
}

/** The absolute root of a tool's settings. It need not exist yet; rejects with UsageError where it is no folder. */
export async function rootOf(
  { root = '.' }: { readonly root?: string | undefined },
  { workingDirectory }: Pick<ToolEnvironment, 'workingDirectory'>,
): Promise<string> {
  const path = resolve(workingDirectory, root);
  const stats = await stat(path).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw new UsageError(`root ${root}: ${fileTrouble(error)}`, { cause: error });
  });
  if (stats && !stats.isDirectory()) throw new UsageError(`root ${root} is not a folder`);
  return path;
}

/**
 * Finds the place that a model's path means, without opening it; it need not exist. Rejects with ToolError for a path
 * outside the root, by `..` or through links, and for files that are nobody's business, such as `.env` and `.git`.
 */
export async function locateInRoot(root: string, path: string): Promise<RootPlace> {
  if (path === '' || path.includes('\0')) throw new ToolError(`${JSON.stringify(path)} is not a path`);
  const realRoot = await orToolError(path, () => realPathOf(root));
  const way = wayInto([root, realRoot], path);
  if (way === undefined) throw outside(path, root);
  const real = await orToolError(path, () => realPathOf(join(realRoot, way)));
  if (!isInside(realRoot, real)) throw outside(path, root);
  const realWay = relative(realRoot, real);
  const part = findProtectedPart(way) ?? findProtectedPart(realWay);
  if (part !== undefined) throw new ToolError(`${path} is off limits: ${part} may hold secrets; go on without it`);
  return { path: real, name: realWay.split(sep).join('/') || '.', isLinked: await hasLink(realRoot, way) };
}

/** How often a file is opened that others replace all the time. */
const MOST_OPENINGS = 5;

/** Opens a regular file for reading; the caller closes it. Rejects with ToolError, also where its place was swapped meanwhile. */
export async function openRegularFile({ path, name }: RootPlace): Promise<FileHandle> {
  return orToolError(name, async () => {
    for (let count = 0; count < MOST_OPENINGS; count += 1) {
      const file = await tryToOpen(path, name);
      if (file) return file;
    }
    throw new ToolError(`${name} was replaced just now; try again`);
  });
}

/** Undefined where what was opened is not what stands there. */
async function tryToOpen(path: string, name: string): Promise<FileHandle | undefined> {
  // Looked at first, because opening a device or a pipe can have effects, or wait for ever.
  const before = await lstat(path);
  if (!before.isFile()) throw new ToolError(`${name} is ${kindOf(before)}, not a file`);
  const file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  try {
    const opened = await file.stat({ bigint: true });
    const now = await lstat(path, { bigint: true });
    const isSame = opened.isFile() && opened.ino === now.ino && opened.dev === now.dev;
    // What was opened is asked, as the name may lead elsewhere again.
    if (isSame && ((await placeOfOpened(file)) ?? (await realpath(path))) === path) return file;
    await file.close();
    return undefined;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** The operation's outcome; errors of the file system become words for the model that start with the path's name. */
export async function orToolError<T>(name: string, operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    const cause = error instanceof TaskError ? error.cause : error;
    if (!/^E[A-Z0-9]+$/.test(errorCode(cause) ?? '')) throw error;
    throw new ToolError(`${name}: ${fileTrouble(cause)}`, { cause });
  }
}

/** What stands at a place, for a sentence: `a folder`, `a device`. */
export function kindOf(stats: {
  isDirectory(): boolean;
  isFIFO(): boolean;
  isSocket(): boolean;
  isFile(): boolean;
  isSymbolicLink(): boolean;
}): string {
  if (stats.isFile()) return 'a file';
  if (stats.isDirectory()) return 'a folder';
  if (stats.isSymbolicLink()) return 'a symbolic link';
  if (stats.isFIFO()) return 'a named pipe';
  return stats.isSocket() ? 'a socket' : 'a device';
}

/** The path relative to the first of the folders that it lies in, by its text alone. */
function wayInto(folders: readonly string[], path: string): string | undefined {
  for (const folder of folders) {
    const full = isAbsolute(path) ? path : join(folder, path);
    if (isInside(folder, full)) return relative(folder, full);
  }
  return undefined;
}

async function hasLink(root: string, way: string): Promise<boolean> {
  const parts = way.split(sep);
  const links = await Promise.all(parts.map((_part, index) => isLink(join(root, ...parts.slice(0, index + 1)))));
  return links.includes(true);
}

function outside(path: string, root: string): ToolError {
  return new ToolError(`${path} is outside ${root}, the only folder this tool may use; give a path inside it`);
}
