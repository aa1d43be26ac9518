import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { beforeEach, describe, expect, it } from 'vitest';
import { RunBusyError, RunLostError, StoreError } from '../../src/errors.js';
import { HOLDER } from '../../src/store/holder.js';
import { openStore } from '../../src/store/open-store.js';
import type { NewTask, RunRecord, RunStore } from '../../src/store/records.js';
import { sharedFolder } from '../helpers/temporary-folder.js';
import { newRun, newStep, newTask, runEnd, spend, START, stepEnd } from './sample.js';

const folder = sharedFolder();
let count = 0;
let store: RunStore;

beforeEach(() => {
  store = openStore(join(folder, `${++count}.db`));
  return () => store.close();
});

/** As if another process had taken the run. */
function giveToAnother(runId: string): void {
  const database = new Sqlite(store.path);
  database.prepare("UPDATE runs SET holder = 'elsewhere/2/1' WHERE id = ?").run(runId);
  database.close();
}

function theRun(): RunRecord {
  return store.findRun('run00001') as RunRecord;
}

describe('a new run', () => {
  it('is the only one of its item of a batch', async () => {
    const { batches } = store;
    batches.create({
      id: 'batch001',
      crew: 'c',
      definitionPath: '/c.yaml',
      definitionFiles: [],
      workingDirectory: '/',
      options: {},
      startedAt: START,
    });
    batches.add('batch001', [{ item: 1, place: 'items.csv:2', inputs: {} }]);
    batches.seal('batch001');
    const batchItem = { batchId: 'batch001', item: 1 };
    await store.createRun({ ...newRun({ id: 'run00002' }), batchItem });
    await expect(store.createRun({ ...newRun({ id: 'run00003' }), batchItem })).rejects.toBeInstanceOf(RunBusyError);
    expect([store.findRun('run00003'), batches.findRun(batchItem)?.runId]).toEqual([undefined, 'run00002']);
    const gone = { ...batchItem, item: 2 };
    await expect(store.createRun({ ...newRun({ id: 'run00004' }), batchItem: gone })).rejects.toBeInstanceOf(
      RunLostError,
    );
  });
});

describe('a run that is taken up again', () => {
  beforeEach(async () => {
    await store.createRun(newRun());
    await store.endRun('run00001', runEnd({ status: 'failed', exitCode: 6, endedAt: START + 5000 }));
  });

  it('runs again, for whoever asked, and the time between does not count', async () => {
    const files = [{ path: 'crew.yaml', text: 'name: other\n' }];
    await store.reopenRun(theRun(), { reopenedAt: START + 9000, options: { concurrency: 2 }, definitionFiles: files });
    expect(theRun()).toMatchObject({
      status: 'running',
      exitCode: null,
      error: null,
      endedAt: null,
      startedAt: START,
      idleMs: 4000,
      holder: HOLDER,
      heartbeatAt: START + 9000,
      options: { concurrency: 2 },
      definitionFiles: files,
    });
    await store.endRun('run00001', runEnd({ status: 'interrupted', exitCode: 130, endedAt: START + 10_000 }));
    await store.reopenRun(theRun(), { reopenedAt: START + 11_000, options: {} });
    expect(theRun()).toMatchObject({ idleMs: 5000, definitionFiles: files });
  });

  it('goes to the first of two who want it', async () => {
    const known = theRun();
    const results = await Promise.allSettled([
      store.reopenRun(known, { reopenedAt: START + 9000, options: {} }),
      store.reopenRun(known, { reopenedAt: START + 9001, options: {} }),
    ]);
    expect(results).toEqual([
      { status: 'fulfilled', value: undefined },
      {
        status: 'rejected',
        reason: new RunBusyError('run run00001 was taken up by somebody else just now', {
          hint: 'See it: crew show run00001',
        }),
      },
    ]);
    expect(theRun().heartbeatAt).toBe(START + 9000);
  });

  it('is not taken from somebody who ended it since', async () => {
    await store.reopenRun(theRun(), { reopenedAt: START + 9000, options: {} });
    const known = theRun();
    await store.endRun('run00001', runEnd());
    await expect(store.reopenRun(known, { reopenedAt: START + 9001, options: {} })).rejects.toMatchObject({
      exitCode: 2,
    });
  });
});

