import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { RunBusyError } from '../errors.js';
import { describeHolder, isHeld } from '../store/holder.js';
import { locateDatabase } from '../store/locate-database.js';
import { openHistory } from '../store/open-history.js';
import type { RunRecord, RunStore } from '../store/records.js';
import { noRunsError } from '../store/require-run.js';
import type { RunOptions, RunPlace } from './run-options.js';

/** Which database holds the history. Default: as `RunOptions.db`. */
export interface HistoryPlace {
  readonly db?: string | undefined;
}

/** What `use` finds in the history. Throws UsageError where there is none yet. */
export function readHistory<T>({ db }: HistoryPlace, place: RunPlace, use: (store: RunStore) => T): T {
  const store = openHistory({ ...place, db });
  if (!store) throw noRunsError();
  try {
    return use(store);
  } finally {
    store.close();
  }
}

/** Throws RunBusyError where a process is at work on the run. */
export function requireFree(record: RunRecord): void {
  if (!isHeld(record, Date.now())) return;
  throw new RunBusyError(`run ${record.id} is at work in ${describeHolder(record.holder ?? '')}`, {
    hint: 'Wait for its end, or stop that process first. A process of another machine or container counts as dead 30 s after its last sign of life.',
  });
}

/** Where a run goes on: its own folder, as far as it is there still. */
export function placeOf(record: { readonly workingDirectory: string }, here: RunPlace): RunPlace {
  return existsSync(record.workingDirectory) ? { ...here, workingDirectory: record.workingDirectory } : here;
}

/** The options with the paths that were given here made absolute: the run itself may take place elsewhere. */
export function withPathsFrom<T extends RunOptions>(options: T, here: RunPlace): T & { readonly db: string } {
  const { db, cassette, record } = options;
  const absolute = (path: string): string => resolve(here.workingDirectory, path);
  return {
    ...options,
    db: locateDatabase({ ...here, db }),
    ...(cassette !== undefined && { cassette: absolute(cassette) }),
    ...(record !== undefined && { record: absolute(record) }),
  };
}
