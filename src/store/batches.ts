import type { Database } from 'better-sqlite3';
import { RunBusyError, RunLostError } from '../errors.js';
import type { BatchItem, BatchPlace, BatchRecord, BatchStore, RunItem } from './batch-records.js';
import type { RunStatus } from './records.js';
import { type Row, rowToSpend, SUMMED_SPEND } from './rows.js';
import type { RunSettings } from './run-settings.js';

const LIST_OPEN = `
SELECT batch_items.*, runs.status FROM batch_items LEFT JOIN runs ON runs.id = batch_items.run_id
WHERE batch_id = @id AND item > @after AND (runs.status IS NULL OR runs.status <> 'completed')
ORDER BY item LIMIT @limit`;

const FIND_RUN = `
SELECT run_id, status FROM batch_items LEFT JOIN runs ON runs.id = batch_items.run_id
WHERE batch_id = @batchId AND item = @item`;

const COUNT = `
SELECT count(*) AS items, coalesce(sum(runs.status = 'completed'), 0) AS completed,
  coalesce(sum(runs.status = 'needs_input'), 0) AS waiting, ${SUMMED_SPEND}
FROM batch_items LEFT JOIN runs ON runs.id = batch_items.run_id WHERE batch_id = ?`;

/** The batches over one connection. */
export function createBatchStore(
  database: Database,
  redact: <T extends object>(record: T, fields: readonly (keyof T)[]) => T,
): BatchStore {
  const insertBatch = database.prepare<[Row]>(
    `INSERT INTO batches (id, crew, definition_path, definition_files, working_directory, options, started_at)
    VALUES (@id, @crew, @definition_path, @definition_files, @working_directory, @options, @started_at)`,
  );
  const insertItem = database.prepare<[Row]>(
    'INSERT INTO batch_items (batch_id, item, place, inputs) VALUES (@batch_id, @item, @place, @inputs)',
  );
  const byId = database.prepare<[string], Row>('SELECT * FROM batches WHERE id = ? AND is_whole');
  const newest = database.prepare<[], Row>(
    'SELECT * FROM batches WHERE is_whole ORDER BY started_at DESC, rowid DESC LIMIT 1',
  );
  const seal = database.prepare<[string]>('UPDATE batches SET is_whole = 1 WHERE id = ?');
  const remove = database.prepare<[string]>('DELETE FROM batches WHERE id = ?');
  const listOpen = database.prepare<[Row], Row>(LIST_OPEN);
  const findRun = database.prepare<[BatchPlace], Row>(FIND_RUN);
  const findItem = database.prepare<[string], RunItem>(
    'SELECT batch_id AS batchId, item, place FROM batch_items WHERE run_id = ?',
  );
  const follow = database.prepare<[Row]>(
    'UPDATE batch_items SET run_id = @run_id WHERE batch_id = @id AND item = @item',
  );
  const count = database.prepare<[string], Row>(COUNT);

  const add = database.transaction<BatchStore['add']>((id, items) => {
    for (const item of items) {
      const { inputs } = redact(item, ['inputs']);
      insertItem.run({ batch_id: id, item: item.item, place: item.place, inputs: JSON.stringify(inputs) });
    }
  });

  return {
    create: (batch) =>
      void insertBatch.run({
        id: batch.id,
        crew: batch.crew,
        definition_path: batch.definitionPath,
        definition_files: JSON.stringify(batch.definitionFiles.map((file) => redact(file, ['text']))),
        working_directory: batch.workingDirectory,
        options: JSON.stringify(batch.options),
        started_at: batch.startedAt,
      }),
    add: (id, items) => add.immediate(id, items),
    seal: (id) => void seal.run(id),
    remove: (id) => void remove.run(id),
    find: (id) => toBatch(byId.get(id)),
    findNewest: () => toBatch(newest.get()),
    listOpen: (id, after, limit) =>
      listOpen.all({ id, after, limit }).map((row) => ({
        item: row.item as number,
        place: row.place as string,
        inputs: JSON.parse(row.inputs as string) as BatchItem['inputs'],
        runId: row.run_id as string | null,
        status: row.status as RunStatus | null,
        isStored: true,
      })),
    findRun(place) {
      const row = findRun.get(place);
      return row && { runId: row.run_id as string | null, status: row.status as RunStatus | null };
    },
    findItem: (runId) => findItem.get(runId),
    follow: ({ batchId, item }, runId) => void follow.run({ id: batchId, item, run_id: runId }),
    count(id) {
      const row = count.get(id) as Row;
      return {
        items: row.items as number,
        completed: row.completed as number,
        waiting: row.waiting as number,
        spend: rowToSpend(row),
      };
    },
  };
}

function toBatch(row: Row | undefined): BatchRecord | undefined {
  return (
    row && {
      id: row.id as string,
      crew: row.crew as string,
      definitionPath: row.definition_path as string,
      definitionFiles: JSON.parse(row.definition_files as string) as BatchRecord['definitionFiles'],
      workingDirectory: row.working_directory as string,
      options: JSON.parse(row.options as string) as RunSettings,
      startedAt: row.started_at as number,
    }
  );
}

/**
 * Names the new run of an item, in the transaction that makes the run: no item has two of them. Throws RunBusyError where it
 * has one already, and RunLostError where the item is gone.
 */
export function takeBatchItem(database: Database, { batchId, item }: BatchPlace, runId: string): void {
  const place = [batchId, item] as const;
  const { changes } = database
    .prepare('UPDATE batch_items SET run_id = ? WHERE batch_id = ? AND item = ? AND run_id IS NULL')
    .run(runId, ...place);
  if (changes > 0) return;
  if (database.prepare('SELECT 1 FROM batch_items WHERE batch_id = ? AND item = ?').get(...place))
    throw new RunBusyError(`item ${item} of batch ${batchId} was begun by somebody else just now`);
  throw batchGoneError(batchId);
}

/** The error where a batch that is at work was deleted. */
export function batchGoneError(batchId: string): RunLostError {
  return new RunLostError(`batch ${batchId} is no longer in the database`, {
    hint: 'Was the history deleted with `crew reset` during the batch? Start it again.',
  });
}