describe('a run that is under way', () => {
  beforeEach(() => store.createRun(newRun()));

  it('shows that it lives', async () => {
    await store.keepRun('run00001', START + 5000);
    expect(theRun().heartbeatAt).toBe(START + 5000);
  });

  it('is neither kept nor ended by a process that another one took it from', async () => {
    giveToAnother('run00001');
    const refusal = new RunLostError('run run00001 is no longer held by this process', {
      hint: 'Another one took it over meanwhile. See it: crew show run00001',
    });
    await expect(store.keepRun('run00001', START + 5000)).rejects.toThrow(refusal);
    await expect(store.endRun('run00001', runEnd())).rejects.toThrow(refusal);
    expect(theRun()).toMatchObject({ status: 'running', heartbeatAt: START });
  });

  it('is neither kept nor ended when it was deleted', async () => {
    store.deleteAllRuns();
    const refusal = new RunLostError('run run00001 is no longer in the database', {
      hint: 'Was the history deleted with `crew reset` during the run? Start the crew again.',
    });
    await expect(store.keepRun('run00001', START)).rejects.toThrow(refusal);
    await expect(store.endRun('run00001', runEnd())).rejects.toThrow(refusal);
  });

  it('is not revived by a late sign of life after its end', async () => {
    await store.endRun('run00001', runEnd());
    await expect(store.keepRun('run00001', START + 9000)).rejects.toThrow('no longer held');
    expect(theRun().status).toBe('completed');
  });
});

describe('a step', () => {
  beforeEach(() => store.createRun(newRun()));

  it('that failed, or was under way when its process died, begins anew at its place', async () => {
    await store.startStep(newStep());
    await store.startStep(newStep({ path: 'research/llm/2' }));
    await store.endStep(
      stepEnd({
        status: 'failed',
        response: null,
        isError: true,
        error: { code: 'provider', message: 'no', hint: null },
      }),
    );
    const again = newStep({ name: 'openai/other', request: { messages: [] }, startedAt: START + 9, hasEffects: true });
    await store.startStep(again);
    await store.startStep({ ...again, path: 'research/llm/2' });
    const begun = { status: 'running', response: null, error: null, isError: false, endedAt: null };
    expect(store.listSteps('run00001')).toMatchObject([
      { ...again, ...begun, id: 1 },
      { ...again, ...begun, id: 2, path: 'research/llm/2' },
    ]);
  });

  it('that is completed does not begin again', async () => {
    await store.startStep(newStep());
    await store.endStep(stepEnd());
    await expect(store.startStep(newStep({ name: 'openai/other' }))).rejects.toThrow(
      new StoreError('step research/llm/1 of run run00001 is completed and cannot begin again'),
    );
    expect(store.findStep('run00001', 'research/llm/1')).toMatchObject({ status: 'completed', name: 'openai/gpt-4o' });
  });

  it('is found by its path', async () => {
    await store.startStep(newStep());
    expect(store.findStep('run00001', 'research/llm/1')).toEqual(store.listSteps('run00001')[0]);
    expect(store.findStep('run00001', 'research/llm')).toBeUndefined();
    expect(store.findStep('none', 'research/llm/1')).toBeUndefined();
  });

  it('has an unknown outcome where it has effects and no end', async () => {
    const tool = { kind: 'tool', name: 'write_file', hasEffects: true } as const;
    await store.startStep(newStep());
    for (const name of ['a', 'b', 'c']) await store.startStep(newStep({ ...tool, path: `research/tool/${name}` }));
    await store.endStep(stepEnd({ path: 'research/tool/a' }));
    await store.endStep(stepEnd({ path: 'research/tool/b', status: 'failed', response: null }));
    expect(store.listUnknownSteps('run00001').map(({ path }) => path)).toEqual(['research/tool/c']);
  });
});

