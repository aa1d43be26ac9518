import type { Database } from 'better-sqlite3';
import { UsageError } from '../errors.js';
import type { Spend } from '../util/spend.js';
import type { RunRecord, RunStore, RunSummary, TaskRecord } from './records.js';
import { type Row, rowToRun, rowToRunSummary, rowToSpend, rowToStep, rowToTask, SUMMED_SPEND } from './rows.js';
import { createTaskSearch } from './search-tasks.js';

/** The reading half of a store. */
export type RunReads = Pick<
  RunStore,
  | 'findRun'
  | 'findSuccessor'
  | 'listRuns'
  | 'listTasks'
  | 'searchTasks'
  | 'findStep'
  | 'listSteps'
  | 'listUnknownSteps'
  | 'sumSpend'
>;

/** How many runs an error names when a short id fits several. */
const MAX_NAMED_RUNS = 10;

/** Of two runs that began at once, the one that was written last comes first. */
export const NEWEST_FIRST = 'ORDER BY started_at DESC, rowid DESC';

/** Columns of `runs` that `rowToRunSummary` takes. */
export const SUMMARY_COLUMNS = `
id, crew, process, status, exit_code, parent_run_id, started_at, ended_at, input_tokens, output_tokens,
cached_input_tokens, reasoning_tokens, requests, cost_usd, unpriced_requests, error, definition_path, inputs, idle_ms,
(SELECT count(*) FROM task_outputs WHERE run_id = runs.id) AS tasks_total,
(SELECT count(*) FROM task_outputs WHERE run_id = runs.id AND status IN ('completed', 'reused')) AS tasks_done,
(SELECT count(*) FROM task_outputs WHERE run_id = runs.id AND status = 'skipped') AS tasks_skipped`;

const LIST_RUNS = `
SELECT ${SUMMARY_COLUMNS}
FROM runs
WHERE (@crew IS NULL OR crew = @crew) AND (@status IS NULL OR status = @status)
  AND (NOT @is_unfinished OR status NOT IN ('completed', 'running')
    AND NOT EXISTS (SELECT 1 FROM runs AS later WHERE later.parent_run_id = runs.id))
${NEWEST_FIRST} LIMIT @limit`;

/** Model calls only: a delegation's row repeats what its own model calls took. Paths begin with the task's key. */
const SUM_SPEND = `
SELECT ${SUMMED_SPEND}
FROM steps
WHERE run_id = @run_id AND kind = 'model' AND path >= @start AND path < @start || char(0x10FFFF)`;

/** A reused output is read where it is: in the run that it comes from. Of two columns with one name the last one counts. */
const TASKS_WITH_OUTPUTS = `
SELECT task_outputs.*, coalesce(task_outputs.raw, source.raw) AS raw, coalesce(task_outputs.json, source.json) AS json
FROM task_outputs
LEFT JOIN task_outputs AS source
  ON source.run_id = task_outputs.source_run_id AND source.task_key = task_outputs.source_task_key`;

export const LIST_TASKS = `${TASKS_WITH_OUTPUTS}
WHERE task_outputs.run_id = ? ORDER BY task_outputs.position`;

/** The reads over one connection; they see what is committed. */
export function createRunReads(database: Database): RunReads {
  const newest = database.prepare<[], Row>(`SELECT * FROM runs ${NEWEST_FIRST} LIMIT 1`);
  const byId = database.prepare<[string], Row>('SELECT * FROM runs WHERE id = ?');
  const startingWith = database.prepare<[Row], Row>(
    `SELECT id, crew FROM runs WHERE id >= @start AND id < @start || char(0x10FFFF) ${NEWEST_FIRST} LIMIT @limit`,
  );
  const listRuns = database.prepare<[Row], Row>(LIST_RUNS);
  const listTasks = database.prepare<[string], Row>(LIST_TASKS);
  const taskById = database.prepare<[number], Row>(`${TASKS_WITH_OUTPUTS} WHERE task_outputs.id = ?`);
  const findSuccessor = database.prepare<[string], Row>(
    `SELECT * FROM runs WHERE parent_run_id = ? AND options ->> '$.carryOver.goesOn' = 1 ${NEWEST_FIRST} LIMIT 1`,
  );
  const findStep = database.prepare<[string, string], Row>('SELECT * FROM steps WHERE run_id = ? AND path = ?');
  const listUnknownSteps = database.prepare<[string], Row>(
    "SELECT * FROM steps WHERE run_id = ? AND status = 'running' AND has_effects = 1 ORDER BY id",
  );
  // By way of the ids, so that only these are sorted and not the texts.
  const listSteps = database.prepare<[Row], Row>(
    `SELECT * FROM steps WHERE id IN (SELECT id FROM steps WHERE run_id = @run_id) AND (@kind IS NULL OR kind = @kind)
    ORDER BY id`,
  );
  const sumSpend = database.prepare<[Row], Row>(SUM_SPEND);

  const rowOf = (id: string): Row | undefined => {
    const exact = byId.get(id);
    if (exact) return exact;
    const matches = startingWith.all({ start: id, limit: MAX_NAMED_RUNS + 1 });
    if (matches.length > 1) throw ambiguous(id, matches);
    return matches[0] && byId.get(matches[0].id as string);
  };

  const sum = (runId: string, taskKey?: string): Spend =>
    rowToSpend(sumSpend.get({ run_id: runId, start: taskKey === undefined ? '' : `${taskKey}/` }) as Row);
  /** The end of a run writes what it took; until then, or where the process died before, it is what its steps took. */
  const withSpend = <T extends RunSummary | RunRecord>(run: T): T =>
    run.endedAt === null ? { ...run, spend: sum(run.id) } : run;
  const taskWithSpend = (task: TaskRecord): TaskRecord =>
    task.endedAt === null && task.startedAt !== null ? { ...task, spend: sum(task.runId, task.key) } : task;

  return {
    findRun(id) {
      const row = id === undefined ? newest.get() : rowOf(id);
      return row && withSpend(rowToRun(row));
    },
    listRuns: ({ crew = null, status = null, isUnfinished = false, limit = -1 } = {}) =>
      listRuns
        .all({ crew, status, is_unfinished: isUnfinished ? 1 : 0, limit })
        .map((row) => withSpend(rowToRunSummary(row))),
    listTasks: (runId) => listTasks.all(runId).map((row) => taskWithSpend(rowToTask(row))),
    searchTasks: createTaskSearch(database, (id) => taskWithSpend(rowToTask(taskById.get(id) as Row))),
    findSuccessor(runId) {
      const row = findSuccessor.get(runId);
      return row && withSpend(rowToRun(row));
    },
    findStep(runId, path) {
      const row = findStep.get(runId, path);
      return row && rowToStep(row);
    },
    listUnknownSteps: (runId) => listUnknownSteps.all(runId).map(rowToStep),
    listSteps: (runId, kind) => listSteps.all({ run_id: runId, kind: kind ?? null }).map(rowToStep),
    sumSpend: sum,
  };
}

function ambiguous(id: string, matches: readonly Row[]): UsageError {
  const named = matches.slice(0, MAX_NAMED_RUNS).map((row) => `${row.id} (${row.crew})`);
  const more = matches.length > MAX_NAMED_RUNS ? ', …' : '';
  return new UsageError(`several runs begin with "${id}": ${named.join(', ')}${more}`, {
    hint: 'Type more of the run id; `crew runs` lists them.',
  });
}
