import type { CrewOutput } from '../result.js';
import type { AgreeToEffects, ReplayPreview } from '../replay/external-effects.js';
import { planReplay, replayRefusalError, type ReplayPlan } from '../replay/replay-plan.js';
import type { ReusedOutput, RunStore, TaskRecord } from '../store/records.js';
import type { TaskSource } from '../store/run-settings.js';
import { createRunId } from '../util/run-id.js';
import { planCarryOver, type PlannedReplay } from './carry-over.js';
import { findAnsweredTasks } from './earlier-answers.js';
import { chooseTask } from './replay-start.js';
import { findEffects, replayCommand, requireAgreement } from './replay-effects.js';
import { parseGivenOutputs } from './given-outputs.js';
import { checkInputs } from './kickoff.js';
import { performRun, type RunStart } from './perform-run.js';
import { prepareRun } from './prepare-run.js';
import { placeOf, readHistory, withPathsFrom } from './read-history.js';
import { recordWants } from './record-wants.js';
import { mergeInputs } from './redacted-inputs.js';
import type { Inputs, RunOptions, RunPlace } from './run-options.js';
import { type RunSignal, withRunSignal } from './run-signal.js';
import { requireTrust } from './trust.js';
import type { DecideUnknown } from './unknown-steps.js';

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
  /** Asks a person again what was answered in the replayed run. Default: the answers of then are used. */
  readonly asksAgain?: boolean;
  /** With `goesOn`: asked about calls of unknown outcome, as in resume. */
  readonly decideUnknown?: DecideUnknown;
  /**
   * Asked before tasks run again that called tools with external effects. Default: the replay ends with NeedsInputError
   * (exit 5) before anything runs. With `goesOn` it is `decideUnknown` that is asked.
   */
  readonly agreeToEffects?: AgreeToEffects;
  /** Told the plan before anything runs, also where it is refused. */
  readonly onPlan?: (plan: ReplayPreview) => void;
}

/**
 * Runs a part of an earlier run again, as a new run whose parent is the old one; the rest of its outputs are reused.
 * Rejects as kickoff does, and with UsageError where an output that would be reused is stale or missing.
 */
export function replay(options: ReplayOptions): Promise<CrewOutput> {
  return withPreparedReplay(options, async (replayed) => {
    const { request, prepared, plan, answersFrom } = replayed;
    request.onPlan?.(plan);
    if (plan.refusals.length > 0) throw replayRefusalError(plan, { isAsRecorded: request.asRecorded ?? false });
    const command = replayCommand(request, plan.parentRunId, replayed.from);
    await requireAgreement(plan.effects, { agree: request.agreeToEffects, command });
    const carryOver = await planCarryOver(replayed, request);
    const settings = { ...prepared.settings, ...(carryOver && { carryOver }), ...(answersFrom && { answersFrom }) };
    const ready = { ...replayed, prepared: { ...prepared, settings } };
    return performRun(ready.prepared, startOfReplay(ready));
  });
}

/** What a replay would do, without doing any of it. Rejects as replay does, but where it would be refused: that is in the plan. */
export function previewReplay(options: ReplayOptions): Promise<ReplayPreview> {
  return withPreparedReplay(options, async ({ plan }) => plan);
}

/** A replay that is ready to run. */
interface PreparedReplay extends PlannedReplay {
  readonly request: ReplayOptions;
  readonly plan: ReplayPreview;
  /** As in `ReplayStart`. */
  readonly from: string | undefined;
  /** The rows of reused outputs, by key of the task that reuses them. */
  readonly sources: ReadonlyMap<string, TaskRecord>;
  readonly given: ReadonlyMap<string, ReusedOutput>;
  /** As `RunSettings.answersFrom`. */
  readonly answersFrom: Readonly<Record<string, TaskSource>> | undefined;
}

function withPreparedReplay<T>(options: ReplayOptions, use: (prepared: PreparedReplay) => Promise<T>): Promise<T> {
  const { env = process.env, workingDirectory = process.cwd(), ...request } = options;
  const here = { env, workingDirectory };
  return withRunSignal(request.signal, async (control) => use(await prepareReplay(request, here, control)));
}

async function prepareReplay(wanted: ReplayOptions, here: RunPlace, control: RunSignal): Promise<PreparedReplay> {
  const { parent, tasks, checked, from } = await chooseTask(wanted, here);
  const request = withPathsFrom(wanted, here);
  const { inputs, warnings } = checkInputs(
    checked,
    mergeInputs({ of: `run ${parent.id}`, inputs: parent.inputs }, request.inputs ?? {}, checked),
  );
  const { concurrency, allowOutside } = parent.options;
  const kept = { ...(concurrency && { concurrency }), ...(allowOutside && { allowOutside }) };
  const options = { ...(request.goesOn ? parent.options : kept), ...request };
  const place = placeOf(parent, here);
  // By what is said now: the file may be another one, and a record may come from anywhere.
  const said = { ...parent, options: request.goesOn ? parent.options : kept };
  const ofRecord = await recordWants(said, { ...request, isAsRecorded: request.asRecorded ?? false }, here);
  await requireTrust(checked, { ...request, ofRecord }, place);
  const prepared = await prepareRun(checked, { inputs, options, place, control });
  for (const message of warnings) prepared.emit({ type: 'warning', message });
  const given = await parseGivenOutputs(prepared, request.outputs ?? {});
  const { plan, sources, toolCalls, answersFrom } = readHistory(request, here, (store) => {
    const planned = planReplay({
      definition: prepared.definition,
      fingerprints: prepared.fingerprints,
      parentRunId: parent.id,
      tasks,
      tasksOf: (runId) => store.listTasks(runId),
      from,
      isAuto: request.isAuto ?? false,
      isForced: request.isForced ?? false,
      given: new Set(given.keys()),
    });
    const toolCalls = request.goesOn ? store.listSteps(parent.id, 'tool') : [];
    const answered = request.asksAgain ? {} : findAnsweredTasks(store, planned, tasks);
    const answersFrom = Object.keys(answered).length > 0 ? answered : undefined;
    const found = { plan: planned, tasks, parent, prepared };
    const plan = { ...planned, effects: request.goesOn ? [] : findEffects(store, found, request) };
    return { plan, sources: sourcesOf(planned, store), toolCalls, answersFrom };
  });
  control.signal.throwIfAborted();
  return { request, parent, tasks, toolCalls, prepared, plan, from, sources, given, answersFrom };
}

function startOfReplay({ parent, prepared, sources, given }: PreparedReplay): RunStart {
  const reused = new Map(given);
  const fingerprints = new Map(prepared.fingerprints);
  for (const [key, { runId, key: taskKey, outputFormat, fingerprint }] of sources) {
    reused.set(key, { outputFormat, source: { runId, taskKey } });
    // What made the output is what counts in a later replay, also where it was stale already.
    fingerprints.set(key, fingerprint);
  }
  const { inputs, settings } = prepared;
  return {
    runId: createRunId(),
    opening: () => ({ kind: 'new', inputs, options: settings, fingerprints, parentRunId: parent.id, reused }),
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
