import { CrewError } from '../errors.js';
import type { RunStore, RunSummary } from '../store/records.js';
import { requireRun } from '../store/require-run.js';
import type { JsonObject } from '../util/json.js';
import { readHistory } from './read-history.js';
import type { RunPlace } from './run-options.js';

/** What a model is told of a call. */
export interface CallAnswer {
  readonly text: string;
  readonly isError: boolean;
}

/** Whose runs a model may ask for, and where they are. */
export interface AskedHistory {
  readonly place: RunPlace;
  readonly db: string | undefined;
  /** Names of crews. */
  readonly crews: readonly string[];
}

/** Characters of an output that one answer holds; the model can ask for the rest. */
export const MOST_CHARACTERS = 20_000;
const MOST_RUNS = 10;

/** An output of a run, in parts: of the task that is asked for, else of the last one that is done. */
export function answerOutput(history: AskedHistory, { task: key, run: runId, offset = 0 }: JsonObject): CallAnswer {
  return inHistory(history, (store) => {
    const wanted = typeof runId === 'string' ? runId : latestRuns(store, history.crews, 1)[0]?.id;
    if (wanted === undefined) return NO_RUNS;
    const run = requireRun(store, wanted);
    if (!history.crews.includes(run.crew))
      return failure(`Run ${run.id} is of the crew ${run.crew}, which is not asked here.`);
    const tasks = store.listTasks(run.id);
    const task =
      typeof key === 'string' ? tasks.find((one) => one.key === key) : tasks.findLast(({ raw }) => raw !== null);
    if (!task) {
      const keys = tasks.map((one) => `${one.key} (${one.status})`).join(', ');
      return failure(`${typeof key === 'string' ? `There is no task ${key}` : 'No task is done'}. Tasks: ${keys}`);
    }
    if (task.raw === null) {
      const why = task.error?.message ?? task.skipReason;
      return failure(`Task ${task.key} has no output: it is ${task.status}${why === null ? '' : `: ${why}`}`);
    }
    const from = typeof offset === 'number' && offset > 0 ? Math.floor(offset) : 0;
    const end = from + MOST_CHARACTERS;
    const more = task.raw.length > end ? `\n… (go on with offset: ${end})` : '';
    return { text: `run ${run.id}, task ${task.key}:\n${task.raw.slice(from, end)}${more}`, isError: false };
  });
}

/** The latest runs, newest first, as JSON. */
export function answerRuns(history: AskedHistory): CallAnswer {
  return inHistory(history, (store) => {
    const runs = latestRuns(store, history.crews, MOST_RUNS).map(({ id, crew, status, startedAt, inputs, error }) => ({
      run: id,
      ...(history.crews.length > 1 && { crew }),
      status,
      started: new Date(startedAt).toISOString(),
      inputs,
      ...(error && { error: error.message }),
    }));
    return runs.length > 0 ? { text: JSON.stringify(runs), isError: false } : { ...NO_RUNS, isError: false };
  });
}

const NO_RUNS: CallAnswer = { text: 'The crew has not run yet.', isError: true };

function latestRuns(store: RunStore, crews: readonly string[], limit: number): RunSummary[] {
  const runs = crews.flatMap((crew) => store.listRuns({ crew, limit }));
  return runs.toSorted((a, b) => b.startedAt - a.startedAt).slice(0, limit);
}

/** What `use` finds in the history; what is wrong with the question is told to the model. */
function inHistory({ place, db }: AskedHistory, use: (store: RunStore) => CallAnswer): CallAnswer {
  try {
    return readHistory({ db }, place, use);
  } catch (error) {
    if (error instanceof CrewError) return failure(withHint(error));
    throw error;
  }
}

/** Says to a model what it has to do otherwise. */
export function failure(text: string): CallAnswer {
  return { text, isError: true };
}

/** An error's words with what to do about it. */
export function withHint({
  message,
  hint,
}: {
  readonly message: string;
  readonly hint?: string | null | undefined;
}): string {
  return hint ? `${message} (${hint})` : message;
}
