import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RunLostError } from '../../src/errors.js';
import { startHeartbeat, withRunSignal } from '../../src/crew/run-signal.js';
import { openStore } from '../../src/store/open-store.js';
import type { RunStore } from '../../src/store/records.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { newRun } from '../store/sample.js';

let store: RunStore;
let database: Sqlite.Database;
let beating: { stop(): void };
let aborts: unknown[];
let failures: number;
/** Resolves when it is so, which is looked at after each sign of life that was given or refused. */
let until: (isSo: () => boolean) => Promise<void>;

beforeEach(async () => {
  const path = join(temporaryFolder(), 'crew.db');
  store = openStore(path);
  database = new Sqlite(path);
  await store.createRun(newRun());
  aborts = [];
  failures = 0;
  const watchers: (() => void)[] = [];
  until = async (isSo) => {
    while (!isSo()) await new Promise<void>((resolve) => watchers.push(resolve));
  };
  // The heartbeat itself hears of each end first.
  const tell = (): unknown => setImmediate(() => watchers.splice(0).forEach((watch) => watch()));
  const keepRun: RunStore['keepRun'] = (runId, at) => {
    const kept = store.keepRun(runId, at);
    kept.catch(() => (failures += 1)).finally(tell);
    return kept;
  };
  const control = { signal: new AbortController().signal, abort: (error: unknown) => void aborts.push(error) };
  beating = startHeartbeat({ keepRun }, 'run00001', control, { everyMs: 5 });
});

afterEach(() => {
  beating.stop();
  database.close();
  store.close();
});

const isKept = (): boolean => store.findRun('run00001')?.heartbeatAt !== 0;

describe('a sign of life', () => {
  it('is given again and again', async () => {
    for (const _time of ['first', 'second']) {
      database.exec('UPDATE runs SET heartbeat_at = 0');
      await until(isKept);
    }
    expect({ failures, aborts }).toEqual({ failures: 0, aborts: [] });
  });

  it('that cannot be written stops nothing: the next one may be', async () => {
    database.exec(`CREATE TRIGGER full BEFORE UPDATE ON runs BEGIN SELECT RAISE(ABORT, 'no room'); END`);
    await until(() => failures > 0);
    database.exec('DROP TRIGGER full; UPDATE runs SET heartbeat_at = 0');
    await until(isKept);
    expect(aborts).toEqual([]);
  });

  it.each([
    [
      'another process has',
      `UPDATE runs SET holder = 'another process'`,
      'run run00001 is no longer held by this process',
    ],
    ['was deleted', 'DELETE FROM runs', 'run run00001 is no longer in the database'],
  ])('of a run that %s stops the run', async (_title, change, message) => {
    database.exec(change);
    await until(() => aborts.length > 0);
    expect(aborts[0]).toBeInstanceOf(RunLostError);
    expect(aborts[0]).toMatchObject({ message });
  });
});

describe('what is to be done at the end', () => {
  it('is done when the work has ended, also where it failed', async () => {
    const done: string[] = [];
    const work = withRunSignal(undefined, async ({ atEnd }) => {
      atEnd(async () => void done.push('closed'));
      done.push('worked');
      throw new Error('it failed');
    });
    await expect(work).rejects.toThrow('it failed');
    expect(done).toEqual(['worked', 'closed']);
  });
});
