import { EXIT } from '../errors.js';
import type { RunResult, TaskResult } from '../result.js';
import { toRunResult } from '../store/to-result.js';
import type { BegunRun } from './begin-run.js';
import { tellCallbacks } from './callbacks.js';
import { redactRunResult, redactTaskResult } from './redact-event.js';
import type { RunContext } from './run-context.js';

/** Start of the paths of `after_kickoff`; no task key can be the same. */
const AFTER_PATH = '@after_kickoff';

/** Tells the callbacks of a task that is completed. Rejects with CallbackError where one throws; the output is kept. */
export function tellOfTask(run: RunContext, result: TaskResult): Promise<void> {
  const { name, agent } = result;
  return tellCallbacks(run, run.callbacks.tasksOf(name), {
    path: name,
    taskKey: name,
    agent: agent ?? '',
    what: `task ${name}`,
    value: (): TaskResult => structuredClone(redactTaskResult(result, run.redactor)),
  });
}

/** In a run that goes on: tells of tasks that were completed when the run stopped before the callbacks were told of them. */
export async function tellOfDoneTasks(run: RunContext, { results }: Pick<BegunRun, 'results'>): Promise<void> {
  for (const result of results.values()) if (result.status === 'completed') await tellOfTask(run, result);
}

/** Tells `after_kickoff` of a run in which everything is done. Rejects with CallbackError where one throws. */
export function tellOfRun(run: RunContext, { record }: Pick<BegunRun, 'record'>): Promise<void> {
  const { store, runId, redactor, callbacks } = run;
  return tellCallbacks(run, callbacks.afterKickoff, {
    path: AFTER_PATH,
    taskKey: '',
    agent: '',
    what: '',
    value: (): RunResult => {
      const end = { status: 'completed', exitCode: EXIT.done, error: null, endedAt: run.now() } as const;
      const done = { ...record, ...end, spend: store.sumSpend(runId) };
      return redactRunResult(toRunResult(done, store.listTasks(runId)), redactor);
    },
  });
}
