import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import { errorCode } from '../../util/file-trouble.js';

export interface FindProgramOptions {
  /** Absolute; where a name with a slash starts. */
  readonly directory: string;
  /** Folders of programs, as the variable PATH has them. */
  readonly searchPath: string | undefined;
}

/** Absolute path of the program that a name means; undefined where there is none, or where it may not be run. */
export async function findProgram(
  name: string,
  { directory, searchPath = '' }: FindProgramOptions,
): Promise<string | undefined> {
  const folders = name.includes('/') ? [''] : searchPath.split(delimiter).filter((folder) => folder !== '');
  for (const folder of folders) {
    const path = resolve(directory, join(folder, name));
    if (await isProgram(path)) return path;
  }
  return undefined;
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    return false;
  }
}
