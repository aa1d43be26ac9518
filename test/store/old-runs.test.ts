import { statSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { beforeEach, describe, expect, it } from 'vitest';
import { openStore } from '../../src/store/open-store.js';
import type { NewTask, OldRunFilter, RunStore, RunSummary } from '../../src/store/records.js';
import { sharedFolder } from '../helpers/temporary-folder.js';
import { newRun, newStep, newTask, runEnd, START, stepEnd } from './sample.js';

const folder = sharedFolder();
const now = START + 10_000;
let count = 0;
let store: RunStore;

beforeEach(() => {
  store = openStore(join(folder, `${++count}.db`));
  return () => store.close();
});

/** A run with one step that began `age` seconds before now and ended a second later. */
async function writeRun(id: string, age: number, tasks: readonly NewTask[] = [newTask()]): Promise<void> {
  const startedAt = now - age * 1000;
  await store.createRun(newRun({ id, startedAt, tasks }));
  await store.startStep(newStep({ runId: id, startedAt, request: { text: 'x'.repeat(100_000) } }));
  await store.endStep(stepEnd({ runId: id }));
  if (!tasks[0]?.reused) await store.updateTask(id, 'research', { status: 'completed', raw: `Made by ${id}.` });
  await store.endRun(id, runEnd({ endedAt: startedAt + 1000 }));
}

function reusing(runId: string): NewTask {
  return newTask({ reused: { outputFormat: 'raw', source: { runId, taskKey: 'research' } } });
}

function old(filter: OldRunFilter): RunSummary[] {
  return store.listOldRuns(filter, now);
}

function idsOf(runs: readonly RunSummary[]): string[] {
  return runs.map(({ id }) => id);
}

function query(sql: string): unknown[] {
  const database = new Sqlite(store.path);
  const rows = database.prepare(sql).pluck().all();
  database.close();
  return rows;
}

describe('old runs', () => {
  beforeEach(async () => {
    for (const [id, age] of [
      ['a', 9],
      ['b', 7],
      ['c', 5],
      ['d', 3],
    ] as const)
      await writeRun(id, age);
  });

  it('are those beyond the newest, those that ended before a time, or both', () => {
    expect(idsOf(old({ keep: 1 }))).toEqual(['c', 'b', 'a']);
    expect(idsOf(old({ keep: 0 }))).toEqual(['d', 'c', 'b', 'a']);
    expect(idsOf(old({ keep: 9 }))).toEqual([]);
    expect(idsOf(old({ endedBefore: now - 5000 }))).toEqual(['b', 'a']);
    expect(idsOf(old({ keep: 3, endedBefore: now - 5000 }))).toEqual(['a']);
  });

  it('are never those that are at work, or that one at work replays', async () => {
    await store.createRun(newRun({ id: 'e', startedAt: now, parentRunId: 'b' }));
    expect(idsOf(old({ keep: 0 }))).toEqual(['d', 'c', 'a']);
    const all = store.listRuns();
    expect(idsOf((await store.deleteRuns(all, { now })).runs)).toEqual(['d', 'c', 'a']);
    await store.endRun('e', runEnd({ endedAt: now }));
    expect(idsOf(old({ keep: 0 }))).toEqual(['e', 'b']);
  });

  it('go with their tasks and steps, and the file is smaller', async () => {
    const { runs, freedBytes } = await store.deleteRuns(old({ keep: 1 }), { now });
    expect(idsOf(runs)).toEqual(['c', 'b', 'a']);
    expect(freedBytes).toBeGreaterThan(290_000);
    expect(statSync(store.path).size).toBeLessThan(300_000);
    expect(query('SELECT run_id FROM steps UNION ALL SELECT run_id FROM task_outputs')).toEqual(['d', 'd']);
    expect(query('PRAGMA integrity_check')).toEqual(['ok']);
  });

  it('stay where somebody took them up since they were listed', async () => {
    const listed = old({ keep: 2 });
    const other = openStore(store.path);
    const run = other.findRun('a');
    if (run) await other.reopenRun(run, { reopenedAt: now, options: {} });
    await other.endRun('a', runEnd({ endedAt: now + 1 }));
    other.close();
    expect(idsOf((await store.deleteRuns(listed, { now })).runs)).toEqual(['b']);
    expect(store.findRun('a')?.status).toBe('completed');
  });

  it('are not deleted any further when that is stopped', async () => {
    const reason = new Error('stopped');
    const deletion = store.deleteRuns(old({ keep: 0 }), { now, signal: AbortSignal.abort(reason) });
    await expect(deletion).rejects.toMatchObject({ cause: reason });
    expect(store.listRuns()).toHaveLength(4);
  });
});

describe('an output that a later run reuses', () => {
  it('stays with the later run when the earlier one goes, and still says where it is from', async () => {
    await writeRun('a', 9);
    await writeRun('b', 7, [reusing('a')]);
    await writeRun('c', 5, [reusing('b')]);
    expect(idsOf((await store.deleteRuns(old({ keep: 2 }), { now })).runs)).toEqual(['a']);
    for (const id of ['b', 'c'])
      expect(store.listTasks(id)).toMatchObject([
        { status: 'reused', raw: 'Made by a.', source: { runId: 'a', taskKey: 'research' } },
      ]);
    expect(store.searchTasks({ words: 'made' }).map(({ task }) => task.runId)).toEqual(['c', 'b']);
  });

  it('can be reused again after that, by whatever name it is known', async () => {
    await writeRun('a', 9);
    await writeRun('b', 7, [reusing('a')]);
    await store.deleteRuns(old({ keep: 1 }), { now });
    await writeRun('c', 5, [reusing('b')]);
    await writeRun('d', 3, [reusing('a')]);
    for (const id of ['c', 'd'])
      expect(store.listTasks(id)).toMatchObject([{ raw: 'Made by a.', source: { runId: 'b', taskKey: 'research' } }]);
  });

  it('goes with them when both go', async () => {
    await writeRun('a', 9);
    await writeRun('b', 7, [reusing('a')]);
    expect(idsOf((await store.deleteRuns(old({ keep: 0 }), { now })).runs)).toEqual(['b', 'a']);
    expect(query('SELECT count(*) FROM task_outputs')).toEqual([0]);
  });
});

describe('a database that somebody else works on', () => {
  it('loses nothing of theirs, and keeps its size until they are done', async () => {
    await Promise.all(Array.from({ length: 120 }, (_, index) => writeRun(`old${index}`, 1000 - index)));
    const other = openStore(store.path);
    await other.createRun(newRun({ id: 'live', startedAt: now }));
    const paths = Array.from({ length: 50 }, (_, index) => `research/llm/${index + 1}`);
    const work = (async () => {
      for (const path of paths) {
        await other.startStep(newStep({ runId: 'live', path }));
        await other.endStep(stepEnd({ runId: 'live', path }));
      }
    })();
    const [{ runs, freedBytes }] = await Promise.all([store.deleteRuns(old({ keep: 0 }), { now }), work]);
    expect([runs.length, freedBytes]).toEqual([120, null]);
    await other.updateTask('live', 'research', { status: 'completed', raw: 'Done.' });
    await other.endRun('live', runEnd({ endedAt: now }));
    expect(other.listSteps('live').map(({ path, status }) => [path, status])).toEqual(
      paths.map((path) => [path, 'completed']),
    );
    expect((await store.deleteRuns([], { now })).freedBytes).toBeGreaterThan(1_000_000);
    expect(other.listTasks('live')[0]).toMatchObject({ raw: 'Done.' });
    await other.createRun(newRun({ id: 'next', startedAt: now }));
    expect(other.searchTasks({ words: 'done' })).toHaveLength(1);
    other.close();
    expect(query('PRAGMA integrity_check')).toEqual(['ok']);
  });

  it('keeps its size where somebody reads it for long', async () => {
    await writeRun('a', 9);
    const reader = new Sqlite(store.path, { readonly: true });
    const rows = reader.prepare('SELECT id FROM runs').iterate();
    rows.next();
    const { runs, freedBytes } = await store.deleteRuns(old({ keep: 0 }), { now });
    expect([idsOf(runs), freedBytes]).toEqual([['a'], null]);
    rows.return?.();
    reader.close();
  });
});
