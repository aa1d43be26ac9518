import { constants, existsSync } from 'node:fs';
import { mkdir, open, readlink, realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { errorCode } from './file-trouble.js';

/** Where Linux gives what an open descriptor leads to; undefined on systems that do not. */
const DESCRIPTORS = existsSync('/proc/self/fd') ? '/proc/self/fd' : undefined;

/**
 * Does work in a folder that cannot be swapped for another one meanwhile: `work` is given a path to it that stays good
 * whatever happens to its name. `folder` is absolute, with links resolved; rejects with ESTALE where it is no more. On
 * systems other than Linux the name is looked at before and after.
 */
export async function inFolder<T>(folder: string, work: (path: string) => Promise<T>): Promise<T> {
  if (DESCRIPTORS === undefined) {
    await checkSame(folder, realpath(folder));
    const outcome = await work(folder);
    await checkSame(folder, realpath(folder));
    return outcome;
  }
  const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    const path = join(DESCRIPTORS, String(handle.fd));
    await checkSame(folder, readlink(path));
    return await work(path);
  } finally {
    await handle.close();
  }
}

/** Makes a folder with its parents where they are missing, without following a link on the way; as `inFolder`. */
export async function makeFolder(folder: string): Promise<void> {
  if (dirname(folder) === folder) return;
  try {
    await inFolder(dirname(folder), (parent) => mkdir(join(parent, basename(folder))));
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return;
    if (errorCode(error) !== 'ENOENT') throw error;
    await makeFolder(dirname(folder));
    await makeFolder(folder);
  }
}

/** Where a file that is open stands now, links resolved; undefined on systems that do not tell. */
export async function placeOfOpened({ fd }: { readonly fd: number }): Promise<string | undefined> {
  return DESCRIPTORS === undefined ? undefined : readlink(join(DESCRIPTORS, String(fd)));
}

async function checkSame(folder: string, found: Promise<string>): Promise<void> {
  if ((await found) !== folder) throw Object.assign(new Error(`${folder} was replaced`), { code: 'ESTALE' });
}
