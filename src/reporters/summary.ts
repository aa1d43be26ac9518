import type { RunResult } from '../result.js';
import { printable } from '../util/printable.js';
import { resultAmounts } from './progress-lines.js';
import { statusWords } from './status.js';

/** The last lines of a run: what failed and why, what the run took, and the command that shows it. */
export function summaryLines(
  result: RunResult,
  { db }: { readonly db: string | undefined },
): { readonly error: readonly string[]; readonly amounts: readonly string[] } {
  const { error, run_id: runId, status } = result;
  const failed = result.tasks_output.find((task) => task.status === 'failed');
  const where = failed ? `task ${failed.name}: ` : '';
  const database = db === undefined ? '' : ` --db ${db}`;
  return {
    error: error
      ? printable(`error: ${where}${error.message}${error.hint === null ? '' : `\nhint: ${error.hint}`}`).split('\n')
      : [],
    amounts: [
      `${status === 'completed' ? 'done' : statusWords(status)} · run ${runId} · ${resultAmounts(result)}`,
      `see it: crew show ${runId}${error ? ' --steps' : ''}${database}`,
      ...(status === 'completed' ? [] : [`go on: crew resume ${runId}${database}`]),
    ],
  };
}
