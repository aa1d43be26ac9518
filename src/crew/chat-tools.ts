import type { LanguageModelV3FunctionTool } from '@ai-sdk/provider';
import { resolveInputs } from '../definition/inputs.js';
import type { CrewDefinition, InputDefinition, InputType } from '../definition/types.js';
import { CrewError } from '../errors.js';
import type { RunResult } from '../result.js';
import { functionTool } from '../run/loop-tool.js';
import type { Prompts } from '../run/prompts.js';
import type { RunStore, TaskRecord } from '../store/records.js';
import { requireRun } from '../store/require-run.js';
import { isJsonObject, type JsonObject, type JsonSchema } from '../util/json.js';
import { suggestHint } from '../util/suggest.js';
import { readHistory } from './read-history.js';
import type { Inputs, RunPlace } from './run-options.js';

/** What came of a run that the chat started: its result, or why it could not begin. */
export type StartedRun = { readonly result: RunResult } | { readonly refusal: CrewError };

/** What the model of a chat is told of a call. */
export interface ChatResult {
  readonly text: string;
  readonly isError: boolean;
  /** The user has stopped it: it is their turn. */
  readonly isStopped?: boolean;
}

export interface ChatTool {
  readonly offer: LanguageModelV3FunctionTool;
  call(args: JsonObject, signal: AbortSignal): Promise<ChatResult>;
}

export interface ChatToolOptions {
  readonly definition: CrewDefinition;
  readonly prompts: Prompts;
  readonly place: RunPlace;
  readonly db: string | undefined;
  /** Runs the crew and shows how it goes; rejects only for bugs. */
  readonly start: (inputs: Inputs, signal: AbortSignal) => Promise<StartedRun>;
}

/** Characters of an output that one result holds; the model can ask for the rest. */
const MOST_CHARACTERS = 20_000;
const MOST_RUNS = 10;

/** What a chat's model can do: run the crew, read outputs, list runs. */
export function createChatTools(options: ChatToolOptions): ReadonlyMap<string, ChatTool> {
  const { prompts } = options;
  const tools: readonly ChatTool[] = [
    {
      offer: functionTool('start_run', prompts.say('start_run'), startSchema(options.definition)),
      call: (args, signal) => startRun(args, signal, options),
    },
    {
      offer: functionTool('get_output', prompts.say('get_output'), outputSchema(options.definition)),
      call: (args) => inHistory(options, (store) => readOutput(store, args, options.definition)),
    },
    {
      offer: functionTool('list_runs', prompts.say('list_runs'), { type: 'object', properties: {} }),
      call: () => inHistory(options, (store) => listRuns(store, options.definition)),
    },
  ];
  return new Map(tools.map((tool) => [tool.offer.name, tool]));
}

async function startRun(
  { inputs = {} }: JsonObject,
  signal: AbortSignal,
  { definition, start }: ChatToolOptions,
): Promise<ChatResult> {
  if (!isJsonObject(inputs)) return failure('inputs must be an object');
  const { missing, problems } = resolveInputs(definition, inputs);
  const names = Object.keys(definition.inputs);
  const unknown = Object.keys(inputs).filter((name) => !names.includes(name));
  const wrong = [
    ...problems,
    ...unknown.map((name) => `there is no input ${name}: ${suggestHint(name, names) ?? `inputs: ${names.join(', ')}`}`),
    ...missing.map(({ name }) => `input ${name} has no value: ask the user`),
  ];
  if (wrong.length > 0) return failure(wrong.join('\n'));
  const started = await start(inputs, signal);
  if ('refusal' in started) return failure(`The run could not begin: ${withHint(started.refusal)}`);
  return {
    text: describeRun(started.result),
    isError: started.result.error !== null,
    isStopped: started.result.status === 'interrupted',
  };
}

function describeRun({ run_id: run, status, raw, tasks_output: tasks, error }: RunResult): string {
  const [output, rest] = [(raw ?? '').slice(0, MOST_CHARACTERS), (raw ?? '').length > MOST_CHARACTERS];
  return JSON.stringify({
    run,
    status,
    tasks: Object.fromEntries(tasks.map((task) => [task.name, task.status])),
    ...(raw !== null && { output: rest ? `${output}… (get_output has the rest)` : output }),
    ...(error && { error: withHint(error) }),
  });
}

