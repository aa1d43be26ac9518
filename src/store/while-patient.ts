import type { Database } from 'better-sqlite3';

/** How long a deletion waits for the writes of others, milliseconds. */
const PATIENCE_MS = 10_000;

/** What the work gives, which may wait longer than others for the writes of others. */
export function whilePatient<T>(database: Database, work: () => T): T {
  const timeout = database.pragma('busy_timeout', { simple: true }) as number;
  database.pragma(`busy_timeout = ${PATIENCE_MS}`);
  try {
    return work();
  } finally {
    database.pragma(`busy_timeout = ${timeout}`);
  }
}
