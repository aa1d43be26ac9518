import type { CrewDefinition } from '../definition/types.js';
import {
  CrewError,
  EXIT,
  type ExitCode,
  LimitError,
  RunBusyError,
  RunLostError,
  toErrorResult,
  UsageError,
} from '../errors.js';
import type { RunEvent } from '../events.js';
import { createRunLimits, type RunLimits } from '../limits/limits.js';
import { createMemorySlots } from '../limits/memory-slots.js';
import { createModelClient } from '../models/client.js';
import { refusedResult, type RunResult } from '../result.js';
import type { BatchItem, BatchPlace, BatchRecord } from '../store/batch-records.js';
import { batchGoneError } from '../store/batches.js';
import type { RunStore } from '../store/records.js';
import type { Spend } from '../util/spend.js';
import { kickoff } from './kickoff.js';
import { limitsWith, type SharedParts } from './perform-run.js';
import { mergeInputs } from './redacted-inputs.js';
import { resumeRun } from './resume-run.js';
import type { Inputs, RunOptions, RunPlace } from './run-options.js';
import { withRunSignal } from './run-signal.js';
import type { DecideUnknown } from './unknown-steps.js';

/** As for one run, but for `record`: a cassette holds one run. `onEvent` is told of every run. */
export interface BatchOptions extends Omit<RunOptions, 'record' | 'onEvent'> {
  /** Most items at work at the same time. Default 4. */
  readonly itemsAtOnce?: number;
  /** Asked where calls of an item's run may have been done already. Default: that run ends with NeedsInputError. */
  readonly decideUnknown?: DecideUnknown;
  /** Told once, when the items are stored and before the first begins. */
  readonly onStart?: (batch: { readonly batchId: string; readonly items: number; readonly open: number }) => void;
  /** Told when an item has ended, in the order in which they end. */
  readonly onItem?: (item: BatchItemEnd) => void;
  /** Told of every run, with the number of its item; undefined for what concerns the whole batch. */
  readonly onEvent?: (event: RunEvent, item: number | undefined) => void;
}

/** What came of one item. */
export interface BatchItemEnd {
  readonly batchId: string;
  /** 1-based. */
  readonly item: number;
  /** Where its inputs stand, such as `items.csv:17`. */
  readonly place: string;
  /** Its `run_id` is null where no run could be made. */
  readonly result: RunResult;
}

/** What came of a batch. */
export interface BatchEnd {
  readonly batchId: string;
  readonly items: number;
  readonly completed: number;
  /** 0 where all are completed; 1 where some are not, 5 where all these wait for a person; else what stopped the batch: a limit, Ctrl-C. */
  readonly exitCode: ExitCode;
  /** What stopped the batch before its end; undefined where every item had its turn. */
  readonly stoppedBy: CrewError | undefined;
  /** Of all runs of the batch, earlier ones too. */
  readonly spend: Spend;
}

const DEFAULT_ITEMS_AT_ONCE = 4;

/** A batch that is there, and how it is worked off. */
export interface BatchParts {
  readonly store: RunStore;
  readonly batch: BatchRecord;
  readonly definition: CrewDefinition;
  readonly place: RunPlace;
  readonly options: BatchOptions;
}

/** Lets so many items at a time run, until there are no more, or something stops the batch. */
export async function workOffBatch(parts: BatchParts, items: AsyncGenerator<BatchItem>): Promise<BatchEnd> {
  const { store, batch, options } = parts;
  const { itemsAtOnce = DEFAULT_ITEMS_AT_ONCE } = options;
  if (!Number.isInteger(itemsAtOnce) || itemsAtOnce < 1)
    throw new UsageError('itemsAtOnce must be a whole number from 1');
  return withRunSignal(options.signal, async (control) => {
    let stoppedBy: CrewError | undefined;
    const limits = createBatchLimits(parts, (error) => {
      stoppedBy ??= error;
    });
    const deadline = limits.startDeadline(control.signal);
    const { signal } = deadline;
    const shared: SharedParts = {
      // The time of the batch is kept here, for all of its runs.
      limits: { ...limits, startDeadline: (of) => ({ signal: of, release: () => undefined }) },
      slots: createMemorySlots(),
    };
    const workOff = async (): Promise<void> => {
      while (!stoppedBy && !signal.aborted) {
        const { value: item, done } = await items.next();
        if (done) return;
        await runItem(parts, item, { shared, signal }).catch((error: unknown) => {
          if (!(error instanceof RunLostError)) throw error;
          stoppedBy ??= error;
        });
      }
    };
    try {
      await Promise.all(Array.from({ length: itemsAtOnce }, workOff));
    } finally {
      deadline.release();
      await items.return(undefined);
    }
    if (signal.reason instanceof CrewError) stoppedBy = signal.reason;
    const { items: count, completed, waiting, spend } = store.batches.count(batch.id);
    const unfinished = completed + waiting < count ? EXIT.failed : EXIT.needsInput;
    const exitCode = stoppedBy?.exitCode ?? (completed < count ? unfinished : EXIT.done);
    return { batchId: batch.id, items: count, completed, exitCode, stoppedBy, spend };
  });
}

