import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { expect, it } from 'vitest';
import { CrewError } from '../../src/errors.js';
import { openDatabase } from '../../src/store/open-database.js';
import { sharedFolder } from '../helpers/temporary-folder.js';

const folder = sharedFolder();

/** What a person reads when the file cannot be opened, with the folder of the test cut off. */
function refusal(path: string, options?: { readonly mustExist: boolean }): string {
  try {
    openDatabase(path, options).close();
  } catch (error) {
    if (!(error instanceof CrewError)) throw error;
    return `${error.message}\n${error.hint}\nexit ${error.exitCode}`.replaceAll(`${folder}/`, '');
  }
  return 'opened';
}

/** Runs as a user for whom permissions count, where the tests run as root. */
function asOrdinaryUser<T>(work: () => T): T {
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid?.(65534);
  try {
    return work();
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
}

it('makes the file and its folders, and keeps .crew out of git', () => {
  const path = join(folder, 'deep', 'project', '.crew', 'crew.db');
  openDatabase(path).close();
  openDatabase(path).close();
  expect(readFileSync(join(folder, 'deep', 'project', '.crew', '.gitignore'), 'utf8')).toBe('*\n');
});

it('uses WAL, full syncing, foreign keys and a busy timeout', () => {
  const database = openDatabase(join(folder, 'settings.db'));
  const settings = ['journal_mode', 'synchronous', 'foreign_keys', 'busy_timeout'];
  expect(settings.map((name) => database.pragma(name, { simple: true }))).toEqual(['wal', 2, 1, 250]);
  database.close();
});

it('takes an empty file', () => {
  const path = join(folder, 'empty.db');
  writeFileSync(path, '');
  expect(refusal(path)).toBe('opened');
});

it('refuses a file that is not there when it must be', () => {
  expect(refusal(join(folder, 'none', 'x.db'), { mustExist: true })).toMatchInlineSnapshot(`
    "there is no database at none/x.db
    Check the path, or leave --db out to use the nearest .crew/crew.db.
    exit 2"
  `);
});

it('refuses a folder', () => {
  mkdirSync(join(folder, 'a-folder'));
  expect(refusal(join(folder, 'a-folder'))).toMatchInlineSnapshot(`
    "a-folder is a folder, not a database file
    Name a file in it: --db a-folder/crew.db
    exit 2"
  `);
});

it('refuses a path through a file', () => {
  writeFileSync(join(folder, 'a-file'), 'text');
  expect(refusal(join(folder, 'a-file', 'crew.db'))).toMatchInlineSnapshot(`
    "a-file/crew.db cannot be made: its folder cannot be created
    Look for a file where a folder should be, or name another file with --db or CREW_DB.
    exit 2"
  `);
});

it('refuses a file that is not a database, and leaves it as it is', () => {
  const path = join(folder, 'notes.txt');
  writeFileSync(path, 'Remember the milk. '.repeat(100));
  expect(refusal(path)).toMatchInlineSnapshot(`
    "notes.txt is not a SQLite database
    Move the file away, or name another file with --db or CREW_DB.
    exit 2"
  `);
  expect(readFileSync(path, 'utf8')).toBe('Remember the milk. '.repeat(100));
});

it('refuses the database of another program, and leaves it as it is', () => {
  const path = join(folder, 'other.db');
  const other = new Sqlite(path);
  other.exec('CREATE TABLE bookmarks (url TEXT)');
  other.close();
  const before = readFileSync(path);
  expect(refusal(path)).toMatchInlineSnapshot(`
    "other.db is a database of another program
    Name another file with --db or CREW_DB.
    exit 2"
  `);
  expect(readFileSync(path).equals(before)).toBe(true);
});

it('refuses the database of a newer crew', () => {
  const path = join(folder, 'newer.db');
  const database = openDatabase(path);
  database.pragma('user_version = 999');
  database.close();
  expect(refusal(path)).toMatchInlineSnapshot(`
    "newer.db was made by a newer crew: it has version 999, this crew knows 3
    Install the newest crew, or name another file with --db or CREW_DB.
    exit 2"
  `);
});

it('refuses a damaged database', () => {
  const path = join(folder, 'damaged.db');
  const database = openDatabase(path);
  database.close();
  const bytes = readFileSync(path);
  writeFileSync(path, bytes.fill(7, 100, 4096));
  expect(refusal(path)).toMatchInlineSnapshot(`
    "damaged.db is damaged
    Restore it from a backup (\`sqlite3 <file> .recover\` saves what can be read), or name another file with --db or CREW_DB.
    exit 2"
  `);
});

it('refuses a file that it may not write', () => {
  const path = join(folder, 'read-only.db');
  openDatabase(path).close();
  chmodSync(path, 0o444);
  expect(asOrdinaryUser(() => refusal(path))).toMatchInlineSnapshot(`
    "read-only.db cannot be used: permission denied
    Allow reading and writing the file and its folder, or name another file with --db or CREW_DB.
    exit 2"
  `);
});

it('reads a file that it may not write', () => {
  const path = join(folder, 'readable.db');
  openDatabase(path).close();
  chmodSync(path, 0o444);
  chmodSync(folder, 0o777);
  expect(asOrdinaryUser(() => refusal(path, { mustExist: true }))).toBe('opened');
  chmodSync(folder, 0o755);
});

it('refuses a file in a folder that it may not write', () => {
  const path = join(folder, 'closed', 'crew.db');
  openDatabase(path).close();
  chmodSync(path, 0o666);
  chmodSync(join(folder, 'closed'), 0o555);
  chmodSync(folder, 0o555);
  expect(asOrdinaryUser(() => refusal(path))).toMatchInlineSnapshot(`
    "closed/crew.db cannot be written: it is read-only
    Allow writing to the file and its folder, or name another file with --db or CREW_DB.
    exit 2"
  `);
  expect(asOrdinaryUser(() => refusal(join(folder, 'new', '.crew', 'crew.db')))).toMatchInlineSnapshot(`
    "new/.crew/crew.db cannot be used: permission denied
    Allow reading and writing the file and its folder, or name another file with --db or CREW_DB.
    exit 2"
  `);
  chmodSync(folder, 0o755);
});
