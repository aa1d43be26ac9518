import { EXIT, UsageError } from '../errors.js';
import type { RunStore } from '../store/records.js';
import type { Io } from '../util/io.js';
import { type CommandFactory, createCommand, databaseOption } from './command.js';
import { withHistory } from './history.js';

interface ResetFlags {
  readonly yes?: boolean;
  readonly db?: string;
}

/** `crew reset`: deletes the history. */
export const createResetCommand: CommandFactory = (io, end) =>
  createCommand('reset', 'delete all runs with their outputs and steps')
    .option('-y, --yes', 'do not ask')
    .addOption(databaseOption())
    .action(async (flags: ResetFlags) => {
      const words = await withHistory(io, flags.db, (store) => reset(io, store, flags));
      io.stdout.write(`${words ?? 'There are no runs to delete.'}\n`);
      end(EXIT.done);
    });

async function reset(io: Io, store: RunStore, { yes }: ResetFlags): Promise<string | undefined> {
  const runs = store.listRuns();
  if (runs.length === 0) return undefined;
  const open = runs.filter(({ status }) => status === 'running').length;
  const what = `${countOf(runs.length)}${open > 0 ? ` (${open} of them not ended)` : ''}`;
  if (!yes && !io.isInteractive)
    throw new UsageError(`reset deletes ${what} in ${store.path} and cannot ask without a terminal`, {
      hint: '`crew reset --yes` does it without asking.',
    });
  if (!yes) {
    const { confirm } = await import('./confirm.js');
    const isSure = await confirm(io, `Delete ${what} in ${store.path}? They cannot be brought back.`);
    if (!isSure) return 'Nothing was deleted.';
  }
  return `Deleted ${countOf(store.deleteAllRuns())}.`;
}

function countOf(runs: number): string {
  return runs === 1 ? '1 run' : `${runs} runs`;
}