function readOutput(store: RunStore, args: JsonObject, definition: CrewDefinition): ChatResult {
  const { task: key, run: runId, offset = 0 } = args;
  const latest = store.listRuns({ crew: definition.name, limit: 1 })[0]?.id;
  const wanted = typeof runId === 'string' ? runId : latest;
  if (wanted === undefined) return failure('The crew has not run yet.');
  const run = requireRun(store, wanted);
  if (run.crew !== definition.name) return failure(`Run ${run.id} is not one of this crew.`);
  const tasks = store.listTasks(run.id);
  const task = typeof key === 'string' ? tasks.find((one) => one.key === key) : lastDone(tasks);
  if (!task) {
    const keys = tasks.map((one) => `${one.key} (${one.status})`).join(', ');
    return failure(`${typeof key === 'string' ? `There is no task ${key}` : 'No task is done'}. Tasks: ${keys}`);
  }
  if (task.raw === null) {
    const why = task.error?.message ?? task.skipReason;
    return failure(`Task ${task.key} has no output: it is ${task.status}${why === null ? '' : `: ${why}`}`);
  }
  const from = typeof offset === 'number' && offset > 0 ? Math.floor(offset) : 0;
  const end = from + MOST_CHARACTERS;
  const more = task.raw.length > end ? `\n… (go on with offset: ${end})` : '';
  return { text: `run ${run.id}, task ${task.key}:\n${task.raw.slice(from, end)}${more}`, isError: false };
}

function lastDone(tasks: readonly TaskRecord[]): TaskRecord | undefined {
  return tasks.findLast(({ raw }) => raw !== null);
}

function listRuns(store: RunStore, { name }: CrewDefinition): ChatResult {
  const runs = store.listRuns({ crew: name, limit: MOST_RUNS }).map(({ id, status, startedAt, inputs, error }) => ({
    run: id,
    status,
    started: new Date(startedAt).toISOString(),
    inputs,
    ...(error && { error: error.message }),
  }));
  return { text: runs.length > 0 ? JSON.stringify(runs) : 'The crew has not run yet.', isError: false };
}

/** What `use` finds in the history; what is wrong with the question is told to the model. */
async function inHistory({ place, db }: ChatToolOptions, use: (store: RunStore) => ChatResult): Promise<ChatResult> {
  try {
    return readHistory({ db }, place, use);
  } catch (error) {
    if (error instanceof CrewError) return failure(withHint(error));
    throw error;
  }
}

function failure(text: string): ChatResult {
  return { text, isError: true };
}

function withHint({ message, hint }: { readonly message: string; readonly hint?: string | null | undefined }): string {
  return hint ? `${message} (${hint})` : message;
}

const JSON_TYPES: Readonly<Record<InputType, JsonObject>> = {
  string: { type: 'string' },
  number: { type: 'number' },
  integer: { type: 'integer' },
  boolean: { type: 'boolean' },
  list: { type: 'array', items: {} },
  object: { type: 'object' },
};

function startSchema({ inputs }: CrewDefinition): JsonSchema {
  const all = Object.values(inputs);
  const required = all.filter((input) => input.default === undefined).map(({ name }) => name);
  const schema: JsonSchema = {
    type: 'object',
    properties: Object.fromEntries(all.map((input) => [input.name, schemaOf(input)])),
    ...(required.length > 0 && { required }),
    additionalProperties: false,
  };
  return all.length === 0
    ? { type: 'object', properties: {} }
    : { type: 'object', properties: { inputs: schema }, required: ['inputs'] };
}

function schemaOf({ type, description, default: fallback, options }: InputDefinition): JsonObject {
  return {
    ...JSON_TYPES[type],
    ...(description !== undefined && { description }),
    ...(fallback !== undefined && { default: fallback }),
    ...(options && { enum: [...options] }),
  };
}

function outputSchema({ tasks }: CrewDefinition): JsonSchema {
  return {
    type: 'object',
    properties: {
      task: { type: 'string', enum: tasks.map(({ key }) => key) },
      run: { type: 'string' },
      offset: { type: 'integer' },
    },
  };
}
