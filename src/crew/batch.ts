import { resolve } from 'node:path';
import { requireKeys } from '../definition/require-keys.js';
import type { InputItem } from '../definition/input-items.js';
import { findPlaceholders } from '../definition/placeholders.js';
import type { CrewDefinition } from '../definition/types.js';
import { UsageError } from '../errors.js';
import { loadCassette } from '../journal/cassette-file.js';
import type { BatchRecord } from '../store/batch-records.js';
import { locateDatabase } from '../store/locate-database.js';
import { openStore } from '../store/open-store.js';
import { createRunId } from '../util/run-id.js';
import { allItems, openItems, storeItems } from './batch-items.js';
import { type BatchEnd, type BatchOptions, workOffBatch } from './batch-work.js';
import { settingsOf } from './prepare-run.js';
import { redactorOf } from './redactor-of.js';
import { recordWants } from './record-wants.js';
import { loadBothDefinitions } from './recorded-definition.js';
import { placeOf } from './read-history.js';
import type { Inputs, RunPlace } from './run-options.js';
import { requireTrust } from './trust.js';

/**
 * Runs a crew once for each item, every one a run of its own, and all under one id. First every item is checked and stored:
 * rejects with UsageError where one does not fit, and then nothing was run. Limits and rate limits of the crew hold for all
 * items together. `read` gives the items anew each time it is called; `common` are inputs of all of them.
 */
export async function kickoffBatch(
  definition: CrewDefinition,
  { read, common }: { readonly read: () => AsyncIterable<InputItem>; readonly common: Inputs },
  { options, place }: { readonly options: BatchOptions; readonly place: RunPlace },
): Promise<BatchEnd> {
  requireKeys(definition, { isOffline: options.cassette !== undefined });
  if (options.cassette !== undefined)
    await loadCassette(resolve(place.workingDirectory, options.cassette), options.cassette);
  await requireTrust(definition, options, place);
  const store = openStore(locateDatabase({ ...place, db: options.db }), { redactor: redactorOf(definition) });
  try {
    const { batches } = store;
    const { source, name } = definition;
    const batch: BatchRecord = {
      id: createRunId(),
      crew: name,
      definitionPath: source.path,
      definitionFiles: source.files,
      workingDirectory: place.workingDirectory,
      options: settingsOf(options, place.workingDirectory),
      startedAt: Date.now(),
    };
    const items = await storeItems(batches, batch, { definition, read, common, signal: options.signal });
    options.onStart?.({ batchId: batch.id, items, open: items });
    if (items > 1) warnOfSharedFiles(definition, options);
    return await workOffBatch({ store, batch, definition, place, options }, allItems(read(), common, items));
  } finally {
    store.close();
  }
}

/** Tells of files that the runs of all items write, one over the other. */
function warnOfSharedFiles({ tasks }: CrewDefinition, { onEvent }: BatchOptions): void {
  for (const { key, outputFile, outputs } of tasks) {
    const files = [outputFile ?? [], outputs.map(({ path }) => path)].flat(2);
    for (const file of files.filter((path) => findPlaceholders(path).length === 0)) {
      const message = `every item writes the output of task ${key} to ${file}; an input in its name, as in {topic}.md, keeps them apart`;
      onEvent?.({ type: 'warning', message, taskKey: key }, undefined);
    }
  }
}

/**
 * Goes on with a batch, the newest one by default: runs that stopped or failed go on, items that never had a run begin.
 * Rejects with UsageError where there is no such batch.
 */
export async function resumeBatch(
  batchId: string | undefined,
  { options, place: here }: { readonly options: BatchOptions; readonly place: RunPlace },
): Promise<BatchEnd> {
  const store = openStore(locateDatabase({ ...here, db: options.db }));
  try {
    store.markDeadRuns(Date.now());
    const batch = batchId === undefined ? store.batches.findNewest() : store.batches.find(batchId);
    if (!batch) {
      throw new UsageError(batchId === undefined ? 'there is no batch' : `there is no batch ${batchId}`, {
        hint: 'crew kickoff --for-each makes one, and says its id.',
      });
    }
    const place = placeOf(batch, here);
    const first = store.batches.listOpen(batch.id, 0, 1)[0];
    const { recorded, current } = await loadBothDefinitions({ ...batch, inputs: first?.inputs ?? {} }, place);
    // By what is said now: a record may come from anywhere.
    await requireTrust(
      recorded,
      { ...options, ofRecord: await recordWants(batch, { ...options, isAsRecorded: current !== undefined }, here) },
      place,
    );
    const { items, completed } = store.batches.count(batch.id);
    options.onStart?.({ batchId: batch.id, items, open: items - completed });
    // What bounds the work decides no output: the limits are those of today.
    const { limits } = current === undefined || current === 'broken' ? recorded : current;
    const definition = { ...recorded, limits };
    const parts = { store, batch, definition, place, options: { ...batch.options, ...options } };
    return await workOffBatch(parts, openItems(store.batches, batch.id));
  } finally {
    store.close();
  }
}
