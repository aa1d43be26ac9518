import { type Command, InvalidArgumentError } from 'commander';
import { EXIT, UsageError } from '../errors.js';
import type { OldRunFilter, RunSummary } from '../store/records.js';
import { countOf, formatBytes } from '../util/amounts.js';
import { parseDuration } from '../util/duration.js';
import type { Io } from '../util/io.js';
import { type CommandFactory, createCommand, databaseOption, flagsOfParent, formatOption } from './command.js';
import { jsonText, withHistory } from './history.js';
import { parseCount } from './parse-count.js';

interface RunsPruneFlags {
  readonly keep?: number;
  /** Milliseconds. */
  readonly olderThan?: number;
  readonly dryRun?: boolean;
  readonly format: 'text' | 'json';
  readonly db?: string;
}

interface Pruning {
  readonly runs: readonly RunSummary[];
  readonly freedBytes: number | null;
}

/** `crew runs prune`: deletes old runs. */
export const createRunsPruneCommand: CommandFactory = (io, end) =>
  createCommand('prune', 'delete old runs with their steps; never one that is under way')
    .option('--keep <n>', 'only runs beyond the newest n', parseCount(0))
    .option('--older-than <time>', 'only runs that ended longer ago than this, such as 30d or 12h', parseAge)
    .option('--dry-run', 'only say which ones')
    .addOption(formatOption())
    .addOption(databaseOption())
    .option('--no-color', 'no colours (also: NO_COLOR)')
    .action(async (flags: RunsPruneFlags, command: Command) => {
      await pruneRuns(io, { ...flags, ...flagsOfParent<RunsPruneFlags>(command) });
      end(EXIT.done);
    });

async function pruneRuns(io: Io, { keep, olderThan, dryRun = false, format, db }: RunsPruneFlags): Promise<void> {
  if (keep === undefined && olderThan === undefined)
    throw new UsageError('prune needs to know which runs are old', {
      hint: '`crew runs prune --keep 100` keeps the newest 100, `--older-than 30d` those of the last 30 days; with both, runs that either one keeps stay. `--dry-run` shows what would go.',
    });
  const now = Date.now();
  const filter: OldRunFilter = {
    ...(keep !== undefined && { keep }),
    ...(olderThan !== undefined && { endedBefore: now - olderThan }),
  };
  const pruning: Pruning = (await withHistory(io, db, (store) => {
    const runs = store.listOldRuns(filter, now);
    return dryRun || runs.length === 0
      ? { runs, freedBytes: null }
      : store.deleteRuns(runs, { now, signal: io.signal });
  })) ?? { runs: [], freedBytes: null };
  await (format === 'json' ? writeJson(io, pruning, dryRun) : writeText(io, pruning, dryRun));
}

async function writeText(io: Io, { runs, freedBytes }: Pruning, dryRun: boolean): Promise<void> {
  if (runs.length === 0) return io.stdout.write('There are no such runs to delete.\n');
  const unfinished = countUnfinished(runs);
  const what = `${countOf(runs.length, 'run')}${unfinished > 0 ? ` (${unfinished} of them unfinished)` : ''}`;
  if (dryRun) {
    const { renderRunsTable } = await import('../reporters/runs-table.js');
    const { loadPaint } = await import('../reporters/paint.js');
    return io.stdout.write(`${renderRunsTable(runs, await loadPaint(io.stdout.color))}\nWould delete ${what}.\n`);
  }
  io.stdout.write(`Deleted ${what}${freedBytes === null ? '' : `; ${formatBytes(freedBytes)} freed`}.\n`);
  if (freedBytes === null) {
    io.stderr.write('The database file keeps its size, as it is in use: later runs fill the space.\n');
  }
}

async function writeJson(io: Io, { runs, freedBytes }: Pruning, dryRun: boolean): Promise<void> {
  const { toRunSummaryJson } = await import('../reporters/run-json.js');
  const counts = { deleted: dryRun ? 0 : runs.length, unfinished: countUnfinished(runs), freed_bytes: freedBytes };
  io.stdout.write(jsonText({ dry_run: dryRun, ...counts, runs: runs.map(toRunSummaryJson) }));
}

function countUnfinished(runs: readonly RunSummary[]): number {
  return runs.filter(({ status }) => status !== 'completed').length;
}

function parseAge(value: string): number {
  // A number alone would be seconds, which hardly anybody means here.
  const age = /[a-z]$/.test(value) ? parseDuration(value) : undefined;
  if (age === undefined) throw new InvalidArgumentError('It has to be a time such as 30d, 12h or 90m.');
  return age;
}
