import type { RunResult } from '../result.js';
import { printable } from '../util/printable.js';
import { resultAmounts } from './progress-lines.js';
import { statusWords } from './status.js';

/** The last lines of a run: what failed and why, what the run took, and the commands that show it and go on. */
export function summaryLines(
  result: RunResult,
  { db }: { readonly db: string | undefined },
): { readonly error: readonly string[]; readonly amounts: readonly string[] } {
  const { error, run_id: runId, status } = result;
  const failed = result.tasks_output.find((task) => task.status === 'failed');
  const where = failed ? `task ${failed.name}: ` : '';
  const database = db === undefined ? '' : ` --db ${db}`;
  const goOn = `crew resume ${runId}`;
  const hint = error?.hint?.replaceAll(goOn, goOn + database);
  // After a limit, say, going on takes more than the bare command.
  const isSaid = status === 'completed' || hint?.includes(goOn);
  return {
    error: error
      ? printable(`error: ${where}${error.message}${hint === undefined ? '' : `\nhint: ${hint}`}`).split('\n')
      : [],
    amounts: [
      `${status === 'completed' ? 'done' : statusWords(status)} · run ${runId} · ${resultAmounts(result)}`,
      `see it: crew show ${runId}${error ? ' --steps' : ''}${database}`,
      ...(isSaid ? [] : [`go on: ${goOn}${database}`]),
    ],
  };
}
