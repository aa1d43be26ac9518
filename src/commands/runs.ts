import { Option } from 'commander';
import { EXIT } from '../errors.js';
import type { RunFilter, RunStatus } from '../store/records.js';
import type { Io } from '../util/io.js';
import { type CommandFactory, createCommand, databaseOption, formatOption } from './command.js';
import { jsonText, sayNoRunsYet, withHistory } from './history.js';
import { parseCount } from './parse-count.js';
import { createRunsPruneCommand } from './runs-prune.js';

const STATUSES: readonly RunStatus[] = ['running', 'completed', 'failed', 'interrupted', 'needs_input'];

interface RunsFlags {
  readonly status?: RunStatus;
  readonly crew?: string;
  readonly limit: number;
  readonly format: 'text' | 'json';
  readonly db?: string;
}

/** `crew runs`: lists the runs, newest first; `crew runs prune` deletes old ones. */
export const createRunsCommand: CommandFactory = (io, end) =>
  createCommand('runs', 'list the runs, newest first')
    .addOption(new Option('--status <status>', 'only runs with this status').choices(STATUSES))
    .option('--crew <name>', 'only runs of this crew')
    .option('-n, --limit <n>', 'show at most this many', parseCount(1), 20)
    .addOption(formatOption())
    .addOption(databaseOption())
    .action(async (flags: RunsFlags) => {
      await listRuns(io, flags);
      end(EXIT.done);
    })
    .helpCommand(false)
    .hook('preSubcommand', (runs, subcommand) => void subcommand.configureOutput(runs.configureOutput()))
    .addCommand(createRunsPruneCommand(io, end));

async function listRuns(io: Io, { status, crew, limit, format, db }: RunsFlags): Promise<void> {
  const filter: RunFilter = { ...(status && { status }), ...(crew !== undefined && { crew }) };
  // One more than is shown tells whether there are older ones.
  const runs = (await withHistory(io, db, (store) => store.listRuns({ ...filter, limit: limit + 1 }))) ?? [];
  const shown = runs.slice(0, limit);
  if (format === 'json') {
    const { toRunSummaryJson } = await import('../reporters/run-json.js');
    io.stdout.write(jsonText(shown.map(toRunSummaryJson)));
  } else if (shown.length > 0) {
    const { renderRunsTable } = await import('../reporters/runs-table.js');
    const { loadPaint } = await import('../reporters/paint.js');
    io.stdout.write(renderRunsTable(shown, await loadPaint(io.stdout.color)));
    if (runs.length > limit) io.stderr.write(`There are older runs: --limit ${limit * 2} shows more.\n`);
  } else if (Object.keys(filter).length > 0) io.stderr.write('No such runs.\n');
  else sayNoRunsYet(io);
}
