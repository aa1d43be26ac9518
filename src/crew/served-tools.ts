import type { Tool as ToolOffer } from '@modelcontextprotocol/sdk/types.js';
import { CrewError, UsageError } from '../errors.js';
import type { RunEvent } from '../events.js';
import { type CrewOutput, RunError } from '../result.js';
import { findRunOfTask, findTask } from '../store/find-task.js';
import type { RunRecord, RunStore } from '../store/records.js';
import { excerpt } from '../util/excerpt.js';
import { toIdentifier } from '../util/identifier.js';
import type { JsonObject, JsonSchema } from '../util/json.js';
import { suggestHint } from '../util/suggest.js';
import { answerOutput, answerRuns, type CallAnswer, failure, withHint } from './history-answers.js';
import { inputsSchema } from './inputs-schema.js';
import type { Crew } from './load-crew.js';
import { readHistory } from './read-history.js';
import type { Inputs, RunOptions } from './run-options.js';
import type { ServeOptions } from './serve-mcp.js';

/** One call: what stops it, and who is told how it goes. */
export interface ServedCall {
  readonly signal: AbortSignal;
  readonly onEvent: (event: RunEvent) => void;
}

/** What is offered to a client, and what it does. */
export interface ServedTool {
  readonly offer: ToolOffer;
  call(args: Readonly<Record<string, unknown>>, call: ServedCall): Promise<ServedAnswer>;
}

export interface ServedAnswer extends CallAnswer {
  /** The run that it is of. */
  readonly runId?: string;
}

/** Characters of a crew's description, which every request of the client's model pays for. */
const MOST_WORDS = 600;
const RUN: JsonObject = { type: 'string', description: 'Id of a run. Default: the latest' };

/** The crews and the tools for their runs, by name. Throws UsageError where two have one name. */
export function createServedTools(options: ServeOptions): ReadonlyMap<string, ServedTool> {
  const tools = new Map(historyTools(options).map((tool) => [tool.offer.name, tool]));
  const reserved = new Set(tools.keys());
  for (const crew of options.crews) {
    const tool = crewTool(crew, options.options);
    const { name } = tool.offer;
    if (tools.has(name)) {
      const what = reserved.has(name) ? `the tool ${name}` : 'another crew';
      throw new UsageError(`the crew ${crew.definition.name} is called like ${what}`, {
        hint: 'Give it another `name` in its file.',
      });
    }
    tools.set(name, tool);
  }
  return tools;
}

function crewTool({ definition, kickoff, missingInputs }: Crew, options: ServeOptions['options']): ServedTool {
  const { name, tasks, inputs } = definition;
  const work = tasks.map(({ key, description }) => `${key}: ${description.split('\n', 1)[0]?.replace(/\.$/, '')}`);
  const words = `Runs the crew ${name}. ${work.join('; ')}. Gives: ${tasks.at(-1)?.expectedOutput}`;
  return {
    offer: {
      name: toIdentifier(name) || 'crew',
      description: excerpt(words, MOST_WORDS),
      inputSchema: offered(inputsSchema(definition)),
      annotations: { readOnlyHint: false, openWorldHint: true },
    },
    async call(args, call) {
      const names = Object.keys(inputs);
      const unknown = Object.keys(args).filter((key) => !names.includes(key));
      const listed = `inputs: ${names.join(', ') || 'none'}`;
      // What runs before it may bring them.
      const missing = definition.callbacks.beforeKickoff.length > 0 ? [] : missingInputs(args as Inputs);
      const wrong = [
        ...unknown.map((key) => `There is no input ${key}: ${suggestHint(key, names) ?? listed}`),
        ...missing.map((input) => `The input ${input.name} has no value.`),
      ];
      if (wrong.length > 0) return failure(wrong.join('\n'));
      return answerOf(kickoff(args as Inputs, { ...options, ...call }));
    },
  };
}

