import { beforeEach, describe, expect, it } from 'vitest';
import { join } from 'node:path';
import { UsageError } from '../../src/errors.js';
import { findTask } from '../../src/store/find-task.js';
import { openStore } from '../../src/store/open-store.js';
import type { RunStore } from '../../src/store/records.js';
import { sharedFolder } from '../helpers/temporary-folder.js';
import { newRun, newTask, START } from './sample.js';

const folder = sharedFolder();
let count = 0;
let store: RunStore;

beforeEach(() => {
  store = openStore(join(folder, `${++count}.db`));
  return () => store.close();
});

/** Runs with these tasks, the last one the latest. */
async function writeRuns(runs: Readonly<Record<string, readonly string[]>>): Promise<void> {
  let startedAt = START;
  for (const [id, keys] of Object.entries(runs)) {
    const tasks = keys.map((key, index) => newTask({ key, position: index + 1 }));
    await store.createRun(newRun({ id, startedAt: startedAt++, tasks }));
  }
}

const runs = {
  k3f9x2ab: ['research', 'article'],
  k3g7single: ['only'],
  m4m4m4m4: ['research', 're', 'report', 'v1.2', '市場'],
};

function find(name: string, { run, current = [] }: { run?: string; current?: readonly string[] } = {}): string {
  const found = findTask(store, name, { run, current: current.map((key, index) => ({ key, position: index + 1 })) });
  return `${found.run.id}/${found.key}`;
}

/** What a person is told. */
function failureOf(name: string, run?: string, current?: readonly string[]): string {
  try {
    return find(name, { ...(run !== undefined && { run }), ...(current && { current }) });
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return `${error.message}\nhint: ${error.hint ?? '-'}`;
  }
}

describe('findTask', () => {
  it.each([
    ['its id', 'k3f9x2ab/article', 'k3f9x2ab/article'],
    ['the beginning of its id', 'k3f/art', 'k3f9x2ab/article'],
    ['the beginning of a run and a number', 'k3f/2', 'k3f9x2ab/article'],
    ['its key in the latest run', 'report', 'm4m4m4m4/report'],
    ['its number in the latest run', '3', 'm4m4m4m4/report'],
    ['the beginning of its key', 'rese', 'm4m4m4m4/research'],
    ['its key, which begins others', 're', 'm4m4m4m4/re'],
    ['a key with a dot', 'v1.2', 'm4m4m4m4/v1.2'],
    ['a key that is not Latin', '市', 'm4m4m4m4/市場'],
    ['the beginning of a run that has no other', 'k3g7', 'k3g7single/only'],
  ])('finds a task by %s', async (_what, name, id) => {
    await writeRuns(runs);
    expect(find(name)).toBe(id);
  });

  it('finds a task in the run that is given', async () => {
    await writeRuns(runs);
    expect(find('rese', { run: 'k3f9x2ab' })).toBe('k3f9x2ab/research');
    expect(find('1', { run: 'k3f' })).toBe('k3f9x2ab/research');
    expect(find('k3f9/article', { run: 'k3f9x2ab' })).toBe('k3f9x2ab/article');
  });

  it('lists the tasks there are where it finds none, or too many', async () => {
    await writeRuns(runs);
    const failures = [
      failureOf('repotr'),
      failureOf('rep/x'),
      failureOf('k3f9/summary'),
      failureOf('9'),
      failureOf('k3f9'),
      failureOf('r', 'm4m4'),
      failureOf('k3/only'),
      failureOf('k3f9/article', 'm4m4'),
      failureOf('research', 'zzz'),
      failureOf(''),
    ];
    expect(failures.join('\n\n')).toMatchInlineSnapshot(`
      "run m4m4m4m4 has no task "repotr"
      hint: did you mean "report"? Its tasks: 1 research, 2 re, 3 report, 4 v1.2, 5 市場; name one as m4m4m4m4/research.

      there is no run "rep"
      hint: \`crew runs\` lists the runs.

      run k3f9x2ab has no task "summary"
      hint: Its tasks: 1 research, 2 article; name one as k3f9x2ab/research.

      run m4m4m4m4 has no task "9"
      hint: Its tasks: 1 research, 2 re, 3 report, 4 v1.2, 5 市場; name one as m4m4m4m4/research.

      which task of run k3f9x2ab (brief)?
      hint: Its tasks: 1 research, 2 article; name one as k3f9x2ab/research.

      several tasks of run m4m4m4m4 begin with "r": 1 research, 2 re, 3 report
      hint: Type more of the key, or give the number.

      several runs begin with "k3": k3g7single (brief), k3f9x2ab (brief)
      hint: Type more of the run id; \`crew runs\` lists them.

      k3f9/article is a task of run k3f9x2ab, not of run m4m4
      hint: -

      there is no run "zzz"
      hint: \`crew runs\` lists the runs.

      which task of run m4m4m4m4 (brief)?
      hint: Its tasks: 1 research, 2 re, 3 report, 4 v1.2, 5 市場; name one as m4m4m4m4/research."
    `);
  });

  it('finds a task that the definition has since then', async () => {
    await writeRuns(runs);
    const current = ['research', 'rep', 'sum', 'v1.2', '市場', 'last'];
    // Its whole key counts for more than the beginning of another one.
    expect(find('rep', { current })).toBe('m4m4m4m4/rep');
    expect(find('su', { current })).toBe('m4m4m4m4/sum');
    expect(find('k3f/last', { current })).toBe('k3f9x2ab/last');
    expect([find('1', { current }), find('6', { current })]).toEqual(['m4m4m4m4/research', 'm4m4m4m4/last']);
    expect(failureOf('3', undefined, current)).toMatchInlineSnapshot(`
      "3 is report in run m4m4m4m4, and sum in the definition
      hint: Name the task by its key."
    `);
    expect(failureOf('summ', undefined, current)).toMatchInlineSnapshot(`
      "run m4m4m4m4 has no task "summ"
      hint: did you mean "sum"? Its tasks: 1 research, 2 re, 3 report, 4 v1.2, 5 市場; new since then: rep, sum, last; name one as m4m4m4m4/research."
    `);
    expect(failureOf('r', undefined, current)).toMatchInlineSnapshot(`
      "several tasks of run m4m4m4m4 begin with "r": 1 research, 2 re, 3 report, rep
      hint: Type more of the key, or give the number."
    `);
  });

  it('does not list hundreds', async () => {
    await writeRuns({ k3f9x2ab: Array.from({ length: 100 }, (_, index) => `task${index}`) });
    expect(failureOf('nothing')).toMatchInlineSnapshot(`
      "run k3f9x2ab has no task "nothing"
      hint: Its tasks: 1 task0, 2 task1, 3 task2, 4 task3, 5 task4, 6 task5, 7 task6, 8 task7, 9 task8, 10 task9, 11 task10, 12 task11, 13 task12, 14 task13, 15 task14, 16 task15, 17 task16, 18 task17, 19 task18, 20 task19, …; name one as k3f9x2ab/task0."
    `);
  });

  it('says how the first run is made', () => {
    expect(failureOf('research')).toMatchInlineSnapshot(`
      "there are no runs yet
      hint: \`crew kickoff <file>\` makes the first one."
    `);
    expect(failureOf('k3f9/research')).toMatchInlineSnapshot(`
      "there are no runs yet
      hint: \`crew kickoff <file>\` makes the first one."
    `);
  });
});
