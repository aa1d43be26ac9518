import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { beforeEach, expect, it } from 'vitest';
import { openStore } from '../../src/store/open-store.js';
import type { RunStore, TaskSearch } from '../../src/store/records.js';
import { sharedFolder } from '../helpers/temporary-folder.js';
import { newRun, newTask, START } from './sample.js';

const folder = sharedFolder();
let count = 0;
let store: RunStore;

beforeEach(async () => {
  store = openStore(join(folder, `${++count}.db`));
  await writeRun('run1', 'Solar power grows by a third.', 'Wind did not grow. Crème brûlée (2025) — 40 %.');
  await writeRun('run2', 'By a third, says the solar-panel maker: a "boom".', 'Nothing.');
  return () => {
    expectSoundIndex();
    store.close();
  };
});

async function writeRun(id: string, research: string, article: string): Promise<void> {
  await store.createRun(newRun({ id, startedAt: START + Number(id.slice(3)) }));
  await store.updateTask(id, 'article', { status: 'completed', raw: article });
  await store.updateTask(id, 'research', { status: 'completed', raw: research });
}

/** Compares the index with the outputs: https://sqlite.org/fts5.html#the_integrity_check_command */
function expectSoundIndex(): void {
  const database = new Sqlite(store.path);
  database.exec("INSERT INTO task_search (task_search, rank) VALUES ('integrity-check', 1)");
  database.close();
}

function find(words: string, search: Partial<TaskSearch> = {}): string[] {
  return store.searchTasks({ words, ...search }).map(({ task }) => `${task.runId}/${task.key}`);
}

it('finds outputs with all words, in any order, whole or begun, whatever their case and accents', () => {
  expect(find('solar')).toEqual(['run2/research', 'run1/research']);
  expect(find('GROW sol')).toEqual(['run1/research']);
  expect(find('grow')).toEqual(['run1/research', 'run1/article']);
  expect(find('creme BRULEE')).toEqual(['run1/article']);
  expect(find('2025 40')).toEqual(['run1/article']);
  expect(find('solar nothing')).toEqual([]);
});

it('finds what is in quotes only as it stands', () => {
  expect(find('"a third" says')).toEqual(['run2/research']);
  expect(find('"third by"')).toEqual([]);
  expect(find('"a thir"')).toEqual([]);
  expect(find('"solar panel')).toEqual(['run2/research']);
});

it('takes nothing as an operator', () => {
  expect(find('solar AND power')).toEqual([]);
  expect(find('solar NOT boom')).toEqual([]);
  expect(find('-solar')).toEqual(['run2/research', 'run1/research']);
  for (const words of ['solar OR', 'NEAR(solar, 2)', 'raw:solar', 'solar)', '^solar', "solar' --", 'solar*', '{solar}'])
    expect(() => find(words)).not.toThrow();
});

it('searches one run, one task, and no further than asked', () => {
  expect(find('solar', { runId: 'run1' })).toEqual(['run1/research']);
  expect(find('a', { task: 'article' })).toEqual([]);
  expect(find('grow', { task: 'article' })).toEqual(['run1/article']);
  expect(find('grow', { task: '2' })).toEqual(['run1/article']);
  expect(find('solar', { task: '3' })).toEqual([]);
  expect(find('solar', { limit: 1 })).toEqual(['run2/research']);
});

it('gives the whole task, and the place that fits', () => {
  const long = `${'word '.repeat(100)}the needle here${' word'.repeat(100)}`;
  const [found] = store.searchTasks({ words: 'panel boom' });
  expect(found?.task).toEqual(store.listTasks('run2').find(({ key }) => key === 'research'));
  expect(found?.snippet).toEqual([
    { text: 'By a third, says the solar-', isMatch: false },
    { text: 'panel', isMatch: true },
    { text: ' maker: a "', isMatch: false },
    { text: 'boom', isMatch: true },
    { text: '".', isMatch: false },
  ]);
  return store.updateTask('run1', 'article', { raw: long }).then(() => {
    const texts = store.searchTasks({ words: 'needle' })[0]?.snippet.map(({ text }) => text) ?? [];
    expect(texts[0]?.startsWith('…word')).toBe(true);
    expect(texts.join('').length).toBeLessThan(130);
  });
});

it('follows every change of an output', async () => {
  await store.updateTask('run1', 'research', { raw: 'Rain.' });
  expect(find('solar power')).toEqual([]);
  expect(find('rain')).toEqual(['run1/research']);
  await store.updateTask('run1', 'research', { status: 'failed' });
  expect(find('rain')).toEqual(['run1/research']);
  await store.updateTask('run1', 'research', { raw: null });
  expect(find('rain')).toEqual([]);
  await store.deleteRuns(store.listOldRuns({ keep: 1 }, Infinity), { now: Infinity });
  expect(find('wind')).toEqual([]);
  expect(find('solar')).toEqual(['run2/research']);
  store.deleteAllRuns();
  expect(find('solar')).toEqual([]);
  await writeRun('run3', 'Solar again.', 'x');
  expect(find('solar')).toEqual(['run3/research']);
});

it('finds a reused output once, but also in the run that reuses it', async () => {
  const source = { runId: 'run1', taskKey: 'research' };
  const byHand = { source: null, outputFormat: 'raw', raw: 'Solar by hand.', json: null } as const;
  const tasks = [
    newTask({ reused: { source, outputFormat: 'raw' } }),
    newTask({ key: 'hand', position: 2, reused: byHand }),
  ];
  await store.createRun(newRun({ id: 'run9', startedAt: START + 9, tasks }));
  expect(find('solar')).toEqual(['run9/hand', 'run2/research', 'run1/research']);
  expect(find('solar', { runId: 'run9' })).toEqual(['run9/research', 'run9/hand']);
});

it('still finds outputs by the same ids when the file was made smaller by another program', () => {
  const database = new Sqlite(store.path);
  database.exec(
    "DELETE FROM runs WHERE id = 'run1'; PRAGMA foreign_keys = ON; DELETE FROM runs WHERE id = 'run1'; VACUUM",
  );
  database.close();
  expect(find('boom')).toEqual(['run2/research']);
});
