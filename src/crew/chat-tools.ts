import type { LanguageModelV3FunctionTool } from '@ai-sdk/provider';
import { resolveInputs } from '../definition/inputs.js';
import type { CrewDefinition } from '../definition/types.js';
import type { CrewError } from '../errors.js';
import type { RunResult } from '../result.js';
import { functionTool } from '../run/loop-tool.js';
import type { Prompts } from '../run/prompts.js';
import { isJsonObject, type JsonObject, type JsonSchema } from '../util/json.js';
import { suggestHint } from '../util/suggest.js';
import { answerOutput, answerRuns, type CallAnswer, failure, MOST_CHARACTERS, withHint } from './history-answers.js';
import { inputsSchema } from './inputs-schema.js';
import type { Inputs, RunPlace } from './run-options.js';

/** What came of a run that the chat started: its result, or why it could not begin. */
export type StartedRun = { readonly result: RunResult } | { readonly refusal: CrewError };

/** What the model of a chat is told of a call. */
export interface ChatResult extends CallAnswer {
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

/** What a chat's model can do: run the crew, read outputs, list runs. */
export function createChatTools(options: ChatToolOptions): ReadonlyMap<string, ChatTool> {
  const { prompts, place, db, definition } = options;
  const history = { place, db, crews: [definition.name] };
  const tools: readonly ChatTool[] = [
    {
      offer: functionTool('start_run', prompts.say('start_run'), startSchema(definition)),
      call: (args, signal) => startRun(args, signal, options),
    },
    {
      offer: functionTool('get_output', prompts.say('get_output'), outputSchema(definition)),
      call: async (args) => answerOutput(history, args),
    },
    {
      offer: functionTool('list_runs', prompts.say('list_runs'), { type: 'object', properties: {} }),
      call: async () => answerRuns(history),
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

function startSchema(definition: CrewDefinition): JsonSchema {
  return Object.keys(definition.inputs).length === 0
    ? { type: 'object', properties: {} }
    : { type: 'object', properties: { inputs: inputsSchema(definition) }, required: ['inputs'] };
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
