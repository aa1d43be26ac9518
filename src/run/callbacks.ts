import { formatModulePath } from '../definition/code-files.js';
import { everyoneIn } from '../definition/crew-agents.js';
import type { CrewDefinition, ModuleReference } from '../definition/types.js';
import { messageOf, TaskError, UsageError } from '../errors.js';
import type { StepRequest } from '../journal/step.js';
import { fingerprintOf } from '../util/fingerprint.js';
import { loadModuleExport } from '../util/load-module.js';
import { orAbort } from '../util/or-abort.js';
import { NO_SPEND } from '../util/spend.js';
import type { RunContext } from './run-context.js';

/** The field of a definition that names a function of the user. */
export type FunctionField =
  | 'step_callback'
  | 'task_callback'
  | 'callback'
  | 'manager_callbacks'
  | 'before_kickoff'
  | 'after_kickoff'
  | 'condition';

/** A function of the user's file. */
export interface LoadedFunction {
  readonly field: FunctionField;
  /** As written: `./file.ts#export`. */
  readonly name: string;
  /** `default` or the export's name. */
  readonly exportName: string;
  /** What it gives or throws; never throws itself. */
  call(...values: readonly unknown[]): Promise<unknown>;
}

/** The callbacks of a crew; each list in the order in which they are called. */
export interface RunCallbacks {
  /** Those that are told of the steps of an agent, by its role; its own first. */
  stepsOf(role: string): readonly LoadedFunction[];
  readonly hasSteps: boolean;
  /** Those that are told of a task; its own first. */
  tasksOf(taskKey: string): readonly LoadedFunction[];
  readonly afterKickoff: readonly LoadedFunction[];
}

/** The run ends with it, also where it is a coworker whose step the callback was told of. */
export class CallbackError extends TaskError {}

/**
 * Loads all callbacks of a crew that are called in a run; `definition` has its inputs put in. Rejects with UsageError where a
 * file cannot be loaded or does not export a function.
 */
export async function loadCallbacks(definition: CrewDefinition): Promise<RunCallbacks> {
  const { manager, tasks, callbacks } = definition;
  const load = (field: FunctionField, module: ModuleReference | undefined): Promise<LoadedFunction[]> =>
    loadFunctions(field, module ? [module] : [], definition);
  const step = await load('step_callback', callbacks.step);
  const task = await load('task_callback', callbacks.task);
  const steps = new Map<string, readonly LoadedFunction[]>();
  for (const agent of everyoneIn(definition)) {
    const own = await load('step_callback', agent.stepCallback);
    const managers = agent === manager ? await loadFunctions('manager_callbacks', callbacks.manager, definition) : [];
    if (own.length + managers.length > 0) steps.set(agent.role, eachOnce([...own, ...step, ...managers]));
  }
  const byTask = new Map<string, readonly LoadedFunction[]>();
  for (const { key, callback } of tasks) {
    if (callback) byTask.set(key, eachOnce([...(await load('callback', callback)), ...task]));
  }
  return {
    stepsOf: (role) => steps.get(role) ?? step,
    hasSteps: step.length > 0 || steps.size > 0,
    tasksOf: (key) => byTask.get(key) ?? task,
    afterKickoff: await loadFunctions('after_kickoff', callbacks.afterKickoff, definition),
  };
}

/** The functions without those that are named a second time, by an agent and its crew say: each is told once. */
function eachOnce(functions: readonly LoadedFunction[]): LoadedFunction[] {
  return functions.filter(({ name }, index) => functions.findIndex((other) => other.name === name) === index);
}

/** Functions of the user's files. Rejects with UsageError where a file cannot be loaded or does not export one. */
export async function loadFunctions(
  field: FunctionField,
  modules: readonly ModuleReference[],
  { source }: Pick<CrewDefinition, 'source'>,
): Promise<LoadedFunction[]> {
  const loaded: LoadedFunction[] = [];
  for (const module of modules) loaded.push(await loadFunction(field, module, source.directory));
  return loaded;
}

/** A function of the user's file. Rejects with UsageError where the file cannot be loaded or does not export one. */
export async function loadFunction(
  field: FunctionField,
  { path, exportName }: ModuleReference,
  directory: string,
): Promise<LoadedFunction> {
  const name = formatModulePath({ path, exportName });
  const found = await loadModuleExport(path, exportName, { directory, accepts: isFunction });
  const { value } = found;
  if (!isFunction(value)) {
    const hint = `export function ${exportName ?? 'name'}(…) { … }`;
    throw new UsageError(`${field} ${name} is not a function`, { hint });
  }
  return { field, name, exportName: found.name, call: async (...values) => value(...values) };
}

function isFunction(value: unknown): value is (...values: readonly unknown[]) => unknown {
  return typeof value === 'function';
}

/** What a callback is told of. */
export interface Told {
  /** The callbacks' steps stand below it. */
  readonly path: string;
  readonly taskKey: string;
  readonly agent: string;
  /** What has ended, for errors; empty for the run itself. */
  readonly what: string;
  /** Made anew for each callback, so that none can change what another one or the run sees. */
  readonly value: () => unknown;
}

/**
 * Calls the callbacks one after the other, each as a step of the run, so that a run that goes on calls none twice. Rejects
 * with CallbackError where one throws.
 */
export async function tellCallbacks(
  run: Pick<RunContext, 'journal' | 'runId' | 'workingDirectory' | 'signal'>,
  callbacks: readonly LoadedFunction[],
  { path: place, taskKey, agent, what, value }: Told,
): Promise<void> {
  const { runId, workingDirectory, signal } = run;
  for (const [index, { field, name, call }] of callbacks.entries()) {
    const step: StepRequest = {
      path: `${place}/callback/${index + 1}`,
      kind: 'callback',
      taskKey,
      agent,
      name: `${field} ${name}`,
      request: {},
      fingerprint: fingerprintOf({ field, name }),
      hasEffects: false,
    };
    await run.journal.step(step, async () => {
      signal.throwIfAborted();
      await orAbort(call(value(), { runId, workingDirectory, signal }), signal).catch((error: unknown) => {
        signal.throwIfAborted();
        throw new CallbackError(`${field} ${name} failed${what === '' ? '' : ` after ${what}`}: ${messageOf(error)}`, {
          hint: `It is code of the crew: mend it, then crew resume ${runId} calls it again and goes on.`,
          cause: error,
        });
      });
      return { response: {}, isError: false, spend: NO_SPEND };
    });
  }
}
