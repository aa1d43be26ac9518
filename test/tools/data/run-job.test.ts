import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { runJob } from '../../../src/tools/data/run-job.js';
import { temporaryFolder } from '../../helpers/temporary-folder.js';

const never = new AbortController().signal;

/** Ids of the processes that work for this one. */
function jobProcesses(): string[] {
  return readdirSync('/proc')
    .filter((id) => /^\d+$/.test(id))
    .filter((id) => {
      const [, ...words] = commandOf(id).split('\0');
      const entry = words.findIndex((word) => word.endsWith('/data/data-process.ts'));
      return entry !== -1 && words[entry + 1] === String(process.pid);
    });
}

function commandOf(id: string): string {
  try {
    return readFileSync(`/proc/${id}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

const query = (folder: string, sql: string, signal = never) =>
  runJob(
    'query_sqlite',
    { path: join(folder, 'a.db'), name: 'a.db', sql, parameters: [], isWritable: false, maxRows: 10 },
    { signal },
  );

function emptyDatabase(): string {
  const folder = temporaryFolder();
  new Sqlite(join(folder, 'a.db')).exec('CREATE TABLE a (b)').close();
  return folder;
}

describe('runJob', () => {
  it('does jobs one after the other in one process, and several at once in several', async () => {
    const folder = emptyDatabase();
    await query(folder, 'SELECT 1');
    const [first] = jobProcesses();
    await query(folder, 'SELECT 2');
    expect(jobProcesses()).toEqual([first]);
    const results = await Promise.all([1, 2, 3, 4, 5].map((number) => query(folder, `SELECT ${number} AS n`)));
    expect(results.map(({ text }) => text.split('\n').at(-1))).toEqual(['| 1 |', '| 2 |', '| 3 |', '| 4 |', '| 5 |']);
    expect(jobProcesses().length).toBeLessThanOrEqual(3);
  });

  it('kills what is stopped, also what waits for its turn, and goes on', async () => {
    const folder = emptyDatabase();
    const controller = new AbortController();
    const endless = 'WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n';
    const jobs = [1, 2, 3, 4, 5].map(() => query(folder, endless, controller.signal));
    controller.abort(new Error('stopped'));
    expect((await Promise.allSettled(jobs)).map((job) => job.status === 'rejected' && String(job.reason))).toEqual(
      Array.from({ length: 5 }, () => 'Error: stopped'),
    );
    expect((await query(folder, 'SELECT 7 AS n')).text).toContain('| 7 |');
    await expect(query(folder, 'SELECT 1', AbortSignal.abort(new Error('before')))).rejects.toThrow('before');
  });

  it('stops what takes too much memory, and says so', async () => {
    const job = query(emptyDatabase(), 'SELECT zeroblob(490000000) AS a, zeroblob(490000000) AS b');
    await expect(job).rejects.toThrow('it took more than 1 GB of memory and was stopped; ask for less at once');
  });
});
