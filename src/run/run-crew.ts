import type { TaskDefinition } from '../definition/types.js';
import { EXIT, exitCodeOf, InterruptedError, toErrorResult } from '../errors.js';
import type { RunResult } from '../result.js';
import type { NewRun, RunEnd } from '../store/records.js';
import { toRunResult } from '../store/to-result.js';
import { createBackground } from '../util/background.js';
import type { JsonValue } from '../util/json.js';
import { chooseTask } from './choose-task.js';
import { executeTask, performerOf } from './execute-task.js';
import type { ContextEntry } from './prompts.js';
import type { RunContext } from './run-context.js';
import { planWaits, runSchedule } from './schedule.js';

export interface RunOutcome {
  readonly result: RunResult;
  /** What the run ended with, where it did not succeed. */
  readonly error: unknown;
}

/**
 * Runs a crew from its record up front to its last row. Never rejects for what goes wrong in the run: that is in the
 * outcome. Rejects with StoreError when the run cannot even be recorded; then nothing was called.
 */
export async function runCrew(
  parts: Omit<RunContext, 'background'>,
  inputs: Readonly<Record<string, JsonValue>>,
): Promise<RunOutcome> {
  const run: RunContext = { ...parts, background: createBackground() };
  const { definition } = run;
  const created: NewRun = {
    id: run.runId,
    crew: definition.name,
    process: definition.process,
    definitionPath: definition.source.path,
    definitionFiles: definition.source.files,
    inputs,
    parentRunId: null,
    startedAt: run.now(),
    tasks: definition.tasks.map((task) => ({
      key: task.key,
      position: task.position,
      description: task.description,
      expectedOutput: task.expectedOutput,
      agent: performerOf(definition, task).role,
    })),
  };
  await run.store.createRun(created);
  const { name: crew, process } = definition;
  run.emit({ type: 'run-start', runId: run.runId, crew, process, taskCount: definition.tasks.length });

  let error: unknown;
  try {
    await runTasks(run);
    await run.background.settled();
  } catch (thrown) {
    error = thrown;
  }
  return endRun(run, created, error);
}

async function runTasks(run: RunContext): Promise<void> {
  const { definition } = run;
  const outputs = new Map<string, string>();
  const { manager } = definition;
  let choices = 0;
  await runSchedule({
    tasks: definition.tasks,
    waits: planWaits(definition),
    concurrency: run.concurrency,
    ...(definition.taskOrder === 'manager' &&
      manager && {
        choose: async (ready: readonly TaskDefinition[]) => {
          choices += 1;
          return chooseTask(run, {
            manager,
            ready,
            finished: definition.tasks.flatMap(({ key }) => (outputs.has(key) ? [key] : [])),
            number: choices,
          });
        },
      }),
    execute: async (task) => {
      run.signal.throwIfAborted();
      outputs.set(task.key, await executeTask(run, task, contextOf(run, task, outputs)));
    },
  });
}

/** Outputs that a task's prompt shows, in file order: those it names, or everything that came before it. */
function contextOf(run: RunContext, task: TaskDefinition, outputs: ReadonlyMap<string, string>): ContextEntry[] {
  const { tasks, taskOrder } = run.definition;
  const keys =
    task.context ?? tasks.slice(0, taskOrder === 'manager' ? undefined : task.position - 1).map(({ key }) => key);
  return keys.flatMap((taskKey) => {
    const text = outputs.get(taskKey);
    return text === undefined ? [] : [{ taskKey, text }];
  });
}

/**
 * Writes the run's last row, tells of it and gives back what it came to. Where the row cannot be written, the result is
 * made of what is known, so that nothing that was finished is lost to whoever waits for it.
 */
async function endRun(run: RunContext, created: NewRun, thrown: unknown): Promise<RunOutcome> {
  const { store, runId } = run;
  const endOf = (error: unknown): RunEnd => ({
    status: error === undefined ? 'completed' : error instanceof InterruptedError ? 'interrupted' : 'failed',
    exitCode: error === undefined ? EXIT.done : exitCodeOf(error),
    error: error === undefined ? null : toErrorResult(error),
    spend: store.sumSpend(runId),
    endedAt: run.now(),
  });
  let end = endOf(thrown);
  let error = thrown;
  try {
    await store.endRun(runId, end);
  } catch (storeError) {
    error ??= storeError;
    end = endOf(error);
  }
  const result = toRunResult({ ...created, ...end }, store.listTasks(runId));
  run.emit({ type: 'run-end', result });
  return { result, error };
}
