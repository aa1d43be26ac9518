import { UsageError } from '../errors.js';
import type { RunRecord, RunStore } from './records.js';

/** How the first run is made, for those who look for one. */
export const FIRST_RUN = '`crew kickoff <file>` makes the first one.';

/** The run with that id or beginning of one, or the newest. Throws UsageError where there is none, or no history yet. */
export function requireRun(store: Pick<RunStore, 'findRun'> | undefined, id: string | undefined): RunRecord {
  const run = store?.findRun(id);
  if (run) return run;
  if (id === undefined || !store?.findRun()) throw noRunsError();
  throw new UsageError(`there is no run "${id}"`, { hint: '`crew runs` lists the runs.' });
}

/** The error for a history without runs. */
export function noRunsError(): UsageError {
  return new UsageError('there are no runs yet', { hint: FIRST_RUN });
}
