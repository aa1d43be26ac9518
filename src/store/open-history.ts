import { existsSync } from 'node:fs';
import { StoreError } from '../errors.js';
import { type DatabasePlace, locateDatabase } from './locate-database.js';
import { openStore } from './open-store.js';
import type { RunStore } from './records.js';

/**
 * The store of runs that were made, in which runs whose process died are marked as such; the caller closes it. Undefined where
 * there is no database yet, and then none is made. A database that is named has to be there: else throws StoreError.
 */
export function openHistory(place: DatabasePlace): RunStore | undefined {
  const path = locateDatabase(place);
  if (!place.db && !existsSync(path)) return undefined;
  const store = openStore(path, { mustExist: true });
  try {
    store.markDeadRuns(Date.now());
  } catch (error) {
    // A history that cannot be written now is shown as it is.
    if (!(error instanceof StoreError)) throw error;
  }
  return store;
}