/** The limits for all runs of the batch; `onReached` is told of the error of a call that they do not allow. */
function createBatchLimits(
  { store, batch, definition, options }: BatchParts,
  onReached: (error: LimitError) => void,
): RunLimits {
  const limits = createRunLimits({
    limited: { batchId: batch.id },
    limits: limitsWith(definition.limits, options),
    spent: store.batches.count(batch.id).spend,
    models: createModelClient({ env: definition.environment }),
    emit: (event) => options.onEvent?.(event, undefined),
  });
  const told = (error: unknown): unknown => {
    if (error instanceof LimitError) onReached(error);
    return error;
  };
  return {
    ...limits,
    admitStep(step) {
      try {
        limits.admitStep(step);
      } catch (error) {
        throw told(error);
      }
    },
    openCall(request, signal) {
      const account = limits.openCall(request, signal);
      const admit: typeof account.admit = (model, spent) =>
        account.admit(model, spent).catch((error: unknown) => {
          throw told(error);
        });
      return { ...account, admit };
    },
  };
}

/** Runs one item, or goes on with its run, unless somebody else does. Rejects only for what stops the batch. */
async function runItem(
  { store, batch, definition, place, options }: BatchParts,
  item: BatchItem,
  { shared, signal }: { readonly shared: SharedParts; readonly signal: AbortSignal },
): Promise<void> {
  const batchItem = { batchId: batch.id, item: item.item };
  // As it is now: it was listed a while ago, and another process may have been at work on it since.
  const known = store.batches.findRun(batchItem);
  if (!known && !store.batches.find(batch.id)) throw batchGoneError(batch.id);
  // Somebody has done it, and deleted it since.
  if (!known) return;
  const { runId, status } = known;
  if (status === 'completed') return;
  const { itemsAtOnce: _, onStart: __, onItem, onEvent, decideUnknown, ...given } = options;
  let result: RunResult | undefined;
  const runOptions = {
    ...given,
    db: store.path,
    signal,
    onEvent: (event: RunEvent) => {
      if (event.type === 'run-end') result = event.result;
      onEvent?.(event, item.item);
    },
  };
  try {
    if (runId !== null)
      await resumeRun(runId, { ...runOptions, ...place, ...(decideUnknown && { decideUnknown }) }, { shared });
    else
      await kickoff(definition, inputsOf(item, batchItem, definition), {
        place,
        options: runOptions,
        shared,
        batchItem,
      });
  } catch (error) {
    if (error instanceof RunBusyError && !result) return;
    if (!(error instanceof CrewError)) throw error;
    result ??= refusedResult(toErrorResult(error), error.exitCode);
  }
  if (!result) return;
  if (result.run_id !== null && runId !== null && result.run_id !== runId)
    store.batches.follow(batchItem, result.run_id);
  onItem?.({ ...batchItem, place: item.place, result });
}

function inputsOf({ inputs, isStored }: BatchItem, { batchId, item }: BatchPlace, definition: CrewDefinition): Inputs {
  if (!isStored) return inputs;
  const hint = 'Give such items to crew kickoff --for-each once more: they go through this batch only once.';
  return mergeInputs({ of: `item ${item} of batch ${batchId}`, inputs, hint }, {}, definition);
}
