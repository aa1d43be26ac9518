import { resolve } from 'node:path';
import { DefinitionError } from '../definition/definition-error.js';
import type { LimitsDefinition } from '../definition/types.js';
import { CrewError, messageOf, TaskError } from '../errors.js';
import type { EmitEvent } from '../events.js';
import { findCassetteGaps, saveCassette } from '../journal/cassette-file.js';
import { createCarryOverJournal } from '../journal/carry-over-journal.js';
import { createCassetteJournal } from '../journal/cassette-journal.js';
import { createLiveJournal } from '../journal/live-journal.js';
import { createResumeJournal } from '../journal/resume-journal.js';
import { createModelClient } from '../models/client.js';
import { createPauses } from '../models/pauses.js';
import { CrewOutput, RunError } from '../result.js';
import type { RunOpening } from '../run/begin-run.js';
import { checkBudgetPrices } from '../limits/budget-prices.js';
import { createRunLimits } from '../limits/limits.js';
import { createMemorySlots, createRateLimiter } from '../limits/rate-limit.js';
import { redactRunResult } from '../run/redact-event.js';
import { runCrew } from '../run/run-crew.js';
import { locateDatabase } from '../store/locate-database.js';
import { openStore } from '../store/open-store.js';
import type { RunStore } from '../store/records.js';
import { findCarriedOver, spentWith } from './carry-over.js';
import type { PreparedRun } from './prepare-run.js';
import { startHeartbeat } from './run-signal.js';

/** A provider that asks to slow down is heard by every run of this process. */
const pauses = createPauses();

/** Which run it is, and how it begins. */
export interface RunStart {
  readonly runId: string;
  readonly opening: (store: RunStore) => RunOpening;
}

/**
 * Carries a run out from its record to its result. Rejects with RunError when it did not succeed, and with StoreError
 * when it could not be recorded: then nothing was called.
 */
export async function performRun(prepared: PreparedRun, start: RunStart): Promise<CrewOutput> {
  const { definition, options, place, redactor, emit, cassette, control } = prepared;
  const { runId } = start;
  const { workingDirectory } = place;
  if (!cassette && definition.missingKeys.length > 0) throw new DefinitionError(definition.missingKeys);
  const store = openStore(locateDatabase({ ...place, db: options.db }), { redactor });
  const ends: (() => void)[] = [() => store.close()];
  try {
    const models = createModelClient({ env: definition.environment, pauses });
    if (!cassette) await checkBudgetPrices({ ...definition, limits: limitsOf(prepared) }, models);
    const spent = spentWith(store.sumSpend(runId), prepared.settings.carryOver);
    const limits = createRunLimits({ runId, limits: limitsOf(prepared), spent, models, emit });
    const heartbeat = startHeartbeat(store, runId, control);
    const deadline = limits.startDeadline(control.signal);
    ends.unshift(heartbeat.stop, deadline.release);
    const recorder = createLiveJournal({ store, runId, redactor, now: Date.now });
    const live = createLiveJournal({ store, runId, redactor, now: Date.now, admit: limits.admitStep });
    const findEarlier = findCarriedOver(store, prepared);
    const known = findEarlier ? createCarryOverJournal({ inner: live, recorder, findEarlier }) : live;
    const opening = start.opening(store);
    const journal = opening.kind === 'resumed' ? createResumeJournal({ inner: known, store, runId }) : known;
    const slots = definition.shareRateLimit ? store.openRateSlots() : createMemorySlots();
    const warn = (message: string): void => emit({ type: 'warning', message });
    const tell: EmitEvent = (event) => {
      // Before it, as nothing is told after a run's end.
      if (event.type === 'run-end' && options.record !== undefined && !event.result.error) {
        for (const gap of findCassetteGaps(store, runId)) warn(gap);
      }
      emit(event);
    };
    const outcome = await runCrew(
      {
        runId,
        definition,
        ...prepared.materials,
        store,
        emit: tell,
        signal: deadline.signal,
        workingDirectory,
        models,
        limits,
        rateLimiter: createRateLimiter({ definition, slots, emit }),
        journal: cassette ? createCassetteJournal({ inner: journal, ...cassette, onNotice: warn }) : journal,
        now: Date.now,
        concurrency: options.concurrency,
        allowOutside: options.allowOutside,
      },
      opening,
    );
    const result = redactRunResult(outcome.result, redactor);
    // A cassette of half a run would only replace a whole one.
    if (options.record !== undefined && !result.error) {
      await saveCassette(resolve(workingDirectory, options.record), store, runId).catch((error: unknown) => {
        throw new TaskError(`the run is done, but its cassette is not written: ${messageOf(error)}`, { cause: error });
      });
    }
    if (outcome.error !== undefined && !(outcome.error instanceof CrewError)) throw outcome.error;
    if (result.error) throw new RunError({ ...result, error: result.error }, outcome.error);
    return new CrewOutput(result);
  } finally {
    for (const end of ends) end();
  }
}

/** The limits of the definition, with those that were asked for in their place. */
function limitsOf({ definition, options }: PreparedRun): LimitsDefinition {
  const { budgetUsd, timeoutMs } = options;
  return {
    ...definition.limits,
    ...(budgetUsd !== undefined && { budgetUsd }),
    ...(timeoutMs !== undefined && { timeoutMs }),
  };
}