describe('a reused output', () => {
  const reused = (runId: string, taskKey = 'research'): NewTask =>
    newTask({ reused: { outputFormat: 'json', source: { runId, taskKey } } });

  beforeEach(async () => {
    await store.createRun(newRun());
    await store.updateTask('run00001', 'research', {
      status: 'completed',
      raw: '{"a":1}',
      json: { a: 1 },
      outputFormat: 'json',
    });
  });

  it('is read where it is, and not copied', async () => {
    await store.createRun(newRun({ id: 'run00002', tasks: [reused('run00001')] }));
    expect(store.listTasks('run00002')).toMatchObject([
      {
        runId: 'run00002',
        status: 'reused',
        raw: '{"a":1}',
        json: { a: 1 },
        outputFormat: 'json',
        source: { runId: 'run00001', taskKey: 'research' },
      },
    ]);
    const database = new Sqlite(store.path);
    expect(database.prepare("SELECT raw, json FROM task_outputs WHERE run_id = 'run00002'").get()).toEqual({
      raw: null,
      json: null,
    });
    database.close();
  });

  it('points at the run that made it, also where it is reused from one that reuses it', async () => {
    await store.createRun(newRun({ id: 'run00002', tasks: [reused('run00001')] }));
    await store.createRun(newRun({ id: 'run00003', tasks: [reused('run00002')] }));
    expect(store.listTasks('run00003')).toMatchObject([
      { raw: '{"a":1}', source: { runId: 'run00001', taskKey: 'research' } },
    ]);
  });

  it('may be given by hand', async () => {
    const task = newTask({ reused: { source: null, outputFormat: 'raw', raw: 'Mine.', json: null } });
    await store.createRun(newRun({ id: 'run00002', tasks: [task] }));
    expect(store.listTasks('run00002')).toMatchObject([{ status: 'reused', raw: 'Mine.', json: null, source: null }]);
  });

  it('has to be there', async () => {
    for (const task of [reused('run00001', 'article'), reused('none')])
      await expect(store.createRun(newRun({ id: 'run00002', tasks: [task] }))).rejects.toMatchObject({
        message: expect.stringMatching(
          /^the output of (run00001\/article|none\/research) is no longer in the database$/,
        ),
        exitCode: 2,
      });
    expect(store.findRun('run00002')).toBeUndefined();
  });
});

it('lists the runs that can go on: neither completed nor running, and not replayed since', async () => {
  const end = (id: string, status: 'completed' | 'failed' | 'interrupted') =>
    store.endRun(id, runEnd({ status, exitCode: status === 'completed' ? 0 : 1 }));
  for (const id of ['a', 'b', 'c', 'd']) await store.createRun(newRun({ id }));
  await store.createRun(newRun({ id: 'e', parentRunId: 'a' }));
  await end('a', 'failed');
  await end('b', 'completed');
  await end('c', 'interrupted');
  await end('e', 'failed');
  expect(store.listRuns({ isUnfinished: true }).map(({ id }) => id)).toEqual(['e', 'c']);
});

describe('a process that wakes up after another one took its run over', () => {
  it('writes nothing into it any more', async () => {
    await store.createRun(newRun());
    await store.startStep(newStep());
    giveToAnother('run00001');
    const writes = [
      () => store.endStep(stepEnd()),
      () => store.startStep(newStep({ path: 'research/llm/2' })),
      () => store.updateTask('run00001', 'research', { status: 'failed' }),
      () => store.endRun('run00001', runEnd()),
    ];
    for (const write of writes) await expect(write()).rejects.toBeInstanceOf(RunLostError);
    expect(store.findStep('run00001', 'research/llm/1')).toMatchObject({ status: 'running', response: null });
    expect(store.findStep('run00001', 'research/llm/2')).toBeUndefined();
    expect(store.listTasks('run00001')[0]).toMatchObject({ status: 'pending' });
  });

  it('cannot end a step that is settled', async () => {
    await store.createRun(newRun());
    await store.startStep(newStep());
    await store.endStep(stepEnd());
    await expect(store.endStep(stepEnd({ status: 'failed', response: null }))).rejects.toBeInstanceOf(StoreError);
    expect(store.findStep('run00001', 'research/llm/1')).toMatchObject({ status: 'completed' });
  });

  it('adds what a step took that is made again to what it took when it failed', async () => {
    await store.createRun(newRun());
    for (const status of ['failed', 'completed'] as const) {
      await store.startStep(newStep());
      await store.endStep(stepEnd({ status, spend: spend(10, 5, 0.1) }));
    }
    expect(store.findStep('run00001', 'research/llm/1')?.spend).toMatchObject({
      usage: { inputTokens: 20 },
      costUsd: 0.2,
    });
  });
});
