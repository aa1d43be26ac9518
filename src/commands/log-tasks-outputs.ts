import { Option } from 'commander';
import { EXIT, UsageError } from '../errors.js';
import type { RunStore, TaskRecord } from '../store/records.js';
import type { Io } from '../util/io.js';
import { type CommandFactory, createCommand, databaseOption, formatOption } from './command.js';
import { jsonText, requireRun, sayNoRunsYet, withHistory } from './history.js';

interface LogTasksOutputsFlags {
  readonly run?: string;
  readonly all?: boolean;
  readonly task?: string;
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
    .option('--brief', 'one line for each task')
    .addOption(formatOption())
    .addOption(databaseOption())
    .action(async (flags: LogTasksOutputsFlags) => {
      await logTasksOutputs(io, flags);
      end(EXIT.done);
    });

async function logTasksOutputs(io: Io, flags: LogTasksOutputsFlags): Promise<void> {
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

/** The tasks that were asked for, in file order within their runs. Throws UsageError where there is no such run or task. */
function chooseTasks(store: RunStore, { run, all, task }: LogTasksOutputsFlags): TaskRecord[] {
  if (all) {
    const tasks = store.listRuns().flatMap(({ id }) => store.listTasks(id));
    const chosen = task === undefined ? tasks : tasks.filter((candidate) => isNamed(candidate, task));
    if (tasks.length > 0 && chosen.length === 0) throw new UsageError(`no run has a task "${task}"`);
    return chosen;
  }
  if (run === undefined && task === undefined && !store.findRun()) return [];
  const [runId, name] = splitTaskId(run, task);
  const { id } = requireRun(store, runId);
  const tasks = store.listTasks(id);
  if (name === undefined) return tasks;
  const found = tasks.find(({ key }) => key === name) ?? tasks.find((candidate) => isNamed(candidate, name));
  if (found) return [found];
  throw new UsageError(`run ${id} has no task "${name}"`, {
    hint: `Its tasks: ${tasks.map(({ position, key }) => `${position} ${key}`).join(', ')}.`,
  });
}

/** A task may be named with its run: `<run>/<key>`. */
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
