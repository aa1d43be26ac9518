import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { beforeEach, expect, it } from 'vitest';
import { openStore } from '../../src/store/open-store.js';
import type { RunStore } from '../../src/store/records.js';
import { NO_SPEND } from '../../src/util/spend.js';
import { sharedFolder } from '../helpers/temporary-folder.js';
import { newRun, newStep, newTask, runEnd, spend, START, stepEnd } from './sample.js';

const folder = sharedFolder();
const LATER = START + 3_600_000;
let count = 0;
let store: RunStore;

/** What happens to the database outside of the store. */
function execute(sql: string): void {
  const database = new Sqlite(store.path);
  database.exec(sql);
  database.close();
}

beforeEach(async () => {
  store = openStore(join(folder, `${++count}.db`));
  await store.createRun(
    newRun({ tasks: [newTask(), newTask({ key: 'a', position: 2 }), newTask({ key: 'b', position: 3 })] }),
  );
  await store.updateTask('run00001', 'research', {
    status: 'completed',
    raw: 'x',
    startedAt: START,
    endedAt: START + 1,
  });
  await store.updateTask('run00001', 'a', { status: 'running', startedAt: START + 1 });
  await store.startStep(newStep({ path: 'a/llm/1', taskKey: 'a' }));
  await store.endStep(stepEnd({ path: 'a/llm/1', spend: spend(10, 20, 0.5) }));
  await store.startStep(newStep({ path: 'a/tool/x', taskKey: 'a', kind: 'tool', hasEffects: true }));
  await store.keepRun('run00001', START + 5000);
  return () => store.close();
});

it('ends a run whose process died, with what it took and what to do next', () => {
  execute("UPDATE runs SET holder = 'elsewhere/2/1'");
  expect(store.markDeadRuns(LATER)).toEqual(['run00001']);
  const end = {
    status: 'interrupted',
    exitCode: 130,
    error: {
      code: 'interrupted',
      message: 'the process ended without a word: it was killed, or the machine went down',
      hint: 'Go on with: crew resume run00001',
    },
    endedAt: START + 5000,
    spend: spend(10, 20, 0.5),
  };
  expect(store.findRun()).toMatchObject(end);
  expect(store.listTasks('run00001')).toMatchObject([
    { status: 'completed', endedAt: START + 1 },
    { status: 'interrupted', endedAt: START + 5000, spend: spend(10, 20, 0.5), error: null },
    { status: 'pending', endedAt: null, spend: NO_SPEND },
  ]);
  expect(store.listUnknownSteps('run00001').map(({ path }) => path)).toEqual(['a/tool/x']);
  expect(store.markDeadRuns(LATER)).toEqual([]);
});

it('leaves runs alone that are at work or have an end', async () => {
  expect(store.markDeadRuns(START + 6000)).toEqual([]);
  await store.endRun('run00001', runEnd());
  expect(store.markDeadRuns(LATER)).toEqual([]);
  expect(store.findRun()).toMatchObject({ status: 'completed', exitCode: 0 });
});

it('ends a run of a version that had no heartbeat at its start, and a task not before it began', async () => {
  await store.updateTask('run00001', 'a', { startedAt: START + 60_000 });
  execute('UPDATE runs SET holder = NULL, heartbeat_at = NULL');
  expect(store.markDeadRuns(LATER)).toEqual(['run00001']);
  expect(store.findRun()?.endedAt).toBe(START);
  expect(store.listTasks('run00001')[1]?.endedAt).toBe(START + 60_000);
});

it('lets a run that was only taken for dead go on', async () => {
  expect(store.markDeadRuns(LATER)).toEqual(['run00001']);
  await store.keepRun('run00001', LATER);
  expect(store.findRun()).toMatchObject({ status: 'running', exitCode: null, error: null, endedAt: null });
  expect(store.listTasks('run00001').map(({ status, endedAt }) => [status, endedAt])).toEqual([
    ['completed', START + 1],
    ['running', null],
    ['pending', null],
  ]);
  store.markDeadRuns(LATER + 3_600_000);
  await store.endRun('run00001', runEnd({ endedAt: LATER + 3_600_001 }));
  expect(store.findRun()?.status).toBe('completed');
});

it('does not let it go on once another process has taken it up', async () => {
  store.markDeadRuns(LATER);
  const run = store.findRun();
  if (run) await store.reopenRun(run, { reopenedAt: LATER, options: {} });
  execute("UPDATE runs SET holder = 'elsewhere/2/1'");
  await expect(store.keepRun('run00001', LATER)).rejects.toThrow('no longer held by this process');
});