function historyTools({ crews, place, options }: ServeOptions): ServedTool[] {
  const history = { place, db: options.db, crews: crews.map(({ definition }) => definition.name) };
  const reads = { readOnlyHint: true, openWorldHint: false };
  const runs = { readOnlyHint: false, openWorldHint: true };
  // What was agreed to for the crews that are served is remembered; a run may be of any other definition.
  const { trust: _, allowShell: __, ...others } = options;
  const ofRun = (call: ServedCall): RunOptions & typeof place => ({ ...others, ...place, ...call });
  const refusalOf = (find: (store: RunStore) => RunRecord): ServedAnswer | undefined => {
    try {
      const { id, crew } = readHistory(options, place, find);
      return history.crews.includes(crew)
        ? undefined
        : failure(`Run ${id} is of the crew ${crew}, which is not asked here.`);
    } catch (error) {
      if (!(error instanceof CrewError)) throw error;
      return failure(withHint(error));
    }
  };
  return [
    {
      offer: {
        name: 'list_runs',
        description: 'Lists the latest runs of the crews with their states and inputs.',
        inputSchema: offered({ type: 'object', properties: {} }),
        annotations: reads,
      },
      call: async () => answerRuns(history),
    },
    {
      offer: {
        name: 'get_output',
        description: 'Gives the output of a task of a run, or the last one; a long one in parts.',
        inputSchema: offered({
          type: 'object',
          properties: { run: RUN, task: { type: 'string' }, offset: { type: 'integer', minimum: 0 } },
        }),
        annotations: reads,
      },
      call: async (args) => answerOutput(history, args as JsonObject),
    },
    {
      offer: {
        name: 'resume',
        description: 'Goes on with a run that failed or was stopped. What it has answers for is not paid again.',
        inputSchema: offered({ type: 'object', properties: { run: { ...RUN, description: 'Default: the latest' } } }),
        annotations: runs,
      },
      async call({ run }, call) {
        const [{ resume }, { findRunToResume }] = await Promise.all([import('./resume.js'), import('./resume-run.js')]);
        const refusal = refusalOf((store) => findRunToResume(store, textOf(run)));
        return refusal ?? answerOf(resume(textOf(run), ofRun(call)));
      },
    },
    {
      offer: {
        name: 'replay',
        description: 'Runs a task of an earlier run again, and what follows it; earlier outputs are reused.',
        inputSchema: offered({
          type: 'object',
          properties: {
            task: { type: 'string', description: 'Task id, or the key of a task' },
            run: RUN,
            inputs: { type: 'object', description: 'Inputs to change' },
            repeat_effects: {
              type: 'boolean',
              description: 'Make calls with effects on the outside again; the person has to agree',
            },
          },
          required: ['task'],
        }),
        annotations: runs,
      },
      async call({ task, run, inputs, repeat_effects: repeats }, call) {
        const { replay } = await import('./replay.js');
        const [wanted, of] = [textOf(task), textOf(run)];
        if (wanted === undefined) return failure('Say which task: its id, or its key.');
        const refusal = refusalOf((store) => findReplayed(store, wanted, of));
        return (
          refusal ??
          answerOf(
            replay({
              ...ofRun(call),
              task: wanted,
              ...(of !== undefined && { run: of }),
              inputs: (inputs ?? {}) as Inputs,
              agreeToEffects: () => repeats === true,
            }),
          )
        );
      },
    },
  ];
}

/** The result of a run as the client's model reads it; what failed comes with what is finished and how to go on. */
async function answerOf(run: Promise<CrewOutput>): Promise<ServedAnswer> {
  try {
    const output = await run;
    return { text: `${output.toString()}\n\n[run ${output.run_id}]`, isError: false, runId: output.run_id };
  } catch (error) {
    if (!(error instanceof CrewError)) throw error;
    if (!(error instanceof RunError)) return failure(withHint(error));
    const { run_id: runId, status, tasks_output: tasks } = error.result;
    const done = tasks.filter(({ raw }) => raw !== null).map(({ name }) => name);
    const kept = done.length > 0 ? `\nFinished and kept: ${done.join(', ')}; get_output gives them.` : '';
    return { ...failure(`Run ${runId} ${status}: ${withHint(error)}${kept}`), ...(runId !== null && { runId }) };
  }
}

/** The run that a replay would be of: a task may also be named by the beginning of its id. */
function findReplayed(store: RunStore, task: string, run: string | undefined): RunRecord {
  const of = { ...(run !== undefined && { run }) };
  try {
    return findTask(store, task, of).run;
  } catch (error) {
    if (!(error instanceof CrewError)) throw error;
    // It may be new in the definition.
    return findRunOfTask(store, task, of);
  }
}

function offered(schema: JsonSchema): ToolOffer['inputSchema'] {
  return schema as ToolOffer['inputSchema'];
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
