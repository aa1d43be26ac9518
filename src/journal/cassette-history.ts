import type { RunStore, StepRecord, TaskRecord } from '../store/records.js';
import type { TaskSource } from '../store/run-settings.js';
import type { Spend } from '../util/spend.js';
import { carriedOverFrom } from './carry-over-journal.js';
import { resultTexts } from './cassette-call.js';

/** What a cassette is made from. */
export type CassetteStore = Pick<RunStore, 'findRun' | 'listTasks' | 'listSteps' | 'findStep'>;

/** Where in the history steps are. */
export interface StepPlace {
  readonly runId: string;
  readonly path: string;
}

/** Runs with their tasks and steps, each read once; nothing of a run that was deleted. */
export interface CassetteHistory {
  hasRun(runId: string): boolean;
  /** In file order. */
  tasksOf(runId: string): readonly TaskRecord[];
  /** In the order in which they began. */
  stepsOf(runId: string): readonly StepRecord[];
  /** The steps at a path and below it. */
  stepsBelow(place: StepPlace): readonly StepRecord[];
  /** The texts of a run's tool and delegation steps, by path. */
  resultsOf(runId: string): (path: string) => string;
  /** The task that made an output, and did not reuse it in its turn; null where it was set by hand. */
  originOf(source: TaskSource | null): TaskSource | null;
  /** What a step's answer took when it was made, perhaps in an earlier run. */
  spendOf(step: StepRecord): Spend;
}

/** Reads the history as the store has it now. */
export function createCassetteHistory(store: CassetteStore): CassetteHistory {
  const tasksOf = once((runId) => store.listTasks(runId));
  const stepsOf = once((runId) => store.listSteps(runId));
  const stepsByTask = once((runId) => {
    const byTask = new Map<string, StepRecord[]>();
    for (const step of stepsOf(runId)) {
      const steps = byTask.get(step.taskKey);
      if (steps) steps.push(step);
      else byTask.set(step.taskKey, [step]);
    }
    return byTask;
  });
  const originOf: CassetteHistory['originOf'] = (source) => {
    const row = source && tasksOf(source.runId).find(({ key }) => key === source.taskKey);
    return row?.status === 'reused' ? originOf(row.source) : source;
  };
  const spendOf: CassetteHistory['spendOf'] = (step) => {
    const source = carriedFrom(step);
    const earlier = source && store.findStep(source.runId, source.path);
    return earlier ? spendOf(earlier) : step.spend;
  };
  return {
    hasRun: (runId) => store.findRun(runId) !== undefined,
    tasksOf,
    stepsOf,
    stepsBelow({ runId, path: start }) {
      const [taskKey = ''] = start.split('/', 1);
      const steps = stepsByTask(runId).get(taskKey) ?? [];
      return steps.filter(({ path }) => path === start || path.startsWith(`${start}/`));
    },
    resultsOf: once((runId) => resultTexts(stepsOf(runId))),
    originOf,
    spendOf,
  };
}

/** Where a step's outcome was taken over from; undefined where it was made in its own run. */
export function carriedFrom({ response }: StepRecord): StepPlace | undefined {
  const [, runId, path] = /^([^/]+)\/(.+)$/s.exec(carriedOverFrom(response) ?? '') ?? [];
  return runId === undefined || path === undefined ? undefined : { runId, path };
}

/** The function with its results kept. */
function once<T>(read: (runId: string) => T): (runId: string) => T {
  const known = new Map<string, T>();
  return (runId) => {
    const value = known.get(runId) ?? read(runId);
    known.set(runId, value);
    return value;
  };
}
