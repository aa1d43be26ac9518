import { randomBytes } from 'node:crypto';
import { access, constants, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { TaskError } from '../errors.js';
import { errorCode, fileTrouble } from './file-trouble.js';

export interface AtomicWriteOptions {
  /** Make the parent folders where they are missing. Default: false. */
  readonly createDirectory?: boolean;
}

/**
 * Writes a whole file or nothing: into a new file beside it, to the disk, then renamed over it. Keeps the mode of a file
 * that exists, and refuses one that may not be written. A symbolic link is replaced, not followed. Leaves nothing behind
 * when it fails. Rejects with TaskError that names the path and the reason.
 */
export async function writeFileAtomic(path: string, text: string, options: AtomicWriteOptions = {}): Promise<void> {
  try {
    if (options.createDirectory) await mkdir(dirname(path), { recursive: true });
    const mode = await modeOf(path);
    const temporary = join(dirname(path), `.crew-${randomBytes(8).toString('hex')}.tmp`);
    try {
      await writeToDisk(temporary, text, mode);
      await rename(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  } catch (error) {
    throw new TaskError(`cannot write ${path}: ${fileTrouble(error)}`, { cause: error });
  }
}

async function writeToDisk(path: string, text: string, mode: number | undefined): Promise<void> {
  const file = await open(path, 'wx', mode ?? 0o666);
  try {
    await file.writeFile(text);
    // Not by `open` alone: that one is narrowed by the process's umask.
    if (mode !== undefined) await file.chmod(mode);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Permission bits of a file that may be written; undefined where there is none. */
async function modeOf(path: string): Promise<number | undefined> {
  try {
    const stats = await stat(path);
    if (stats.isDirectory()) throw Object.assign(new Error(`${path} is a folder`), { code: 'EISDIR' });
    await access(path, constants.W_OK);
    return stats.mode & 0o777;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
