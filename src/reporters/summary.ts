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
  // Several may have failed; the run ended of one.
  const failed = result.tasks_output.find((task) => task.status === 'failed' && task.error?.message === error?.message);
  const where = failed ? `task ${failed.name}: ` : '';
  const database = db === undefined ? '' : ` --db ${db}`;
  const goOn = `crew resume ${runId}`;
  // After a limit, say, or where a person is asked, going on takes more than the bare command.
  const commands = [goOn, `crew answer ${runId}`];
  const hint = commands.reduce((text, command) => text?.replaceAll(command, command + database), error?.hint);
  const isSaid = status === 'completed' || commands.some((command) => hint?.includes(command));
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
