import { CrewError, messageOf, StoreError } from '../errors.js';

interface Trouble {
  /** Beginning of the codes of SQLite, Node and the system that mean it. */
  readonly codes: readonly string[];
  readonly words: string;
  readonly hint: string;
}

const OTHER_FILE = 'or name another file with --db or CREW_DB.';

const TROUBLES: readonly Trouble[] = [
  {
    codes: ['SQLITE_NOTADB'],
    words: 'is not a SQLite database',
    hint: `Move the file away, ${OTHER_FILE}`,
  },
  {
    codes: ['SQLITE_CORRUPT'],
    words: 'is damaged',
    hint: `Restore it from a backup (\`sqlite3 <file> .recover\` saves what can be read), ${OTHER_FILE}`,
  },
  {
    codes: ['SQLITE_FULL', 'SQLITE_IOERR_SHMSIZE', 'ENOSPC', 'EDQUOT'],
    words: 'cannot grow: the disk is full',
    hint: `Free some space, ${OTHER_FILE}`,
  },
  {
    codes: ['SQLITE_BUSY', 'SQLITE_LOCKED'],
    words: 'is locked by another program',
    hint: `Close what holds it open (a database browser, a backup) and try again, ${OTHER_FILE}`,
  },
  {
    codes: ['SQLITE_READONLY', 'EROFS'],
    words: 'cannot be written: it is read-only',
    hint: `Allow writing to the file and its folder, ${OTHER_FILE}`,
  },
  {
    codes: ['EACCES', 'EPERM', 'SQLITE_PERM', 'SQLITE_AUTH'],
    words: 'cannot be used: permission denied',
    hint: `Allow reading and writing the file and its folder, ${OTHER_FILE}`,
  },
  {
    codes: ['ENOTDIR', 'EEXIST', 'ENOENT'],
    words: 'cannot be made: its folder cannot be created',
    hint: `Look for a file where a folder should be, ${OTHER_FILE}`,
  },
  {
    codes: ['SQLITE_CANTOPEN'],
    words: 'cannot be opened',
    hint: `Allow reading and writing the file and its folder, ${OTHER_FILE}`,
  },
  {
    codes: ['SQLITE_IOERR'],
    words: 'cannot be read or written: the disk reports an error',
    hint: `Check the disk and its quota, ${OTHER_FILE}`,
  },
  {
    codes: ['ERR_DLOPEN_FAILED', 'MODULE_NOT_FOUND'],
    words: 'cannot be opened: better-sqlite3 does not fit this version of Node',
    hint: 'Run `npm rebuild better-sqlite3`, or install crew again.',
  },
];

/** The code of an error of SQLite, Node or the system, such as `SQLITE_FULL` or `EACCES`; empty where it has none. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/** True where another connection held the lock for as long as we waited. */
export function isBusy(error: unknown): boolean {
  return codeOf(error).startsWith('SQLITE_BUSY');
}

/** True where a file could not grow. */
export function isFull(error: unknown): boolean {
  return codeOf(error).startsWith('SQLITE_FULL');
}

/**
 * What a reader is told when the database at `path` gave that error: which file, what is wrong, what to do. Errors of
 * crew come back as they are.
 */
export function toStoreError(
  error: unknown,
  { path, beforeRun }: { readonly path: string; readonly beforeRun: boolean },
): CrewError {
  if (error instanceof CrewError) return error;
  const code = codeOf(error);
  const trouble = TROUBLES.find(({ codes }) => codes.some((start) => code.startsWith(start)));
  if (trouble) return new StoreError(`${path} ${trouble.words}`, { beforeRun, hint: trouble.hint, cause: error });
  return new StoreError(`${path} did not take a record: ${messageOf(error)}`, { beforeRun, cause: error });
}
