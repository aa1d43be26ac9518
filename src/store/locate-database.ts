import { statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** Folder that holds a project's history. */
const FOLDER = '.crew';
const FILE = 'crew.db';

export interface DatabasePlace {
  /** `--db`; relative to the working directory. */
  readonly db?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute. */
  readonly workingDirectory: string;
}

/**
 * The absolute path of the database to use, which need not exist: `--db`, else `CREW_DB`, else `crew.db` in the nearest
 * `.crew` folder at or above the working directory, else in one to be made there. Empty values count as not given.
 */
export function locateDatabase({ db, env, workingDirectory }: DatabasePlace): string {
  const given = db || env.CREW_DB;
  if (given) return resolve(workingDirectory, given);
  for (let folder = workingDirectory; ; folder = dirname(folder)) {
    const candidate = join(folder, FOLDER);
    if (statSync(candidate, { throwIfNoEntry: false })?.isDirectory()) return join(candidate, FILE);
    if (folder === dirname(folder)) return join(workingDirectory, FOLDER, FILE);
  }
}
