import { join } from 'node:path';
import Sqlite, { type Database } from 'better-sqlite3';
import { expect, it } from 'vitest';
import { createWriteQueue, type WriteQueue } from '../../src/store/write-queue.js';
import { sharedFolder } from '../helpers/temporary-folder.js';

const folder = sharedFolder();
let count = 0;

interface Bench {
  readonly database: Database;
  readonly queue: WriteQueue;
  /** Adds a note to the queue. */
  readonly note: (text: string) => Promise<void>;
  readonly notes: () => unknown[];
  /** The statements since the last look that begin or end a transaction. */
  readonly transactions: () => string[];
}

function open(now?: () => number): Bench {
  const log: string[] = [];
  const path = join(folder, `${++count}.db`);
  const database = new Sqlite(path, { timeout: 50, verbose: (sql) => log.push(String(sql)) });
  database.pragma('journal_mode = WAL');
  database.exec('CREATE TABLE notes (text TEXT NOT NULL UNIQUE)');
  const insert = database.prepare('INSERT INTO notes VALUES (?)');
  const queue = createWriteQueue(database, { busyPatienceMs: 200, ...(now && { now }) });
  return {
    database,
    queue,
    note: (text) => queue.add(() => void insert.run(text)),
    notes: () => database.prepare('SELECT text FROM notes ORDER BY rowid').pluck().all(),
    transactions: () => log.splice(0).filter((sql) => /^(BEGIN|COMMIT|ROLLBACK)/.test(sql)),
  };
}

it('commits what one turn of the event loop asks for at once, in order', async () => {
  const { note, notes, transactions } = open();
  await Promise.all(['a', 'b', 'c'].map(note));
  expect(notes()).toEqual(['a', 'b', 'c']);
  expect(transactions()).toEqual(['BEGIN IMMEDIATE', 'COMMIT']);
  await note('d');
  expect(transactions()).toEqual(['BEGIN IMMEDIATE', 'COMMIT']);
});

it('tries the writes of a failed group one by one', async () => {
  const { note, notes, transactions } = open();
  const results = await Promise.allSettled(['a', 'a', 'b'].map(note));
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(notes()).toEqual(['a', 'b']);
  expect(transactions().filter((sql) => sql === 'COMMIT')).toHaveLength(2);
});

it('commits at once when it is flushed', async () => {
  const { note, notes, queue } = open();
  const written = note('a');
  queue.flush();
  expect(notes()).toEqual(['a']);
  queue.flush();
  await written;
});

it('goes on after the disk was full, and loses only what did not fit', async () => {
  const { database, note, notes } = open();
  database.pragma(`max_page_count = ${Number(database.pragma('page_count', { simple: true })) + 2}`);
  const results = await Promise.allSettled([note('small'), note('x'.repeat(100_000)), note('small too')]);
  expect(
    results.map((result) => (result.status === 'rejected' ? (result.reason as { code: string }).code : 'written')),
  ).toEqual(['written', 'SQLITE_FULL', 'written']);
  database.pragma('max_page_count = 1000');
  await note('y'.repeat(100_000));
  expect(notes()).toHaveLength(3);
});

it('gives up the whole group when another connection holds the lock too long, and goes on later', async () => {
  const { database, note, notes } = open();
  const other = new Sqlite(database.name);
  other.exec('BEGIN IMMEDIATE');
  const results = await Promise.allSettled([note('a'), note('b')]);
  expect(
    results.map((result) => (result.status === 'rejected' ? (result.reason as { code: string }).code : 'written')),
  ).toEqual(['SQLITE_BUSY', 'SQLITE_BUSY']);
  other.exec('COMMIT');
  other.close();
  await note('c');
  expect(notes()).toEqual(['c']);
});

it('gives up only those whose own time is over', async () => {
  let time = 0;
  const { database, note, notes } = open(() => time);
  const other = new Sqlite(database.name);
  other.exec('BEGIN IMMEDIATE');
  const early = note('early');
  time = 150;
  const late = note('late');
  time = 250;
  await expect(early).rejects.toMatchObject({ code: 'SQLITE_BUSY' });
  other.exec('COMMIT');
  other.close();
  await late;
  expect(notes()).toEqual(['late']);
});

it('waits, and stops nothing, while another connection holds the lock for a while', async () => {
  const { database, note, notes } = open();
  const other = new Sqlite(database.name);
  other.exec('BEGIN IMMEDIATE');
  const written = note('a');
  await new Promise((resolve) => setTimeout(resolve, 20));
  other.exec('COMMIT');
  other.close();
  await written;
  expect(notes()).toEqual(['a']);
});
