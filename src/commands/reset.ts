import { EXIT, UsageError } from '../errors.js';
import type { RunStore } from '../store/records.js';
import { countOf } from '../util/amounts.js';
import type { Io } from '../util/io.js';
import { type CommandFactory, createCommand, databaseOption } from './command.js';
import { withHistory } from './history.js';

interface ResetFlags {
  readonly yes?: boolean;
  readonly cache?: boolean;
  readonly db?: string;
}

/** `crew reset`: deletes the history, or only the kept results of tools. */
export const createResetCommand: CommandFactory = (io, end) =>
  createCommand('reset', 'delete all runs with their outputs and steps')
    .option('-y, --yes', 'do not ask')
    .option('--cache', 'delete only the results of tools that are kept for later runs')
    .addOption(databaseOption())
    .action(async (flags: ResetFlags) => {
      const words = await withHistory(io, flags.db, (store) =>
        flags.cache ? resetCache(store) : reset(io, store, flags),
      );
      io.stdout.write(`${words ?? `There are no ${flags.cache ? 'kept results' : 'runs'} to delete.`}\n`);
      end(EXIT.done);
    });

/** Nobody is asked: tools give the same again. */
function resetCache({ toolResults }: RunStore): string | undefined {
  const count = toolResults.clear();
  return count === 0 ? undefined : `Deleted ${countOf(count, 'kept result')}.`;
}

async function reset(io: Io, store: RunStore, { yes }: ResetFlags): Promise<string | undefined> {
  const runs = store.listRuns();
  const results = store.toolResults.count();
  if (runs.length === 0 && results === 0) return undefined;
  const open = runs.filter(({ status }) => status === 'running').length;
  const what = whatOf(runs.length, results, open > 0 ? ` (${open} of them not ended)` : '');
  if (!yes && !io.isInteractive)
    throw new UsageError(`reset deletes ${what} in ${store.path} and cannot ask without a terminal`, {
      hint: '`crew reset --yes` does it without asking.',
    });
  if (!yes) {
    const { confirm } = await import('./confirm.js');
    const isSure = await confirm(io, `Delete ${what} in ${store.path}? They cannot be brought back.`);
    if (!isSure) return 'Nothing was deleted.';
  }
  return `Deleted ${whatOf(store.deleteAllRuns(), results)}.`;
}

/** `3 runs (1 of them not ended) and 12 kept results`; results only where there are some. */
function whatOf(runs: number, results: number, note = ''): string {
  const kept = results > 0 ? [countOf(results, 'kept result')] : [];
  return [...(runs > 0 || results === 0 ? [countOf(runs, 'run') + note] : []), ...kept].join(' and ');
}
