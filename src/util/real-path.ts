import { lstat, realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, sep } from 'node:path';
import { errorCode } from './file-trouble.js';

/**
 * The absolute path with symbolic links resolved, also where its last parts do not exist yet: the deepest parent that
 * exists is resolved, the rest is kept. Rejects with the system's error; a link to nothing counts as ELOOP, because what
 * it will lead to cannot be known.
 */
export async function realPathOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT' || dirname(path) === path) throw error;
    if (await isLink(path)) throw Object.assign(new Error(`${path} links to nothing`), { code: 'ELOOP' });
    return join(await realPathOf(dirname(path)), basename(path));
  }
}

/** True for the folder itself and for what lies below it. Both absolute, links resolved. */
export function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/** The path as seen from a folder where it lies in it, else as it is. Both absolute. */
export function nearPath(path: string, folder: string): string {
  return isInside(folder, path) ? relative(folder, path) : path;
}

/** True for a symbolic link; false for anything else, and for nothing. */
export async function isLink(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isSymbolicLink();
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw error;
  }
}
