import { statSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Database } from 'better-sqlite3';
import { isAtWork, OPEN_RUNS } from './dead-runs.js';
import type { RunStore, RunSummary } from './records.js';
import { type Row, rowToRunSummary } from './rows.js';
import { NEWEST_FIRST, SUMMARY_COLUMNS } from './run-reads.js';
import { codeOf } from './store-trouble.js';
import { whilePatient } from './while-patient.js';

/** What a store deletes. */
export type OldRuns = Pick<RunStore, 'listOldRuns' | 'deleteRuns' | 'deleteAllRuns'>;

/** Runs deleted in one transaction; between two of them others have their turn. */
const BATCH = 50;

/** A run that takes over calls of this one may do so until it is completed, also when it is resumed. */
const IS_REPLAYED = `
EXISTS (SELECT 1 FROM runs AS later WHERE later.parent_run_id = runs.id
  AND (later.status = 'running' OR later.status <> 'completed' AND later.options ->> '$.carryOver' IS NOT NULL))`;

const LIST_OLD_RUNS = `
SELECT ${SUMMARY_COLUMNS}, holder, heartbeat_at FROM runs
WHERE id IN (SELECT id FROM runs ${NEWEST_FIRST} LIMIT -1 OFFSET @keep) AND NOT ${IS_REPLAYED}
  AND (@ended_before IS NULL OR coalesce(ended_at, heartbeat_at, started_at) < @ended_before)
${NEWEST_FIRST}`;

/** Before a run goes, what others reuse of it goes over to them. They still name it as the source. */
const HAND_OUTPUTS_OVER = `
UPDATE task_outputs SET raw = source.raw, json = source.json
FROM task_outputs AS source
WHERE task_outputs.source_run_id = ? AND task_outputs.raw IS NULL
  AND source.run_id = task_outputs.source_run_id AND source.task_key = task_outputs.source_task_key`;

/** An item that is done goes with its run, so that nobody takes it for one that never began. */
const FORGET_DONE_ITEM = `
DELETE FROM batch_items WHERE run_id = ? AND (SELECT status FROM runs WHERE id = run_id) = 'completed'`;

const FORGET_DONE_BATCHES = `
DELETE FROM batches WHERE is_whole AND NOT EXISTS (SELECT 1 FROM batch_items WHERE batch_id = batches.id)`;

/** The deletions over one connection. */
export function createOldRuns(database: Database): OldRuns {
  const listOldRuns = database.prepare<[Row], Row>(LIST_OLD_RUNS);
  const stateOf = database.prepare<[string], Row>(
    `SELECT status, ended_at, holder, heartbeat_at FROM runs WHERE id = ? AND NOT ${IS_REPLAYED}`,
  );
  const openRuns = database.prepare<[], Row>(OPEN_RUNS);
  const handOutputsOver = database.prepare<[string]>(HAND_OUTPUTS_OVER);
  const deleteRun = database.prepare<[string]>('DELETE FROM runs WHERE id = ?');
  const forgetItem = database.prepare<[string]>(FORGET_DONE_ITEM);
  const reopenItem = database.prepare<[string]>('UPDATE batch_items SET run_id = NULL WHERE run_id = ?');
  const forgetBatches = database.prepare(FORGET_DONE_BATCHES);

  const deleteBatch = database.transaction((runs: readonly RunSummary[], now: number) =>
    runs.filter(({ id, status, endedAt }) => {
      const state = stateOf.get(id);
      if (!state || state.status !== status || state.ended_at !== endedAt || isAtWork(state, now)) return false;
      handOutputsOver.run(id);
      forgetItem.run(id);
      reopenItem.run(id);
      return deleteRun.run(id).changes > 0;
    }),
  );
  const deleteAll = database.transaction(() => {
    // The index of the search goes as a whole, not task by task.
    const trigger = database
      .prepare<[], string>("SELECT sql FROM sqlite_schema WHERE name = 'task_search_delete'")
      .pluck()
      .get();
    database.exec(`
      DROP TRIGGER task_search_delete;
      DELETE FROM steps; DELETE FROM task_outputs; DELETE FROM rate_slots;
      DELETE FROM batches; DELETE FROM tool_results;
      INSERT INTO task_search (task_search) VALUES ('delete-all');
      ${trigger}`);
    return database.prepare('DELETE FROM runs').run().changes;
  });

  return {
    listOldRuns: ({ keep = 0, endedBefore }, now) =>
      listOldRuns
        .all({ keep, ended_before: endedBefore ?? null })
        .filter((row) => !isAtWork(row, now))
        .map(rowToRunSummary),
    async deleteRuns(runs, { now, signal }) {
      const bytes = bytesOf(database);
      const deleted: RunSummary[] = [];
      // Newest first: a run that reuses an older one goes before it, and nothing is handed over in vain.
      for (let start = 0; start < runs.length; start += BATCH) {
        signal?.throwIfAborted();
        const batch = runs.slice(start, start + BATCH);
        deleted.push(...whilePatient(database, () => deleteBatch.immediate(batch, now)));
        await nextTurn();
      }
      whilePatient(database, () => forgetBatches.run());
      // Giving space back takes the whole database for a while: not while runs are under way, which would have to wait.
      const isFree = !openRuns.all().some((row) => isAtWork(row, now)) && giveSpaceBack(database);
      return { runs: deleted, freedBytes: isFree ? Math.max(0, bytes - bytesOf(database)) : null };
    },
    deleteAllRuns() {
      const count = whilePatient(database, () => deleteAll.immediate());
      giveSpaceBack(database);
      return count;
    },
  };
}

/** Makes the file as small as its content; false where others, or a full disk, do not let it: its pages are used again. */
function giveSpaceBack(database: Database): boolean {
  try {
    database.exec('VACUUM');
    const [checkpoint] = database.pragma('wal_checkpoint(TRUNCATE)') as { readonly busy: 0 | 1 }[];
    return checkpoint?.busy === 0;
  } catch (error) {
    if (!codeOf(error).startsWith('SQLITE_')) throw error;
    return false;
  }
}

/** The file with what is still to be moved into it. */
function bytesOf({ name }: Database): number {
  return [name, `${name}-wal`]
    .map((path) => statSync(path, { throwIfNoEntry: false })?.size ?? 0)
    .reduce((sum, size) => sum + size, 0);
}
