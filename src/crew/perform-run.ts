import { resolve } from 'node:path';
import { DefinitionError } from '../definition/definition-error.js';
import type { LimitsDefinition } from '../definition/types.js';
import { CrewError, messageOf, TaskError } from '../errors.js';
import type { EmitEvent } from '../events.js';
import { findCassetteGaps, saveCassette } from '../journal/cassette-file.js';
import { carriedOverFrom, createCarryOverJournal, type FindEarlier } from '../journal/carry-over-journal.js';
import { createCassetteJournal } from '../journal/cassette-journal.js';
import { createLiveJournal } from '../journal/live-journal.js';
import { createResumeJournal } from '../journal/resume-journal.js';
import type { HumanStepResponse } from '../journal/human-question.js';
import type { HumanStepRequest } from '../journal/step-payloads.js';
import { createModelClient } from '../models/client.js';
import { createPauses } from '../models/pauses.js';
import { CrewOutput, RunError } from '../result.js';
import { askNobody } from '../run/ask-human.js';
import type { RunOpening } from '../run/begin-run.js';
import { checkBudgetPrices } from '../limits/budget-prices.js';
import { createRunLimits, type RunLimits } from '../limits/limits.js';
import { createMemorySlots } from '../limits/memory-slots.js';
import { createRateLimiter } from '../limits/rate-limit.js';
import { redactRunResult } from '../run/redact-event.js';
import { runCrew } from '../run/run-crew.js';
import type { AnsweredQuestion } from '../run/scripted-answers.js';
import { createToolCache } from '../tools/tool-cache.js';
import { locateDatabase } from '../store/locate-database.js';
import { openStore } from '../store/open-store.js';
import type { RunStore } from '../store/records.js';
import { findCarriedOver, spentWith } from './carry-over.js';
import type { SlotBook } from '../util/next-slot.js';
import { describeReuse, findEarlierAnswers } from './earlier-answers.js';
import { findEarlierPlan } from './earlier-plan.js';
import type { PreparedRun } from './prepare-run.js';
import type { RunOptions } from './run-options.js';
import { startHeartbeat } from './run-signal.js';

/** A provider that asks to slow down is heard by every run of this process. */
const pauses = createPauses();

/** Which run it is, and how it begins. */
export interface RunStart {
  readonly runId: string;
  readonly opening: (store: RunStore) => RunOpening;
  readonly shared?: SharedParts | undefined;
}

/** What the runs of a batch have in common: they are held to its limits together. */
export interface SharedParts {
  readonly limits: RunLimits;
  readonly slots: SlotBook;
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
    if (!cassette) await checkBudgetPrices({ ...definition, limits: limitsWith(definition.limits, options) }, models);
    const spent = spentWith(store.sumSpend(runId), prepared.settings.carryOver);
    const limits =
      start.shared?.limits ??
      createRunLimits({ limited: { runId }, limits: limitsWith(definition.limits, options), spent, models, emit });
    const heartbeat = startHeartbeat(store, runId, control);
    const deadline = limits.startDeadline(control.signal);
    ends.unshift(heartbeat.stop, deadline.release);
    const recorder = createLiveJournal({ store, runId, redactor, now: Date.now });
    const live = createLiveJournal({ store, runId, redactor, now: Date.now, admit: limits.admitStep });
    const opening = start.opening(store);
    const findEarlier = findReused(store, prepared, { runId, opening });
    const known = findEarlier ? createCarryOverJournal({ inner: live, recorder, findEarlier }) : live;
    const journal = opening.kind === 'resumed' ? createResumeJournal({ inner: known, store, runId }) : known;
    const slots = definition.shareRateLimit ? store.openRateSlots() : (start.shared?.slots ?? createMemorySlots());
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
        inputs: prepared.inputs,
        redactor,
        store,
        emit: tell,
        signal: deadline.signal,
        workingDirectory,
        // With a cassette the tools run for real, so that a run gives the same wherever it runs.
        toolCache: cassette ? undefined : createToolCache({ crew: definition.name, store: store.toolResults }),
        models,
        streamedTask: (options.stream ?? definition.stream) ? definition.tasks.at(-1)?.key : undefined,
        limits,
        rateLimiter: createRateLimiter({ definition, slots, emit }),
        journal: cassette ? createCassetteJournal({ inner: journal, ...cassette, onNotice: warn }) : journal,
        now: Date.now,
        moment: cassette?.cassette.date,
        askHuman: options.answers?.start(listAnswered(store, runId)) ?? options.askHuman ?? askNobody,
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
    return new CrewOutput(result, { fullOutput: definition.fullOutput });
  } finally {
    for (const end of ends) end();
  }
}

/** What a person has said in this run so far. */
function listAnswered(store: RunStore, runId: string): AnsweredQuestion[] {
  return store
    .listSteps(runId, 'human')
    .filter(({ status, response }) => status === 'completed' && carriedOverFrom(response) === undefined)
    .map(({ taskKey, request, response }) => ({
      kind: (request as HumanStepRequest).kind,
      taskKey,
      answer: response as HumanStepResponse,
    }));
}

/** Finds what the run takes over from earlier ones: calls, the plan, and what a person said. */
function findReused(
  store: RunStore,
  prepared: PreparedRun,
  { runId, opening }: { readonly runId: string; readonly opening: RunOpening },
): FindEarlier | undefined {
  const { settings, emit, definition } = prepared;
  const { parentRunId } = opening.kind === 'resumed' ? opening.record : opening;
  const carriedOver = findCarriedOver(store, prepared);
  const answered =
    settings.answersFrom &&
    findEarlierAnswers(store, { runId, answersFrom: settings.answersFrom }, (step) =>
      emit({ type: 'warning', message: describeReuse(step), taskKey: step.taskKey }),
    );
  const planned = definition.planning && parentRunId ? findEarlierPlan(store, parentRunId) : undefined;
  if (!carriedOver && !answered && !planned) return undefined;
  return (step) => carriedOver?.(step) ?? answered?.(step) ?? planned?.(step);
}

/** The limits, with those that were asked for in their place. */
export function limitsWith(
  limits: LimitsDefinition,
  { budgetUsd, timeoutMs }: Pick<RunOptions, 'budgetUsd' | 'timeoutMs'>,
): LimitsDefinition {
  return {
    ...limits,
    ...(budgetUsd !== undefined && { budgetUsd }),
    ...(timeoutMs !== undefined && { timeoutMs }),
  };
}
