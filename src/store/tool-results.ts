import type { Database } from 'better-sqlite3';
import type { KeptResult } from './kept-records.js';

/** How much is kept. */
export interface ToolResultLimits {
  readonly mostResults: number;
  /** Of all texts, in UTF-8. */
  readonly mostBytes: number;
}

const LIMITS: ToolResultLimits = { mostResults: 10_000, mostBytes: 100 * 1024 ** 2 };

/** Those that are beyond the limits, counted from the newest. */
const FORGET_OLDEST = `
DELETE FROM tool_results WHERE id <= (
  SELECT max(id) FROM (
    SELECT id, row_number() OVER newest AS place, sum(bytes) OVER newest AS total
    FROM tool_results WINDOW newest AS (ORDER BY id DESC)
  ) WHERE place > @most_results OR total > @most_bytes
)`;

/** The results over one connection, as they are looked up; `prepareKeep` gives the write that keeps one. */
export function createToolResults(database: Database, { mostResults, mostBytes }: ToolResultLimits = LIMITS) {
  const find = database.prepare<[string], { readonly text: string; readonly run_id: string; readonly path: string }>(
    'SELECT text, run_id, path FROM tool_results WHERE key = ?',
  );
  const insert = database.prepare(
    'INSERT OR REPLACE INTO tool_results (key, run_id, path, bytes, text) VALUES (?, ?, ?, ?, ?)',
  );
  const size = database.prepare<[], { readonly count: number; readonly bytes: number }>(
    'SELECT count(*) AS count, total(bytes) AS bytes FROM tool_results',
  );
  const forgetOldest = database.prepare(FORGET_OLDEST);
  const clear = database.prepare('DELETE FROM tool_results');
  return {
    find(key: string): KeptResult | undefined {
      const row = find.get(key);
      return row && { text: row.text, runId: row.run_id, path: row.path };
    },
    prepareKeep:
      (key: string, { text, runId, path }: KeptResult) =>
      (): void => {
        insert.run(key, runId, path, Buffer.byteLength(text), text);
        const { count, bytes } = size.get() ?? { count: 0, bytes: 0 };
        if (count > mostResults || bytes > mostBytes) {
          forgetOldest.run({ most_results: mostResults, most_bytes: mostBytes });
        }
      },
    count: (): number => size.get()?.count ?? 0,
    clear: (): number => clear.run().changes,
  };
}
