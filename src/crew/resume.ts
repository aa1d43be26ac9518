import type { CrewOutput } from '../result.js';
import { type HistoryPlace, readHistory } from './read-history.js';
import { requireUnchanged } from './redacted-inputs.js';
import type { ReplayOptions } from './replay.js';
import { findRunToResume, giveCompleted, resumeRun } from './resume-run.js';
import type { Inputs, RunOptions, RunPlace } from './run-options.js';
import type { DecideUnknown } from './unknown-steps.js';

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
  return resumeRun(runId, options);
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
export function listUnfinishedRuns(at: HistoryPlace & RunPlace): string[] {
  const runs = readHistory(at, at, (store) => store.listRuns({ isUnfinished: true }));
  return runs.map(({ id }) => id).toReversed();
}
