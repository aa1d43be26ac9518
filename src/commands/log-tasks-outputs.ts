import { Option } from 'commander';
import { EXIT, UsageError } from '../errors.js';
import type { FoundOutput, RunStore, TaskRecord } from '../store/records.js';
import { findTask } from '../store/find-task.js';
import { requireRun } from '../store/require-run.js';
import type { Io } from '../util/io.js';
import { type CommandFactory, createCommand, databaseOption, formatOption } from './command.js';
import { jsonText, sayNoRunsYet, withHistory } from './history.js';
import { parseCount } from './parse-count.js';

/** Tasks that a search shows without `--limit`. */
const SEARCH_LIMIT = 20;

interface LogTasksOutputsFlags {
  readonly run?: string;
  readonly all?: boolean;
  readonly task?: string;
  readonly search?: readonly string[];
  readonly limit?: number;
  readonly brief?: boolean;
  readonly format: 'text' | 'json';
  readonly db?: string;
}

/** `crew log-tasks-outputs`: what the tasks of a run gave. */
export const createLogTasksOutputsCommand: CommandFactory = (io, end) =>
  createCommand('log-tasks-outputs', 'show the outputs of the tasks of a run in full')
    .option('--run <id>', 'id of a run, or its beginning (default: the latest)')
    .addOption(new Option('--all', 'of all runs, newest first').conflicts('run'))
    .option('-t, --task <task>', 'only this task: its key, its number or <run>/<key>')
    .option('--search <words...>', 'only outputs with all these words, each whole or begun; of all runs')
    .option('-n, --limit <n>', `with --search: show at most this many (default: ${SEARCH_LIMIT})`, parseCount(1))
    .option('--brief', 'one line for each task')
    .addOption(formatOption())
    .addOption(databaseOption())
    .action(async (flags: LogTasksOutputsFlags) => {
      await (flags.search ? searchOutputs(io, flags.search.join(' '), flags) : logTasksOutputs(io, flags));
      end(EXIT.done);
    });

async function logTasksOutputs(io: Io, flags: LogTasksOutputsFlags): Promise<void> {
  if (flags.limit !== undefined) throw new UsageError('--limit is for --search', { hint: 'Without it all is shown.' });
  const tasks = await withHistory(io, flags.db, (store) => chooseTasks(store, flags));
  if (!tasks && (flags.run ?? flags.task) !== undefined) return void requireRun(undefined, flags.run);
  const reporters = await import('../reporters/task-outputs.js');
  if (flags.format === 'json') {
    const { toTaskJson } = await import('../reporters/run-json.js');
    io.stdout.write(jsonText((tasks ?? []).map(toTaskJson)));
  } else if (tasks && tasks.length > 0) {
    const { loadPaint } = await import('../reporters/paint.js');
    const render = flags.brief ? reporters.renderTaskOutputsBrief : reporters.renderTaskOutputs;
    io.stdout.write(render(tasks, await loadPaint(io.stdout.color)));
  } else sayNoRunsYet(io);
}

async function searchOutputs(io: Io, words: string, flags: LogTasksOutputsFlags): Promise<void> {
  const { limit = SEARCH_LIMIT } = flags;
  const [runGiven, task] = splitTaskId(flags.run, flags.task);
  const found = await withHistory(io, flags.db, (store): FoundOutput[] => {
    const runId = runGiven === undefined ? undefined : requireRun(store, runGiven).id;
    // One more than is shown tells whether there are others.
    return store.searchTasks({ words, ...(runId && { runId }), ...(task !== undefined && { task }), limit: limit + 1 });
  });
  if (!found && runGiven !== undefined) return void requireRun(undefined, runGiven);
  const shown = (found ?? []).slice(0, limit);
  if (flags.format === 'json') {
    const { toFoundOutputJson } = await import('../reporters/run-json.js');
    io.stdout.write(jsonText(shown.map(toFoundOutputJson)));
  } else if (shown.length > 0) {
    const { renderFoundOutputs, renderFoundOutputsBrief } = await import('../reporters/task-outputs.js');
    const { loadPaint } = await import('../reporters/paint.js');
    const render = flags.brief ? renderFoundOutputsBrief : renderFoundOutputs;
    io.stdout.write(render(shown, await loadPaint(io.stdout.color)));
  } else if (found) io.stderr.write(`No output has this: ${words}\n`);
  else sayNoRunsYet(io);
  if ((found?.length ?? 0) > limit) io.stderr.write(`There are more: --limit ${limit * 2} shows them.\n`);
}

/** The tasks that were asked for, in file order within their runs. Throws UsageError where there is no such run or task. */
function chooseTasks(store: RunStore, { run, all, task }: LogTasksOutputsFlags): TaskRecord[] {
  if (all) {
    const tasks = store.listRuns().flatMap(({ id }) => store.listTasks(id));
    const chosen = task === undefined ? tasks : tasks.filter((candidate) => isNamed(candidate, task));
    if (tasks.length > 0 && chosen.length === 0) throw new UsageError(`no run has a task "${task}"`);
    return chosen;
  }
  if (run === undefined && task === undefined && !store.findRun()) return [];
  if (task === undefined) return store.listTasks(requireRun(store, run).id);
  const found = findTask(store, task, { run });
  return store.listTasks(found.run.id).filter(({ key }) => key === found.key);
}

/** A search may name a task with its run: `<run>/<key>`. */
function splitTaskId(
  run: string | undefined,
  task: string | undefined,
): [run: string | undefined, task: string | undefined] {
  const slash = task?.indexOf('/') ?? -1;
  if (task === undefined || run !== undefined || slash < 1) return [run, task];
  return [task.slice(0, slash), task.slice(slash + 1)];
}

function isNamed({ key, position }: TaskRecord, name: string): boolean {
  return key === name || String(position) === name;
}
