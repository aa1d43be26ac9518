import type { Database } from 'better-sqlite3';
import { type ErrorResult, EXIT } from '../errors.js';
import type { Spend } from '../util/spend.js';
import { isHeld } from './holder.js';
import type { RunRecord } from './records.js';
import { type Row, SET_SPEND, spendToRow } from './rows.js';

/** Runs without an end, by an index that holds only those. */
export const OPEN_RUNS =
  "SELECT id, status, holder, heartbeat_at, started_at FROM runs WHERE status = 'running' ORDER BY started_at";

const END_RUN = `
UPDATE runs SET status = 'interrupted', exit_code = ${EXIT.interrupted}, error = @error, ended_at = @ended_at, ${SET_SPEND}
WHERE id = @run_id`;

/** Steps stay as they are: whether one that was under way was done is asked when the run goes on. */
const END_TASK = `
UPDATE task_outputs SET status = 'interrupted', ended_at = max(@ended_at, coalesce(started_at, @ended_at)), ${SET_SPEND}
WHERE run_id = @run_id AND task_key = @task_key`;

/** What is said of a run whose process died without a word. */
export function deathOf(runId: string): ErrorResult {
  return {
    code: 'interrupted',
    message: 'the process ended without a word: it was killed, or the machine went down',
    hint: `Go on with: crew resume ${runId}`,
  };
}

/** Marks dead runs over one connection, as `RunStore.markDeadRuns` says; writes only where there are any. */
export function createDeadRunMarking(
  database: Database,
  sumSpend: (runId: string, below?: string) => Spend,
): (now: number) => string[] {
  const openRuns = database.prepare<[], Row>(OPEN_RUNS);
  const runningTasks = database
    .prepare<[string], string>("SELECT task_key FROM task_outputs WHERE run_id = ? AND status = 'running'")
    .pluck();
  const endRun = database.prepare<[Row]>(END_RUN);
  const endTask = database.prepare<[Row]>(END_TASK);

  const listDead = (now: number): Row[] => openRuns.all().filter((row) => !isAtWork(row, now));
  const markAll = database.transaction((now: number) =>
    listDead(now).map((row) => {
      const runId = row.id as string;
      const end = { run_id: runId, ended_at: row.heartbeat_at ?? row.started_at ?? null };
      for (const key of runningTasks.all(runId))
        endTask.run({ ...end, task_key: key, ...spendToRow(sumSpend(runId, key)) });
      endRun.run({ ...end, error: JSON.stringify(deathOf(runId)), ...spendToRow(sumSpend(runId)) });
      return runId;
    }),
  );
  return (now) => (listDead(now).length === 0 ? [] : markAll.immediate(now));
}

/** Whether the run of a row with `status`, `holder` and `heartbeat_at` is held. */
export function isAtWork({ status, holder, heartbeat_at: heartbeatAt }: Row, now: number): boolean {
  return isHeld({ status, holder, heartbeatAt } as Pick<RunRecord, 'status' | 'holder' | 'heartbeatAt'>, now);
}
