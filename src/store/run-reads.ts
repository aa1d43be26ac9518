import type { Database } from 'better-sqlite3';
import { UsageError } from '../errors.js';
import type { Spend } from '../util/spend.js';
import type { RunRecord, RunStore, RunSummary, TaskRecord } from './records.js';
import { type Row, rowToRun, rowToRunSummary, rowToSpend, rowToStep, rowToTask } from './rows.js';

/** The reading half of a store. */
export type RunReads = Pick<RunStore, 'findRun' | 'listRuns' | 'listTasks' | 'listSteps' | 'sumSpend'>;

/** How many runs an error names when a short id fits several. */
const MAX_NAMED_RUNS = 10;

const NEWEST_FIRST = 'ORDER BY started_at DESC, rowid DESC';

const LIST_RUNS = `
SELECT id, crew, process, status, exit_code, parent_run_id, started_at, ended_at, input_tokens, output_tokens,
  cached_input_tokens, reasoning_tokens, requests, cost_usd, unpriced_requests, error, definition_path, inputs,
  (SELECT count(*) FROM task_outputs WHERE run_id = runs.id) AS tasks_total,
  (SELECT count(*) FROM task_outputs WHERE run_id = runs.id AND status IN ('completed', 'reused')) AS tasks_done
FROM runs
WHERE (@crew IS NULL OR crew = @crew) AND (@status IS NULL OR status = @status)
${NEWEST_FIRST} LIMIT @limit`;

/** Model calls only: a delegation's row repeats what its own model calls took. Paths begin with the task's key. */
const SUM_SPEND = `
SELECT coalesce(sum(input_tokens), 0) AS input_tokens, coalesce(sum(output_tokens), 0) AS output_tokens,
  coalesce(sum(cached_input_tokens), 0) AS cached_input_tokens, coalesce(sum(reasoning_tokens), 0) AS reasoning_tokens,
  coalesce(sum(requests), 0) AS requests, coalesce(sum(cost_usd), 0.0) AS cost_usd,
  coalesce(sum(unpriced_requests), 0) AS unpriced_requests
FROM steps
WHERE run_id = @run_id AND kind = 'model' AND path >= @start AND path < @start || char(0x10FFFF)`;

/** The reads over one connection; they see what is committed. */
export function createRunReads(database: Database): RunReads {
  const newest = database.prepare<[], Row>(`SELECT * FROM runs ${NEWEST_FIRST} LIMIT 1`);
  const byId = database.prepare<[string], Row>('SELECT * FROM runs WHERE id = ?');
  const startingWith = database.prepare<[Row], Row>(
    `SELECT id, crew FROM runs WHERE id >= @start AND id < @start || char(0x10FFFF) ${NEWEST_FIRST} LIMIT @limit`,
  );
  const listRuns = database.prepare<[Row], Row>(LIST_RUNS);
  const listTasks = database.prepare<[string], Row>('SELECT * FROM task_outputs WHERE run_id = ? ORDER BY position');
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
    listRuns: ({ crew = null, status = null, limit = -1 } = {}) =>
      listRuns.all({ crew, status, limit }).map((row) => withSpend(rowToRunSummary(row))),
    listTasks: (runId) => listTasks.all(runId).map((row) => taskWithSpend(rowToTask(row))),
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
