import { stat } from 'node:fs/promises';
import { isAbsolute, relative, resolve } from 'node:path';
import { UsageError } from '../errors.js';
import { errorCode, fileTrouble } from './file-trouble.js';
import { findProtectedPart } from './protected-path.js';
import { isInside, realPathOf } from './real-path.js';

export interface OutputFileOptions {
  /** Absolute; relative paths start here. */
  readonly workingDirectory: string;
  /** Whether the file may lie outside the working directory. */
  readonly allowOutside: boolean;
  /** What it is called in messages. Default: `output file`. */
  readonly what?: string;
}

/**
 * The absolute path that an output file is to be written to, symbolic links resolved. Touches nothing. Rejects with
 * UsageError for a path outside the working directory (unless allowed), into `.git` and the like, or to a folder.
 */
export async function resolveOutputFile(path: string, options: OutputFileOptions): Promise<string> {
  const { workingDirectory, allowOutside, what = 'output file' } = options;
  if (path.trim() === '' || path.includes('\0')) throw new UsageError(`${what} ${JSON.stringify(path)} is not a path`);
  const root = await realPathOf(workingDirectory);
  const real = await realPathOf(resolve(root, path)).catch((error: unknown) => {
    throw new UsageError(`${what} ${path}: ${fileTrouble(error)}`, { cause: error });
  });
  if (!allowOutside && !isInside(root, real)) {
    const inside = isAbsolute(path) ? 'give a path relative to the working directory' : 'give a path inside it';
    const hint = `${inside}, or allow it with --allow-outside`;
    throw new UsageError(`${what} ${path} is outside the working directory ${workingDirectory}`, { hint });
  }
  const part = findProtectedPart(relative(root, real));
  if (part !== undefined) throw new UsageError(`${what} ${path} may not be written: ${part} is protected`);
  if (/[\\/]$/.test(path) || (await isFolder(real))) {
    throw new UsageError(`${what} ${path} is a folder`, { hint: 'add a file name' });
  }
  return real;
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return false;
    throw error;
  }
}
