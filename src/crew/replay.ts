import { createCarryOverJournal, findAtSamePlace, type FindEarlier } from '../journal/carry-over-journal.js';
import type { CrewOutput } from '../result.js';
import { planReplay, replayRefusalError, type ReplayPlan } from '../run/replay-plan.js';
import type { ReusedOutput, RunRecord, RunStore, TaskRecord } from '../store/records.js';
import { createRunId } from '../util/run-id.js';
import { findKeptDelegations, type PlannedReplay, tasksThatGoOn } from './carry-over.js';
import { chooseTask } from './choose-task.js';
import { parseGivenOutputs } from './given-outputs.js';
import { checkInputs } from './load-crew.js';
import { newOpening, performRun, type RunStart } from './perform-run.js';
import { prepareRun } from './prepare-run.js';
import { placeOf, readHistory, withPathsFrom } from './read-history.js';
import type { Inputs, RunOptions, RunPlace } from './run-options.js';
import { type RunSignal, withRunSignal } from './run-signal.js';
import { type DecideUnknown, settleUnknownSteps } from './unknown-steps.js';

export interface ReplayOptions extends RunOptions, Partial<RunPlace> {
  /**
   * The task to run again, with everything that follows: a task id, a unique beginning of one, or the key or number of a
   * task of the latest run. May be left out with `isAuto`.
   */
  readonly task?: string;
  /** The run to replay. Default: that of the task, else the latest. */
  readonly run?: string;
  /** Definition to use. Default: the file that the run was made from, as it is now. */
  readonly file?: string;
  /** Uses the definition as the run has it recorded. */
  readonly asRecorded?: boolean;
  /** Replace those of the run, by name. */
  readonly inputs?: Inputs;
  /** Runs again exactly what has changed, and what depends on it. */
  readonly isAuto?: boolean;
  /** Reuses outputs before the chosen task although what made them has changed. */
  readonly isForced?: boolean;
  /** Texts that take the place of outputs, by task key. */
  readonly outputs?: Readonly<Record<string, string>>;
  /** Takes over delegations of tasks that run again, where the manager makes the same request. */
  readonly keepsDelegations?: boolean;
  /** Takes over the calls of tasks that came to no end, where their prompts are still the same. */
  readonly goesOn?: boolean;
  /** With `goesOn`: asked about calls of unknown outcome, as in resume. */
  readonly decideUnknown?: DecideUnknown;
  /** Told the plan before anything runs. */
  readonly onPlan?: (plan: ReplayPlan, parent: RunRecord) => void;
  /** Ends after the plan: nothing runs. */
  readonly isDryRun?: boolean;
}

/**
 * Runs a part of an earlier run again, as a new run whose parent is the old one; the rest of its outputs are reused.
 * Undefined for a dry run. Rejects as kickoff does, and with UsageError where an output that would be reused is stale or missing.
 */
export function replay(options: ReplayOptions): Promise<CrewOutput | undefined> {
  const { env = process.env, workingDirectory = process.cwd(), ...given } = options;
  const here = { env, workingDirectory };
  return withRunSignal(given.signal, (control) => replayRun(given, here, control));
}

async function replayRun(given: ReplayOptions, here: RunPlace, control: RunSignal): Promise<CrewOutput | undefined> {
  const { parent, tasks, checked, from } = await chooseTask(given, here);
  const request = withPathsFrom(given, here);
  const place = placeOf(parent, here);
  const { inputs, warnings } = checkInputs(checked, { ...parent.inputs, ...request.inputs });
  const { concurrency, allowOutside } = parent.options;
  const options = { ...(concurrency && { concurrency }), ...(allowOutside && { allowOutside }), ...request };
  const prepared = await prepareRun(checked, { inputs, options, place, control });
  for (const message of warnings) prepared.emit({ type: 'warning', message });
  const outputs = await parseGivenOutputs(prepared, request.outputs ?? {});
  const { plan, sources } = readHistory(request, here, (store) => {
    const planned = planReplay({
      definition: prepared.definition,
      fingerprints: prepared.fingerprints,
      parentRunId: parent.id,
      tasks,
      tasksOf: (runId) => store.listTasks(runId),
      from,
      isAuto: request.isAuto ?? false,
      isForced: request.isForced ?? false,
      given: new Set(outputs.keys()),
    });
    return { plan: planned, sources: sourcesOf(planned, store) };
  });
  request.onPlan?.(plan, parent);
  if (plan.refusals.length > 0) throw replayRefusalError(plan, { isAsRecorded: request.asRecorded ?? false });
  if (request.isDryRun) return undefined;
  control.signal.throwIfAborted();
  return performRun(
    prepared,
    startOfReplay(request, { parent, tasks, checked, prepared, plan }, { sources, given: outputs }),
  );
}

/** What a replay does not run. */
interface Outputs {
  /** The rows of reused outputs, by key of the task that reuses them. */
  readonly sources: ReadonlyMap<string, TaskRecord>;
  readonly given: ReadonlyMap<string, ReusedOutput>;
}

function startOfReplay(request: ReplayOptions, replayed: PlannedReplay, { sources, given }: Outputs): RunStart {
  const { parent, prepared } = replayed;
  const reused = new Map(given);
  const fingerprints = new Map(prepared.fingerprints);
  for (const [key, { runId, key: taskKey, outputFormat, fingerprint }] of sources) {
    reused.set(key, { outputFormat, source: { runId, taskKey } });
    // What made the output is what counts in a later replay, also where it was stale already.
    fingerprints.set(key, fingerprint);
  }
  const goingOn = request.goesOn ? tasksThatGoOn(replayed) : new Set<string>();
  return {
    runId: createRunId(),
    opening: (store) => ({
      ...newOpening({ ...prepared, fingerprints }, parent.id, reused),
      ...(goingOn.size > 0 && {
        remembers: true,
        settleUnknownSteps: () => settleUnknownSteps(store, parent.id, request.decideUnknown),
      }),
    }),
    journal: ({ live, recorder, store }) => {
      const finders = [
        ...(goingOn.size > 0 ? [findAtSamePlace(store, parent.id, goingOn)] : []),
        ...(request.keepsDelegations ? [findKeptDelegations(replayed, store)] : []),
      ];
      return finders.length === 0
        ? live
        : createCarryOverJournal({ inner: live, recorder, findEarlier: firstOf(finders) });
    },
  };
}

/** Asks one after the other. */
function firstOf(finders: readonly FindEarlier[]): FindEarlier {
  return (step) => {
    for (const find of finders) {
      const found = find(step);
      if (found) return found;
    }
    return undefined;
  };
}

function sourcesOf({ tasks }: ReplayPlan, store: RunStore): Map<string, TaskRecord> {
  const runs = new Map<string, Map<string, TaskRecord>>();
  const rowsOf = (runId: string): Map<string, TaskRecord> => {
    const rows = runs.get(runId) ?? new Map(store.listTasks(runId).map((row) => [row.key, row]));
    runs.set(runId, rows);
    return rows;
  };
  const entries = tasks.flatMap(({ key, source }) => {
    const row = source && rowsOf(source.runId).get(source.taskKey);
    return row ? [[key, row] as const] : [];
  });
  return new Map(entries);
}
