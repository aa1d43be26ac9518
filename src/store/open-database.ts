import { accessSync, constants, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import Sqlite, { type Database } from 'better-sqlite3';
import { StoreError } from '../errors.js';
import { migrate, versionOf } from './migrations.js';
import { codeOf, isBusy, toStoreError } from './store-trouble.js';

/** How long a statement waits for the lock of another process, milliseconds. Group commits hold it for a few. */
const BUSY_TIMEOUT_MS = 10_000;
const WRITE_TIMEOUT_MS = 250;
/** Most bytes that the write-ahead log keeps once its content is in the database file: what SQLite lets it grow to by default. */
const LOG_BYTES = 4 * 1024 * 1024;
/** How long an opening is tried again where SQLite does not wait by itself, and the pause between, milliseconds. */
const OPEN_TIMEOUT_MS = 10_000;
const OPEN_PAUSE_MS = 5;

export interface OpenDatabaseOptions {
  /** Refuse to make a new file, and be content with one that can only be read; default false. */
  readonly mustExist?: boolean;
  /** Whether nothing was called yet, which makes a failure to open exit 2; default true. */
  readonly beforeRun?: boolean;
}

/**
 * An open connection to the database at `path` (absolute), made and brought up to date where needed; the caller closes it.
 *
 * WAL with `synchronous = FULL`: a transaction that was committed survives a crash of the process and a loss of power,
 * as far as the disk keeps its word about syncing (https://sqlite.org/pragma.html#pragma_synchronous). Several
 * processes may open one new file at once. Throws StoreError naming the file and what to do.
 */
export function openDatabase(
  path: string,
  { mustExist = false, beforeRun = true }: OpenDatabaseOptions = {},
): Database {
  try {
    prepareFile(path, mustExist);
    return whileBusy(() => connect(path));
  } catch (error) {
    throw toStoreError(error, { path, beforeRun });
  }
}

function prepareFile(path: string, mustExist: boolean): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory())
    throw new StoreError(`${path} is a folder, not a database file`, {
      beforeRun: true,
      hint: `Name a file in it: --db ${join(path, 'crew.db')}`,
    });
  if (existsSync(path)) {
    if (!mustExist) accessSync(path, constants.W_OK);
    return;
  }
  if (mustExist)
    throw new StoreError(`there is no database at ${path}`, {
      beforeRun: true,
      hint: 'Check the path, or leave --db out to use the nearest .crew/crew.db.',
    });
  const folder = dirname(path);
  mkdirSync(folder, { recursive: true });
  if (basename(folder) === '.crew') ignoreInGit(join(folder, '.gitignore'));
}

function ignoreInGit(file: string): void {
  if (existsSync(file)) return;
  try {
    writeFileSync(file, '*\n', { flag: 'wx' });
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error; // Another process was faster.
  }
}

function connect(path: string): Database {
  const database = new Sqlite(path, { timeout: BUSY_TIMEOUT_MS });
  try {
    versionOf(database); // Before anything is changed in a file that may not be ours.
    if (database.pragma('journal_mode', { simple: true }) !== 'wal') database.pragma('journal_mode = WAL');
    database.pragma('synchronous = FULL');
    database.pragma('foreign_keys = ON');
    database.pragma(`journal_size_limit = ${LOG_BYTES}`);
    migrate(database);
    // From now on the write queue waits, without stopping the process.
    database.pragma(`busy_timeout = ${WRITE_TIMEOUT_MS}`);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/**
 * Tries again while another process changes the journal mode or cleans up: there SQLite reports a busy database at once,
 * whatever the busy timeout (https://sqlite.org/wal.html#sometimes_queries_return_sqlite_busy_in_wal_mode).
 */
function whileBusy<T>(open: () => T): T {
  const deadline = performance.now() + OPEN_TIMEOUT_MS;
  for (;;) {
    try {
      return open();
    } catch (error) {
      if (!isBusy(error) || performance.now() > deadline) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, OPEN_PAUSE_MS);
    }
  }
}
