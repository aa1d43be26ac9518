import { EXIT } from '../errors.js';
import type { RunHistory } from '../reporters/run-json.js';
import { requireRun } from '../store/require-run.js';
import type { Io } from '../util/io.js';
import { type CommandFactory, createCommand, databaseOption, formatOption } from './command.js';
import { jsonText, withHistory } from './history.js';

interface ShowFlags {
  readonly steps?: boolean;
  readonly format: 'text' | 'json';
  readonly db?: string;
}

/** `crew show`: what happened in a run, call by call. */
export const createShowCommand: CommandFactory = (io, end) =>
  createCommand('show', 'show what happened in a run: tasks, delegations, calls')
    .argument('[run]', 'id of a run, or its beginning (default: the latest)')
    .option('--steps', 'with the prompts and answers of every step')
    .addOption(formatOption())
    .addOption(databaseOption())
    .action(async (id: string | undefined, flags: ShowFlags) => {
      await showRun(io, id, flags);
      end(EXIT.done);
    });

async function showRun(
  io: Io,
  id: string | undefined,
  { steps: withTexts = false, format, db }: ShowFlags,
): Promise<void> {
  const history = await withHistory(io, db, (store): RunHistory => {
    const run = requireRun(store, id);
    return {
      run,
      item: store.batches.findItem(run.id),
      tasks: store.listTasks(run.id),
      steps: store.listSteps(run.id),
    };
  });
  if (!history) return void requireRun(undefined, id);
  if (format === 'json') {
    const { toRunJson } = await import('../reporters/run-json.js');
    io.stdout.write(jsonText(toRunJson(history, { withTexts })));
    return;
  }
  const [{ loadPaint }, { renderRunHeader }, { renderRunTree }] = await Promise.all([
    import('../reporters/paint.js'),
    import('../reporters/run-header.js'),
    import('../reporters/run-tree.js'),
  ]);
  const paint = await loadPaint(io.stdout.color);
  io.stdout.write(`${renderRunHeader(history, paint)}\n${renderRunTree(history, { paint, withTexts })}`);
}
