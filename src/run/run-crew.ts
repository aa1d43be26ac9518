import type { TaskDefinition } from '../definition/types.js';
import { EXIT, exitCodeOf, toErrorResult } from '../errors.js';
import type { RunResult } from '../result.js';
import type { RunEnd } from '../store/records.js';
import { toRunResult } from '../store/to-result.js';
import { createBackground } from '../util/background.js';
import { formatWallTime } from '../util/local-time.js';
import { askOneAtATime } from './ask-human.js';
import { beginRun, type BegunRun, type RunOpening } from './begin-run.js';
import { createCallbackJournal } from './callback-journal.js';
import { chooseTask } from './choose-task.js';
import { createDecisions, findUnchoosable } from './decide-tasks.js';
import { executeTask, failTask, skipTask, statusOf } from './execute-task.js';
import { writeReusedFiles } from './output-files.js';
import { planRun } from './plan-run.js';
import { type ContextEntry, createPrompts } from './prompts.js';
import type { RunContext } from './run-context.js';
import { planWaits, runSchedule } from './schedule.js';
import { tellOfDoneTasks, tellOfRun, tellOfTask } from './tell-results.js';
import { createToday } from './today.js';
import { createToolGate } from './tool-gate.js';

export interface RunOutcome {
  readonly result: RunResult;
  /** What the run ended with, where it did not succeed. */
  readonly error: unknown;
}

/**
 * Runs a crew from its record up front, or from where it stopped, to its last row. Never rejects for what goes wrong in the
 * run: that is in the outcome. Rejects with StoreError when the run cannot even be recorded; then nothing was called.
 */
export async function runCrew(
  parts: Omit<RunContext, 'background' | 'prompts' | 'toolGate'>,
  opening: RunOpening,
): Promise<RunOutcome> {
  const run: RunContext = {
    ...parts,
    journal: createCallbackJournal(parts),
    askHuman: askOneAtATime(parts.askHuman),
    toolGate: createToolGate(parts),
    background: createBackground(),
    prompts: createPrompts({ texts: parts.definition.promptTexts, language: parts.definition.language }),
  };
  const begun = await beginRun(run, opening);
  let error: unknown;
  try {
    await opening.settleUnknownSteps?.();
    await writeReusedFiles(run, begun.reused);
    if (opening.kind === 'resumed') await tellOfDoneTasks(run, begun);
    const today = await createToday(run.definition, run.moment ?? formatWallTime(begun.record.startedAt));
    const plan = await planRun(run, new Set(begun.results.keys()));
    await runTasks({ ...run, today, plan }, begun);
    await run.background.settled();
    await tellOfRun(run, begun);
  } catch (thrown) {
    error = thrown;
  }
  return endRun(run, begun.record, error);
}

async function runTasks(run: RunContext, { outputs, results, begun }: BegunRun): Promise<void> {
  const { definition } = run;
  const { manager } = definition;
  const done = new Set(results.keys());
  const findSkipReason = createDecisions(run, results);
  let started = results.size;
  await runSchedule({
    tasks: definition.tasks,
    waits: planWaits(definition),
    done,
    concurrency: run.concurrency,
    ...(definition.taskOrder === 'manager' &&
      manager && {
        choose: async (ready: readonly TaskDefinition[]) =>
          ready.find(({ key }) => begun.has(key)) ??
          (await findUnchoosable(ready, findSkipReason)) ??
          chooseTask(run, {
            manager,
            ready,
            finished: definition.tasks.flatMap(({ key }) => (outputs.has(key) ? [key] : [])),
            number: started + 1,
          }),
      }),
    execute: async (task) => {
      started += 1;
      run.signal.throwIfAborted();
      const reason = await findSkipReason(task).catch((error: unknown) => {
        failTask(run, task, error);
        throw error;
      });
      if (reason !== undefined) {
        results.set(task.key, skipTask(run, task, reason));
        return;
      }
      const result = await executeTask(run, task, contextOf(run, task, outputs));
      results.set(task.key, result);
      outputs.set(task.key, result.raw ?? '');
      await tellOfTask(run, result);
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
async function endRun(run: RunContext, record: BegunRun['record'], thrown: unknown): Promise<RunOutcome> {
  const { store, runId } = run;
  const endOf = (error: unknown): RunEnd => ({
    status: error === undefined ? 'completed' : statusOf(error),
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
  const result = toRunResult({ ...record, ...end }, store.listTasks(runId));
  run.emit({ type: 'run-end', result, ...(run.definition.fullOutput && { fullOutput: true }) });
  return { result, error };
}
