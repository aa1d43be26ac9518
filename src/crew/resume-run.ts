import { UsageError } from '../errors.js';
import { saveCassette } from '../journal/cassette-file.js';
import type { HumanStepResponse } from '../journal/human-question.js';
import { CrewOutput } from '../result.js';
import { openStore } from '../store/open-store.js';
import type { RunRecord, RunStore, StepRecord } from '../store/records.js';
import { requireRun } from '../store/require-run.js';
import { toRunResult } from '../store/to-result.js';
import { createRedactor } from '../util/redact.js';
import { NO_SPEND } from '../util/spend.js';
import { describeChanges } from './describe-changes.js';
import { performRun, type SharedParts } from './perform-run.js';
import { createEmit, prepareRun } from './prepare-run.js';
import { placeOf, readHistory, requireFree, withPathsFrom } from './read-history.js';
import { recordWants } from './record-wants.js';
import { loadBothDefinitions } from './recorded-definition.js';
import { restoreInputs } from './redacted-inputs.js';
import type { ResumeOptions } from './resume.js';
import type { Inputs, RunOptions, RunPlace } from './run-options.js';
import { type RunSignal, withRunSignal } from './run-signal.js';
import { requireTrust } from './trust.js';
import { type DecideUnknown, settleUnknownSteps } from './unknown-steps.js';

/** A step with a question, and the answer to it. */
export interface AnsweredStep extends Pick<StepRecord, 'path'> {
  readonly response: HumanStepResponse;
}

/** What a run goes on with beside its options. */
export interface ResumeParts {
  /** For one run of a batch. */
  readonly shared?: SharedParts | undefined;
  /** What a person has said to an open question meanwhile; stored before anything else. */
  readonly answered?: AnsweredStep | undefined;
}

/** Goes on with a run as `resume` does. */
export function resumeRun(
  runId: string | undefined,
  options: ResumeOptions,
  { shared, answered }: ResumeParts = {},
): Promise<CrewOutput> {
  const { env = process.env, workingDirectory = process.cwd(), decideUnknown, inputs = {}, ...given } = options;
  const here = { env, workingDirectory };
  return withRunSignal(given.signal, async (control) => {
    const record = readHistory(given, here, (store) => findRunToResume(store, runId));
    if (record.status === 'completed') return await giveCompleted(record, given, here);
    return goOn(record, { given, inputs, here, control, decideUnknown, shared, answered });
  });
}

/** The run to go on with: where a later one has taken over what it was to do, that one. */
export function findRunToResume(store: RunStore, runId: string | undefined): RunRecord {
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
  readonly shared: SharedParts | undefined;
  readonly answered: AnsweredStep | undefined;
}

async function goOn(
  record: RunRecord,
  { given, inputs: givenInputs, here, control, decideUnknown, shared, answered }: GoingOn,
): Promise<CrewOutput> {
  const place = placeOf(record, here);
  const { recorded, current } = await loadBothDefinitions(record, place);
  // By what is said now: a record may come from anywhere, and that of a batch's run may hold another definition than the batch.
  await requireTrust(
    recorded,
    { ...given, ofRecord: await recordWants(record, { ...given, isAsRecorded: current !== undefined }, here) },
    place,
  );
  const options = { ...record.options, ...withPathsFrom(given, here) };
  const inputs = restoreInputs(record, givenInputs, recorded);
  const prepared = await prepareRun(recorded, { inputs, options, place, control });
  const { carryOver, answersFrom } = record.options;
  const settings = { ...prepared.settings, ...(carryOver && { carryOver }), ...(answersFrom && { answersFrom }) };
  const tasks = readHistory(given, here, (store) => store.listTasks(record.id));
  // A batch has the limits of today.
  const other = shared && current && current !== 'broken' ? { ...current, limits: recorded.limits } : current;
  for (const message of await describeChanges({ record, tasks, prepared, current: other, given })) {
    prepared.emit({ type: 'warning', message });
  }
  return performRun(
    { ...prepared, settings },
    {
      runId: record.id,
      shared,
      opening: (store) => ({
        kind: 'resumed',
        record,
        options: settings,
        fingerprints: prepared.fingerprints,
        settleUnknownSteps: async () => {
          if (answered) await storeAnswer(store, record.id, answered);
          await settleUnknownSteps(store, record.id, decideUnknown);
        },
      }),
    },
  );
}

async function storeAnswer(store: RunStore, runId: string, answered: AnsweredStep): Promise<void> {
  const name = store.findStep(runId, answered.path)?.name;
  if (name === undefined) throw new UsageError(`run ${runId} has no step ${answered.path}`);
  const end = { status: 'completed', isError: false, error: null, spend: NO_SPEND, endedAt: Date.now() } as const;
  await store.endStep({ ...answered, ...end, runId, name });
}

/** The output of a run that is done: nothing is left to do. */
export async function giveCompleted(record: RunRecord, given: RunOptions, here: RunPlace): Promise<CrewOutput> {
  const { db, record: cassette } = withPathsFrom(given, here);
  if (cassette !== undefined) {
    const store = openStore(db);
    await saveCassette(cassette, store, record.id).finally(() => store.close());
  }
  const result = readHistory(given, here, (store) => toRunResult(record, store.listTasks(record.id)));
  const emit = createEmit(given.onEvent, createRedactor([]));
  emit({ type: 'warning', message: `run ${record.id} is completed: there is nothing left to do` });
  const { fullOutput = false } = record.options;
  emit({ type: 'run-end', result, ...(fullOutput && { fullOutput }) });
  return new CrewOutput(result, { fullOutput });
}
