import type { CrewDefinition, TaskDefinition } from '../definition/types.js';

/**
 * What each task waits for, by key: only what it needs, which is its context, or everything earlier when it names none,
 * `depends_on`, and what its condition looks at, which for one in code is everything earlier. Left out is what follows from
 * the rest. Where the manager chooses the order, only what a task names.
 */
export function planWaits(definition: CrewDefinition): Map<string, ReadonlySet<string>> {
  const waits = new Map<string, ReadonlySet<string>>();
  /** When these are done, everything so far is. */
  let frontier: string[] = [];
  for (const { key, context, dependsOn, when } of definition.tasks) {
    const named = [...(context ?? []), ...dependsOn, ...(when?.kind === 'expression' ? when.tasks : [])];
    const namesAll = (context !== undefined || definition.taskOrder === 'manager') && when?.kind !== 'module';
    const needed = new Set(namesAll ? named : [...named, ...frontier]);
    waits.set(key, needed);
    frontier = namesAll ? [...frontier.filter((earlier) => !needed.has(earlier)), key] : [key];
  }
  return waits;
}

export interface Schedule {
  readonly tasks: readonly TaskDefinition[];
  readonly waits: ReadonlyMap<string, ReadonlySet<string>>;
  /** Keys of tasks that have their output already: they do not run, and nothing waits for them. Default none. */
  readonly done?: ReadonlySet<string>;
  readonly concurrency: number;
  /** Picks the next one of several ready tasks, which it is given in file order; then a task that is not `async_execution` runs before the next choice. */
  readonly choose?: (ready: readonly TaskDefinition[]) => Promise<TaskDefinition>;
  readonly execute: (task: TaskDefinition) => Promise<void>;
}

/**
 * Runs tasks as soon as what they wait for is done, at most `concurrency` at a time. When one fails no
 * further task starts; those under way come to their end, and the first failure is then thrown.
 */
export async function runSchedule(schedule: Schedule): Promise<void> {
  const { waits, done, concurrency, choose, execute } = schedule;
  const tasks = done ? schedule.tasks.filter(({ key }) => !done.has(key)) : schedule.tasks;
  const waiting = new Map(tasks.map(({ key }) => [key, 0]));
  const followers = new Map<string, TaskDefinition[]>(tasks.map(({ key }) => [key, []]));
  for (const task of tasks) {
    for (const earlier of waits.get(task.key) ?? []) {
      if (done?.has(earlier)) continue;
      followers.get(earlier)?.push(task);
      waiting.set(task.key, (waiting.get(task.key) ?? 0) + 1);
    }
  }
  const ready = new Set(tasks.filter(({ key }) => waiting.get(key) === 0));
  const underWay = new Map<TaskDefinition, Promise<void>>();
  let failure: { readonly error: unknown } | undefined;

  const start = (task: TaskDefinition): void => {
    ready.delete(task);
    const work = execute(task)
      .then(
        () => {
          for (const follower of followers.get(task.key) ?? []) {
            const left = (waiting.get(follower.key) ?? 0) - 1;
            waiting.set(follower.key, left);
            if (left === 0) ready.add(follower);
          }
        },
        (error: unknown) => {
          failure ??= { error };
        },
      )
      .finally(() => underWay.delete(task));
    underWay.set(task, work);
  };
  const isHeld = (): boolean => choose !== undefined && [...underWay.keys()].some((task) => !task.asyncExecution);

  for (;;) {
    while (!failure && underWay.size < concurrency && !isHeld()) {
      const [next] = ready;
      if (!next) break;
      try {
        const task = choose && ready.size > 1 ? await choose(tasks.filter((candidate) => ready.has(candidate))) : next;
        // One under way may have failed while the choice was made.
        if (!failure) start(task);
      } catch (error) {
        failure ??= { error };
      }
    }
    if (underWay.size === 0) break;
    await Promise.race(underWay.values());
  }
  if (failure) throw failure.error;
}
