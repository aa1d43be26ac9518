import { existsSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { beforeEach, describe, expect, it } from 'vitest';
import { StoreError, UsageError } from '../../src/errors.js';
import { HOLDER } from '../../src/store/holder.js';
import { openStore } from '../../src/store/open-store.js';
import type { RunStore, TaskChange } from '../../src/store/records.js';
import { NO_SPEND } from '../../src/util/spend.js';
import { newRun, newStep, runEnd, spend, START, stepEnd } from './sample.js';
import { sharedFolder } from '../helpers/temporary-folder.js';

const folder = sharedFolder();
let count = 0;
let store: RunStore;

beforeEach(() => {
  store = openStore(join(folder, `${++count}.db`));
  return () => store.close();
});

describe('a run in the store', () => {
  it('is there with all its tasks before anything ran', async () => {
    await store.createRun(newRun());
    const { tasks, ...run } = newRun();
    expect(store.findRun('run00001')).toEqual({
      ...run,
      status: 'running',
      exitCode: null,
      spend: NO_SPEND,
      error: null,
      endedAt: null,
      idleMs: 0,
      holder: HOLDER,
      heartbeatAt: START,
    });
    const [first, second] = store.listTasks('run00001');
    expect(first).toEqual({
      ...tasks[0],
      runId: 'run00001',
      status: 'pending',
      raw: null,
      json: null,
      outputFormat: 'raw',
      outputFile: null,
      spend: NO_SPEND,
      error: null,
      startedAt: null,
      endedAt: null,
      source: null,
      skipReason: null,
    });
    expect(second).toMatchObject({ ...tasks[1] });
  });

  it('takes a change of a task and leaves what the change does not name', async () => {
    await store.createRun(newRun());
    await store.updateTask('run00001', 'article', { status: 'running', agent: 'Writer', startedAt: START });
    const change: TaskChange = {
      status: 'completed',
      raw: '{"a":1}',
      json: { a: [1, 'ü', null] },
      outputFormat: 'json',
      outputFile: '/project/out.json',
      spend: spend(10, 20, null),
      endedAt: START + 7,
    };
    await store.updateTask('run00001', 'article', change);
    expect(store.listTasks('run00001').find(({ key }) => key === 'article')).toMatchObject({
      ...change,
      agent: 'Writer',
      startedAt: START,
    });
    await store.updateTask('run00001', 'article', { json: null, error: { code: 'task', message: 'no', hint: null } });
    await store.updateTask('run00001', 'article', {});
    expect(store.listTasks('run00001').find(({ key }) => key === 'article')).toMatchObject({
      ...change,
      json: null,
      error: { code: 'task', message: 'no', hint: null },
    });
  });

  it('gives steps back as they were written, in the order in which they began', async () => {
    await store.createRun(newRun());
    const second = newStep({ path: 'article/tool/b', kind: 'tool', taskKey: 'article', request: { arguments: 'x' } });
    await Promise.all([store.startStep(newStep({ path: 'research/llm/2' })), store.startStep(second)]);
    const end = stepEnd({
      path: 'article/tool/b',
      response: null,
      isError: true,
      status: 'failed',
      spend: spend(1, 2, 0.25),
      error: { code: 'task', message: 'no', hint: 'do' },
    });
    await store.endStep(end);
    const [first, last] = store.listSteps('run00001');
    expect(first).toMatchObject({
      ...newStep({ path: 'research/llm/2' }),
      status: 'running',
      response: null,
      endedAt: null,
    });
    expect(last).toEqual({ ...second, ...end, id: 2 });
    expect(store.listSteps('run00001', 'tool')).toEqual([last]);
    expect(store.listSteps('none')).toEqual([]);
  });

  it('ends with status, exit code, spend and error', async () => {
    await store.createRun(newRun());
    const end = runEnd({
      status: 'failed',
      exitCode: 6,
      spend: spend(5, 6, 0.5),
      error: { code: 'provider', message: 'no', hint: 'later' },
    });
    await store.endRun('run00001', end);
    expect(store.findRun()).toMatchObject(end);
  });

  it('sums what its model calls took, as a whole and by task, without counting a delegation twice', async () => {
    await store.createRun(newRun());
    const steps = [
      { path: 'research/llm/1', kind: 'model', took: spend(1, 10, 0.5) },
      { path: 'research/delegation/x', kind: 'delegation', took: spend(2, 20, 0.25) },
      { path: 'research/delegation/x/llm/1', kind: 'model', took: spend(2, 20, 0.25) },
      { path: 'research-more/llm/1', kind: 'model', took: spend(4, 40, null) },
    ] as const;
    await Promise.all(
      steps.flatMap(({ path, kind, took }) => [
        store.startStep(newStep({ path, kind, taskKey: path.split('/')[0] ?? '' })),
        store.endStep(stepEnd({ path, spend: took })),
      ]),
    );
    expect(store.sumSpend('run00001')).toEqual({
      usage: { inputTokens: 7, outputTokens: 70, cachedInputTokens: 0, reasoningTokens: 0, requests: 3 },
      costUsd: 0.75,
      unpricedRequests: 1,
    });
    expect(store.sumSpend('run00001', 'research').usage).toMatchObject({ inputTokens: 3, requests: 2 });
    expect(store.sumSpend('run00001', 'none')).toEqual(NO_SPEND);
  });

  it('shows what its model calls took so far as long as it has no end', async () => {
    await store.createRun(newRun());
    await store.updateTask('run00001', 'research', { status: 'running', startedAt: START });
    await store.startStep(newStep());
    await store.endStep(stepEnd({ spend: spend(1, 10, 0.5) }));
    expect(store.findRun()?.spend).toEqual(spend(1, 10, 0.5));
    expect(store.listRuns()[0]?.spend).toEqual(spend(1, 10, 0.5));
    expect(store.listTasks('run00001').map((task) => task.spend)).toEqual([spend(1, 10, 0.5), NO_SPEND]);
    await store.endRun('run00001', runEnd({ spend: spend(2, 20, 1) }));
    expect(store.findRun()?.spend).toEqual(spend(2, 20, 1));
  });
});

describe('finding runs', () => {
  beforeEach(async () => {
    await store.createRun(newRun({ id: 'aaaa1111', startedAt: START }));
    await store.createRun(newRun({ id: 'aaaa2222', startedAt: START + 1, crew: 'other' }));
    await store.createRun(newRun({ id: 'bbbb3333', startedAt: START + 1, parentRunId: 'aaaa1111' }));
  });

  it('takes the newest one without an id, the last one written where two began at once', () => {
    expect(store.findRun()?.id).toBe('bbbb3333');
  });

  it('takes a whole id or a beginning that only one has', () => {
    expect(store.findRun('aaaa1111')?.id).toBe('aaaa1111');
    expect(store.findRun('aaaa2')?.id).toBe('aaaa2222');
    expect(store.findRun('aaaa3')).toBeUndefined();
    expect(store.findRun('%')).toBeUndefined();
  });

  it('names the runs that a beginning fits', () => {
    expect(() => store.findRun('aaaa')).toThrow(
      new UsageError('several runs begin with "aaaa": aaaa2222 (other), aaaa1111 (brief)', {
        hint: 'Type more of the run id; `crew runs` lists them.',
      }),
    );
  });

  it('lists them newest first, by crew, by status, up to a limit, with how many tasks have an output', async () => {
    await store.updateTask('aaaa2222', 'research', { status: 'reused' });
    await store.updateTask('aaaa2222', 'article', { status: 'failed' });
    await store.endRun('aaaa2222', runEnd({ status: 'failed', exitCode: 1 }));
    expect(store.listRuns().map(({ id }) => id)).toEqual(['bbbb3333', 'aaaa2222', 'aaaa1111']);
    expect(store.listRuns({ limit: 1 }).map(({ id }) => id)).toEqual(['bbbb3333']);
    expect(store.listRuns({ crew: 'brief', limit: 9 }).map(({ id }) => id)).toEqual(['bbbb3333', 'aaaa1111']);
    const [failed, ...rest] = store.listRuns({ status: 'failed' });
    expect(rest).toEqual([]);
    expect(failed).toMatchObject({ id: 'aaaa2222', tasksDone: 1, tasksTotal: 2 });
  });
});

describe('the store', () => {
  it('has kept everything when it is opened again', async () => {
    await store.createRun(newRun());
    store.close();
    store.close();
    const again = openStore(store.path);
    expect(again.findRun()?.inputs).toEqual({ topic: 'solar' });
    again.close();
  });

  it('writes what waits when it is closed, and refuses what comes later', async () => {
    const waiting = store.createRun(newRun());
    store.close();
    await waiting;
    await expect(store.createRun(newRun())).rejects.toThrow(new StoreError(`${store.path} was closed already`));
    const again = openStore(store.path);
    expect(again.listRuns()).toHaveLength(1);
    again.close();
  });

  it('keeps the other writes of a group when one of them cannot be made', async () => {
    await store.createRun(newRun());
    const results = await Promise.allSettled([
      store.startStep(newStep()),
      store.startStep(newStep({ runId: 'none' })),
      store.endStep(stepEnd({ path: 'nowhere/llm/1' })),
      store.createRun(newRun({ id: 'twice', tasks: [...newRun().tasks, ...newRun().tasks] })),
      store.updateTask('run00001', 'research', { status: 'running' }),
    ]);
    expect(results.map((result) => (result.status === 'rejected' ? String(result.reason) : 'done'))).toEqual([
      'done',
      'RunLostError: run none is no longer in the database',
      'StoreError: step nowhere/llm/1 of run run00001 is no longer in the database',
      `StoreError: ${store.path} did not take a record: UNIQUE constraint failed: task_outputs.run_id, task_outputs.position`,
      'done',
    ]);
    expect(store.listSteps('run00001')).toHaveLength(1);
    expect(store.listTasks('run00001').find(({ key }) => key === 'research')?.status).toBe('running');
    expect(store.findRun('twice')).toBeUndefined();
  });

  it('fails with exit 2 as long as nothing was called, then with exit 1', async () => {
    await store.createRun(newRun());
    await expect(store.createRun(newRun())).rejects.toMatchObject({ exitCode: 2 });
    await expect(store.endRun('none', runEnd())).rejects.toMatchObject({ exitCode: 1 });
  });

  it('takes the values of a write at once', async () => {
    const inputs = { topic: 'solar' };
    const written = store.createRun(newRun({ inputs }));
    inputs.topic = 'wind';
    await written;
    expect(store.findRun()?.inputs).toEqual({ topic: 'solar' });
  });

  it('deletes every run with its tasks and steps, and the file is small again', async () => {
    await store.createRun(newRun());
    await store.startStep(newStep({ request: { text: 'x'.repeat(1_000_000) } }));
    await store.createRun(newRun({ id: 'run00002' }));
    expect(store.deleteAllRuns()).toBe(2);
    expect(store.deleteAllRuns()).toBe(0);
    store.close();
    const database = new Sqlite(store.path);
    expect(
      database.prepare('SELECT (SELECT count(*) FROM steps) + (SELECT count(*) FROM task_outputs)').pluck().get(),
    ).toBe(0);
    expect(database.pragma('page_count', { simple: true })).toBeLessThan(30);
    database.close();
  });

  it('leaves one file behind when the last one closes it', async () => {
    const other = openStore(store.path);
    await store.createRun(newRun());
    store.close();
    expect(other.findRun()?.id).toBe('run00001');
    other.close();
    expect(existsSync(`${store.path}-wal`)).toBe(false);
  });
});
