import type { RunStore } from '../store/records.js';
import { FIRST_RUN } from '../store/require-run.js';
import type { Io } from '../util/io.js';

/** Opens the history and gives back what `use` makes of it; closes it in any case. Undefined where there is no database yet. */
export async function withHistory<T>(
  io: Io,
  db: string | undefined,
  use: (store: RunStore) => T | Promise<T>,
): Promise<T | undefined> {
  const { openHistory } = await import('../store/open-history.js');
  const store = openHistory({ db, env: io.env, workingDirectory: io.cwd });
  if (!store) return undefined;
  try {
    return await use(store);
  } finally {
    store.close();
  }
}

/** Says on stderr, kindly, that the history is empty. */
export function sayNoRunsYet(io: Io): void {
  io.stderr.write(`No runs yet: ${FIRST_RUN}\n`);
}

/** A value as the result of a command with `--format json`. */
export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
