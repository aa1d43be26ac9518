import { UsageError } from '../errors.js';
import { saveCassette } from '../journal/cassette-file.js';
import { CrewOutput } from '../result.js';
import { openStore } from '../store/open-store.js';
import type { RunRecord, RunStore } from '../store/records.js';
import { requireRun } from '../store/require-run.js';
import { toRunResult } from '../store/to-result.js';
import { createRedactor } from '../util/redact.js';
import { describeChanges } from './describe-changes.js';
import { performRun } from './perform-run.js';
import { createEmit, prepareRun } from './prepare-run.js';
import { placeOf, readHistory, requireFree, withPathsFrom } from './read-history.js';
import { loadBothDefinitions } from './recorded-definition.js';
import { requireUnchanged, restoreInputs } from './redacted-inputs.js';
import type { ReplayOptions } from './replay.js';
import type { Inputs, RunOptions, RunPlace } from './run-options.js';
import { type RunSignal, withRunSignal } from './run-signal.js';
import { type DecideUnknown, settleUnknownSteps } from './unknown-steps.js';

export interface ResumeOptions extends RunOptions, Partial<RunPlace> {
  /** Asked where there are such calls. Default: the run ends with NeedsInputError (exit 5). */
  readonly decideUnknown?: DecideUnknown;
  /** By name: those that were stored without their secrets, once more. No other input can change. */
  readonly inputs?: Inputs;
}

/**
 * Goes on with a run where it stopped: what the journal has is taken from it, everything else is carried out. `runId` may
 * be the beginning of an id; without one it is the latest unfinished run. The run keeps its definition, inputs, working
 * directory and options. A completed run gives its output, and nothing is called. Rejects as kickoff does, and with
 * UsageError where there is no such run, another process is at work on it, or an input is wanting.
 */
export function resume(runId?: string, options: ResumeOptions = {}): Promise<CrewOutput> {
  const { env = process.env, workingDirectory = process.cwd(), decideUnknown, inputs = {}, ...given } = options;
  const here = { env, workingDirectory };
  return withRunSignal(given.signal, async (control) => {
    const record = readHistory(given, here, (store) => findRunToResume(store, runId));
    if (record.status === 'completed') return await giveCompleted(record, given, here);
    return goOn(record, { given, inputs, here, control, decideUnknown });
  });
}

/**
 * Goes on with what a run wanted, with the definition as it is now: a new run, which reuses the outputs that still hold,
 * takes over the calls of unfinished tasks whose prompts are the same, and runs what has changed.
 */
export async function resumeWithCurrent(
  runId?: string,
  options: ResumeOptions & Pick<ReplayOptions, 'onPlan'> = {},
): Promise<CrewOutput> {
  const { env = process.env, workingDirectory = process.cwd(), inputs = {} } = options;
  const record = readHistory(options, { env, workingDirectory }, (store) => findRunToResume(store, runId));
  if (record.status === 'completed') return giveCompleted(record, options, { env, workingDirectory });
  requireUnchanged(record, inputs);
  const { replay } = await import('./replay.js');
  return replay({ ...options, run: record.id, isAuto: true, goesOn: true });
}

/** Ids of the runs that can go on, oldest first: not completed, not at work, and not taken up by a later run. */
export function listUnfinishedRuns({ db, ...place }: Pick<RunOptions, 'db'> & RunPlace): string[] {
  const runs = readHistory(db === undefined ? {} : { db }, place, (store) => store.listRuns({ isUnfinished: true }));
  return runs.map(({ id }) => id).toReversed();
}

/** The run to go on with: where a later one has taken over what it was to do, that one. */
function findRunToResume(store: RunStore, runId: string | undefined): RunRecord {
  const id = runId ?? store.listRuns({ isUnfinished: true, limit: 1 })[0]?.id;
  if (id === undefined) {
    for (const { id: running } of store.listRuns({ status: 'running' }))
      requireFree(store.findRun(running) as RunRecord);
    throw new UsageError('there is no unfinished run', { hint: '`crew runs` lists the runs.' });
  }
  let record = requireRun(store, id);
  for (let next = store.findSuccessor(record.id); next; next = store.findSuccessor(next.id)) record = next;
  requireFree(record);
  return record;
}

interface GoingOn {
  readonly given: RunOptions;
  readonly inputs: Inputs;
  readonly here: RunPlace;
  readonly control: RunSignal;
  readonly decideUnknown: DecideUnknown | undefined;
}

async function goOn(
  record: RunRecord,
  { given, inputs: givenInputs, here, control, decideUnknown }: GoingOn,
): Promise<CrewOutput> {
  const place = placeOf(record, here);
  const { recorded, current } = await loadBothDefinitions(record, place);
  const options = { ...record.options, ...withPathsFrom(given, here) };
  const inputs = restoreInputs(record, givenInputs, recorded);
  const prepared = await prepareRun(recorded, { inputs, options, place, control });
  const { carryOver } = record.options;
  const settings = { ...prepared.settings, ...(carryOver && { carryOver }) };
  const tasks = readHistory(given, here, (store) => store.listTasks(record.id));
  for (const message of await describeChanges({ record, tasks, prepared, current })) {
    prepared.emit({ type: 'warning', message });
  }
  return performRun(
    { ...prepared, settings },
    {
      runId: record.id,
      opening: (store) => ({
        kind: 'resumed',
        record,
        options: settings,
        fingerprints: prepared.fingerprints,
        settleUnknownSteps: () => settleUnknownSteps(store, record.id, decideUnknown),
      }),
    },
  );
}

/** The output of a run that is done: nothing is left to do. */
async function giveCompleted(record: RunRecord, given: RunOptions, here: RunPlace): Promise<CrewOutput> {
  const { db, record: cassette } = withPathsFrom(given, here);
  if (cassette !== undefined) {
    const store = openStore(db);
    await saveCassette(cassette, store, record.id).finally(() => store.close());
  }
  const result = readHistory(given, here, (store) => toRunResult(record, store.listTasks(record.id)));
  const emit = createEmit(given.onEvent, createRedactor([]));
  emit({ type: 'warning', message: `run ${record.id} is completed: there is nothing left to do` });
  emit({ type: 'run-end', result });
  return new CrewOutput(result);
}
