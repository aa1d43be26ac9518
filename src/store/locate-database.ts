import { lstatSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { UsageError } from '../errors.js';
import { errorCode } from '../util/file-trouble.js';
import { isInside } from '../util/real-path.js';

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
 * `.crew` folder at or above the working directory, else in one to be made there. Empty values count as not given. Throws
 * UsageError where a link leads out of the folder that was found: who gave it may mean a file of somebody else.
 */
export function locateDatabase({ db, env, workingDirectory }: DatabasePlace): string {
  const given = db || env.CREW_DB;
  if (given) return resolve(workingDirectory, given);
  for (let folder = workingDirectory; ; folder = dirname(folder)) {
    const candidate = join(folder, FOLDER);
    if (statSync(candidate, { throwIfNoEntry: false })?.isDirectory()) {
      requireNoWayOut(candidate, folder);
      return join(candidate, FILE);
    }
    if (folder === dirname(folder)) return join(workingDirectory, FOLDER, FILE);
  }
}

/** With the files that SQLite has beside a database (https://www.sqlite.org/tempfiles.html), which it writes over. */
const FILES = [FILE, `${FILE}-wal`, `${FILE}-shm`, `${FILE}-journal`];

function requireNoWayOut(candidate: string, folder: string): void {
  const links = [candidate, ...FILES.map((name) => join(candidate, name))].filter((path) =>
    lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink(),
  );
  for (const link of links) {
    if (!leadsOut(link, folder)) continue;
    throw new UsageError(`${link} is a link that leads out of ${folder}`, {
      hint: 'Name the database itself with --db or CREW_DB, if it is yours.',
    });
  }
}

function leadsOut(link: string, folder: string): boolean {
  try {
    return !isInside(realpathSync(folder), realpathSync(link));
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    // What it leads to would be made there.
    return true;
  }
}
