import { describe, expect, it } from 'vitest';
import type { TaskDefinition } from '../../src/definition/types.js';
import { planWaits, runSchedule } from '../../src/run/schedule.js';
import { createDefinition, createTask } from '../helpers/definitions.js';

type TaskSketch = Partial<TaskDefinition> & { readonly key: string };

function plan(tasks: readonly TaskSketch[], taskOrder: 'file' | 'manager' = 'file') {
  const waits = planWaits(createDefinition({ tasks: tasks.map(createTask), taskOrder }));
  return Object.fromEntries([...waits].map(([key, needed]) => [key, [...needed].toSorted()]));
}

describe('planWaits', () => {
  it('lets a task without a context wait for everything earlier', () => {
    expect(plan([{ key: 'a' }, { key: 'b' }, { key: 'c' }])).toEqual({ a: [], b: ['a'], c: ['b'] });
  });

  it('lets a task with a context wait for that and nothing else', () => {
    expect(
      plan([
        { key: 'a', asyncExecution: true, context: [] },
        { key: 'b', asyncExecution: true, context: [] },
        { key: 'c', context: ['a'] },
        { key: 'd', context: ['b'] },
      ]),
    ).toEqual({ a: [], b: [], c: ['a'], d: ['b'] });
  });

  it('gathers parallel branches again where a task names no context', () => {
    expect(
      plan([
        { key: 'a' },
        { key: 'b', asyncExecution: true, context: ['a'] },
        { key: 'c', asyncExecution: true, context: ['a'] },
        { key: 'd' },
      ]),
    ).toEqual({ a: [], b: ['a'], c: ['a'], d: ['b', 'c'] });
  });

  it('adds depends_on, and only what is named where the manager orders the tasks', () => {
    expect(plan([{ key: 'a' }, { key: 'b', dependsOn: ['c'] }, { key: 'c' }], 'manager')).toEqual({
      a: [],
      b: ['c'],
      c: [],
    });
  });

  it('lets a task wait for what its condition looks at; one in code looks at everything earlier', () => {
    const expression = { kind: 'expression', text: 'tasks.a.raw != ""', tasks: ['a'], inputs: [] } as const;
    const code = { kind: 'module', path: './gate.ts', exportName: undefined } as const;
    const tasks = [
      { key: 'a', context: [] },
      { key: 'b', context: [] },
      { key: 'c', context: ['b'], when: expression },
      { key: 'd', context: [], when: code },
      { key: 'e', context: [] },
    ];
    expect(plan(tasks)).toEqual({ a: [], b: [], c: ['a', 'b'], d: ['c'], e: [] });
    expect(plan(tasks, 'manager')).toEqual({ a: [], b: [], c: ['a', 'b'], d: ['c'], e: [] });
  });

  it('stays small for thousands of tasks that each wait for everything earlier', () => {
    const waits = planWaits(
      createDefinition({ tasks: Array.from({ length: 5000 }, (_, index) => createTask({ key: `t${index}` })) }),
    );
    expect([...waits.values()].reduce((sum, needed) => sum + needed.size, 0)).toBe(4999);
  });
});

describe('runSchedule', () => {
  const tasks = (...sketches: TaskSketch[]) => sketches.map(createTask);
  const independent = (...keys: string[]) => tasks(...keys.map((key) => ({ key, asyncExecution: true, context: [] })));

  it('runs no more than the given number at the same time', async () => {
    let running = 0;
    let peak = 0;
    const list = independent('a', 'b', 'c', 'd', 'e');
    await runSchedule({
      tasks: list,
      waits: planWaits(createDefinition({ tasks: list })),
      concurrency: 2,
      execute: async () => {
        running += 1;
        peak = Math.max(peak, running);
        await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
      },
    });
    expect(peak).toBe(2);
  });

  it('lets what is under way finish when a task fails, starts nothing more, and throws the first failure', async () => {
    const ended: string[] = [];
    const list = independent('a', 'b', 'c');
    const running = runSchedule({
      tasks: list,
      waits: planWaits(createDefinition({ tasks: list })),
      concurrency: 2,
      execute: async ({ key }) => {
        if (key === 'a') throw new Error('a failed');
        await new Promise((resolve) => setImmediate(resolve));
        ended.push(key);
      },
    });
    await expect(running).rejects.toThrow('a failed');
    expect(ended).toEqual(['b']);
  });

  it('asks for the next task only where several are ready', async () => {
    const asked: string[][] = [];
    const done: string[] = [];
    const list = tasks({ key: 'a', context: [] }, { key: 'b', context: [] }, { key: 'c', context: ['a'] });
    await runSchedule({
      tasks: list,
      waits: planWaits(createDefinition({ tasks: list, taskOrder: 'manager' })),
      concurrency: 4,
      choose: async (ready) => {
        asked.push(ready.map(({ key }) => key));
        return ready.at(-1) as TaskDefinition;
      },
      execute: async ({ key }) => {
        done.push(key);
      },
    });
    expect(asked).toEqual([['a', 'b']]);
    expect(done).toEqual(['b', 'a', 'c']);
  });
});
