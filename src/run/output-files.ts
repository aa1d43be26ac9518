import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { CrewDefinition, TaskDefinition } from '../definition/types.js';
import { TaskError, UsageError } from '../errors.js';
import { outputText } from '../result.js';
import type { TaskRecord } from '../store/records.js';
import { writeFileAtomic } from '../util/atomic-write.js';
import { type OutputFileOptions, resolveOutputFile } from '../util/output-path.js';
import { realPathOf } from '../util/real-path.js';
import type { AgentAnswer } from './agent-loop.js';
import type { RunContext } from './run-context.js';

type Output = Pick<AgentAnswer, 'text' | 'value'>;

/** A file of a task, and what of the output goes into it. */
interface WantedFile {
  readonly path: string;
  /** `text`: the structured output where there is one, else the raw one. */
  readonly as: 'text' | 'raw' | 'json';
}

/** Files that were written, absolute. */
export interface WrittenFiles {
  /** `output_file`, else the first of `outputs`; null for none. It stands in the task's row. */
  readonly outputFile: string | null;
  readonly moreFiles: readonly string[];
}

/**
 * Checks, before the first call, that every output file and the log may be written where they are to be: inside the working
 * directory, each one for itself, none over the definition. Touches nothing. Rejects with UsageError.
 */
export async function checkOutputFiles(definition: CrewDefinition, options: OutputFileOptions): Promise<void> {
  const { path: main, directory, files } = definition.source;
  const taken = new Map<string, string>();
  for (const file of [main, ...files.map(({ path }) => resolve(directory, path))]) {
    taken.set(await realPathOf(file), 'the definition itself');
  }
  for (const task of definition.tasks) {
    for (const { path } of filesOf(task)) {
      const real = await resolveOutputFile(path, options);
      const owner = taken.get(real);
      if (owner !== undefined) throw new UsageError(`the output file of task ${task.key}, ${path}, is ${owner}`);
      taken.set(real, `that of task ${task.key} too`);
      if (!task.createDirectory) await requireFolder(real, path);
    }
  }
  const { outputLogFile: log } = definition;
  const owner =
    log === undefined ? undefined : taken.get(await resolveOutputFile(log, { ...options, what: 'log file' }));
  if (owner !== undefined) {
    const words = owner.replace(/^that (of task \S+) too$/, 'the output file $1');
    throw new UsageError(`the log file ${log} is ${words}`);
  }
}

async function requireFolder(real: string, path: string): Promise<void> {
  const folder = await stat(dirname(real)).catch(() => undefined);
  if (folder?.isDirectory()) return;
  throw new UsageError(`the folder of output file ${path} does not exist`, {
    hint: 'make it, or leave out create_directory: false',
  });
}

/** Writes an accepted output to every file that the task wants it in. */
export async function writeOutputFiles(run: RunContext, task: TaskDefinition, output: Output): Promise<WrittenFiles> {
  const paths: string[] = [];
  for (const file of filesOf(task)) {
    const path = await resolveLate(run, file);
    await writeOutput(path, file, task, output);
    paths.push(path);
  }
  const [outputFile = null, ...moreFiles] = paths;
  return { outputFile, moreFiles };
}

/**
 * Writes the output files of tasks that do not run: of one whose output was given by hand always, of one that is reused
 * where the file is not there, as in a fresh checkout.
 */
export async function writeReusedFiles(run: RunContext, reused: readonly TaskRecord[]): Promise<void> {
  for (const { key, raw, json, source } of reused) {
    const task = run.definition.tasks.find((candidate) => candidate.key === key);
    if (!task) continue;
    for (const [index, file] of filesOf(task).entries()) {
      const path = await resolveLate(run, file);
      if (source !== null && existsSync(path)) continue;
      await writeOutput(path, file, task, { text: raw ?? '', value: json });
      if (index === 0) run.background.add(run.store.updateTask(run.runId, key, { outputFile: path }));
    }
  }
}

function filesOf({ outputFile, outputs }: TaskDefinition): WantedFile[] {
  return [...(outputFile === undefined ? [] : [{ path: outputFile, as: 'text' } as const]), ...outputs];
}

async function writeOutput(path: string, { as }: WantedFile, task: TaskDefinition, output: Output): Promise<void> {
  const { text, value } = output;
  const content = as === 'raw' ? text : outputText({ raw: text, json_dict: value, pydantic: null });
  await writeFileAtomic(path, `${content}\n`, { createDirectory: task.createDirectory });
}

function resolveLate(run: RunContext, { path }: WantedFile): Promise<string> {
  return resolveOutputFile(path, run).catch((error: unknown) => {
    // It was sound before the run; what was called since is no bad usage.
    if (!(error instanceof UsageError)) throw error;
    throw new TaskError(error.message, { hint: error.hint, cause: error });
  });
}
