import type { CrewDefinition } from '../definition/types.js';
import { TaskError, UsageError } from '../errors.js';
import { loadTools } from '../tools/load-tools.js';
import { openMcpServers } from '../tools/mcp/servers.js';
import { textOfResult } from '../tools/tool-cache.js';
import { ToolError } from '../tools/tool-error.js';
import type { Tool } from '../tools/tool.js';
import { orAbort } from '../util/or-abort.js';
import { splitMarked } from '../util/outside-text.js';
import { createRunId } from '../util/run-id.js';
import { chooseTool, type ChosenTool, type ToolRequest } from './choose-tool.js';
import type { RunPlace } from './run-options.js';
import { withRunSignal } from './run-signal.js';
import { toArguments } from './tool-arguments.js';
import { requireTrust, type TrustOptions } from './trust.js';

export interface UseToolOptions {
  readonly place: RunPlace;
  readonly signal: AbortSignal;
  readonly trust: TrustOptions;
  /** Told what the tool logs, and what is not quite right. */
  readonly log: (line: string) => void;
}

export interface ToolCall extends ToolRequest {
  /** `name=value`. */
  readonly words: readonly string[];
  /** More arguments as a JSON object. */
  readonly input: string | undefined;
}

/** What a tool gave. */
export interface CallResult {
  readonly text: string;
  /** What the tool itself says of it, such as how to get the rest. */
  readonly note: string | undefined;
}

/**
 * Calls one tool without a model and without a record. Rejects with UsageError where it cannot be called so, and with
 * TaskError where it fails.
 */
export async function callTool(call: ToolCall, options: UseToolOptions): Promise<CallResult> {
  const chosen = await chooseTool(call, options.place);
  const { redactor } = chosen;
  return withLoadedTools(chosen, options, async ([tool, ...others], signal) => {
    if (!tool || others.length > 0) throw severalError(call.name, tool ? [tool, ...others] : []);
    if (tool.isQuestion) {
      throw new UsageError(`${tool.name} asks a person in the middle of a run; there is nothing to try without one`);
    }
    const parsed = await tool.parseArguments(
      toArguments(call.words, { parameters: tool.parameters, input: call.input }),
    );
    if (!parsed.ok) {
      throw new UsageError(`the arguments do not fit: ${redactor.text(parsed.reason)}`, {
        hint: `\`crew tools ${call.name}\` shows them.`,
      });
    }
    const working = tool.execute(parsed.value, {
      signal,
      runId: createRunId(),
      taskKey: 'tools-call',
      stepPath: 'tools-call/tool/1',
      workingDirectory: options.place.workingDirectory,
      log: (line) => options.log(redactor.text(line)),
    });
    try {
      return splitMarked(redactor.text(textOfResult(await orAbort(working, signal))));
    } catch (error) {
      if (error instanceof ToolError) throw new TaskError(redactor.text(wordsOf(error)), { cause: error });
      throw error;
    }
  });
}

/** What a tool says of its failure, without marks around what comes from outside. */
function wordsOf({ message, cause }: ToolError): string {
  if (!(cause instanceof ToolError) || cause.outside === undefined) return message;
  return `${cause.message}\n${cause.outside}`;
}

/** The tools that somebody names, as models see them: several for a whole MCP server. */
export async function inspectTools(request: ToolRequest, options: UseToolOptions): Promise<readonly Tool[]> {
  const chosen = await chooseTool(request, options.place);
  return withLoadedTools(chosen, options, (tools) => Promise.resolve(tools));
}

/** Loads the tools for as long as `use` is at work; what they started ends with it. */
async function withLoadedTools<Result>(
  chosen: ChosenTool,
  { place, signal: outer, trust, log }: UseToolOptions,
  use: (tools: readonly Tool[], signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const { reference, definition, directory, environment, servers } = chosen;
  // What is not the definition's was typed by the person.
  const isTyped = reference.kind === 'builtin' && !Object.hasOwn(definition?.namedTools ?? {}, reference.label);
  if (definition && !isTyped)
    await requireTrust(withOnly(chosen, definition), { ...trust, withNamedTools: true }, place);
  return withRunSignal(outer, async ({ signal, atEnd }) => {
    const mcpServers = openMcpServers({ servers, environment, warn: log });
    atEnd(() => mcpServers.close());
    const { workingDirectory } = place;
    const loading = loadTools([reference], {
      workingDirectory,
      environment,
      definitionDirectory: directory,
      mcpServers,
    });
    return use(await orAbort(loading, signal), signal);
  });
}

/** A definition that has this tool, and nothing else that wants to be trusted. */
function withOnly({ reference }: ChosenTool, definition: CrewDefinition): CrewDefinition {
  const callbacks = { step: undefined, task: undefined, manager: [], beforeKickoff: [], afterKickoff: [] };
  const namedTools = { [reference.label]: reference };
  const models = { planning: undefined, chatModels: undefined };
  return { ...definition, ...models, agents: [], tasks: [], manager: undefined, callbacks, namedTools };
}

function severalError(name: string, tools: readonly Tool[]): UsageError {
  if (tools.length === 0) return new UsageError(`${name} has no tools`);
  const hint = `Name one of them: ${tools.map((tool) => tool.id ?? tool.name).join(', ')}`;
  return new UsageError(`${name} is ${tools.length} tools`, { hint });
}
