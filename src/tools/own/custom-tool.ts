import { basename, extname, resolve } from 'node:path';
import { formatModulePath } from '../../definition/code-files.js';
import { UsageError } from '../../errors.js';
import { fingerprintOf } from '../../util/fingerprint.js';
import { loadModuleExport } from '../../util/load-module.js';
import { toIdentifier } from '../../util/identifier.js';
import { describeValue } from '../../util/to-json.js';
import { excerpt } from '../../util/excerpt.js';
import { findThrowPlace } from '../../util/module-failure.js';
import { readCacheFunction } from './cache-function.js';
import { parseArguments } from '../parse-arguments.js';
import { readParameters } from './read-parameters.js';
import { resultText } from '../result-text.js';
import { digestSource } from './source-digest.js';
import { errorOf, isMistake } from './thrown-error.js';
import type { Tool, ToolContext, ToolEffects } from '../tool.js';

export interface CustomToolReference {
  /** As written, relative to `directory`. */
  readonly path: string;
  readonly exportName: string | undefined;
  /** Absolute. */
  readonly directory: string;
}

const EFFECTS: readonly unknown[] = ['none', 'write', 'external'] satisfies readonly ToolEffects[];
/** Characters of one line that a tool logs. */
const LOG_CHARACTERS = 2000;
const SHAPE = 'a tool is an object { description, parameters, execute }; parameters is a Zod object or a JSON Schema';

/** What a user's file exports: a tool of ours, or what the AI SDK's `tool()` gives. */
interface CustomTool {
  readonly name?: unknown;
  readonly description: string;
  readonly effects?: ToolEffects;
  readonly isOutside?: unknown;
  readonly parameters?: unknown;
  readonly inputSchema?: unknown;
  readonly execute: (args: unknown, context: unknown) => unknown;
}

/**
 * The tool that a user's file exports, ready for a model. Its effects are `external` unless it says otherwise. Rejects
 * with UsageError that names the file and says what is wrong with it.
 */
export async function loadCustomTool({ path, exportName, directory }: CustomToolReference): Promise<Tool> {
  const found = await loadModuleExport(path, exportName, { directory, accepts: looksLikeTool });
  const place = formatModulePath({ path, exportName });
  const tool = checkTool(found.value, place);
  const { inputSchema, parameters: given = inputSchema } = tool;
  const schema = await readParameters(given, { place, hint: SHAPE });
  const fallback = found.name === 'default' ? basename(path, extname(path)) : found.name;
  const { description } = tool;
  const parameters = schema.jsonSchema;
  const code = await digestSource(resolve(directory, path));
  const cacheFunction = readCacheFunction(tool, place);
  return {
    name: nameOf(tool, fallback, place),
    description,
    parameters,
    effects: tool.effects ?? 'external',
    digest: fingerprintOf({ code, exportName: found.name, description, parameters }),
    parseArguments: (value) => parseArguments(schema, value, { fillsDefaults: true }),
    ...(cacheFunction && { isCacheable: true, cacheFunction }),
    ...(tool.isOutside === true && { isOutside: true }),
    execute: async (args, context) => {
      const { log, signal } = context;
      try {
        const value = await outcome(tool.execute(args, contextFor(context)), signal);
        return { text: resultText(value), value };
      } catch (error) {
        const threwAt = isMistake(error) ? findThrowPlace(error, { path, directory }) : undefined;
        if (threwAt !== undefined && !signal.aborted) log(`failed at ${threwAt}`);
        throw errorOf(error);
      }
    },
  };
}

function looksLikeTool(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'execute' in value;
}

function checkTool(value: unknown, place: string): CustomTool {
  if (typeof value !== 'object' || value === null) {
    const what = typeof value === 'object' ? 'null' : `a ${typeof value}`;
    throw new UsageError(`${place} is not a tool: it is ${what}`, { hint: SHAPE });
  }
  const { description, execute, effects, needsApproval } = value as Record<string, unknown>;
  const missing = [
    ...(typeof description === 'string' && description.trim() !== '' ? [] : ['description']),
    ...('parameters' in value || 'inputSchema' in value ? [] : ['parameters']),
    ...(typeof execute === 'function' ? [] : ['execute']),
  ];
  if (missing.length > 0) {
    throw new UsageError(`${place} is not a tool: it has no ${missing.join(' and no ')}`, { hint: SHAPE });
  }
  if (effects !== undefined && !EFFECTS.includes(effects)) {
    throw new UsageError(`${place}: effects is ${JSON.stringify(effects)}`, {
      hint: `it is one of ${EFFECTS.join(', ')}`,
    });
  }
  if (needsApproval) {
    throw new UsageError(`${place}: needsApproval is not supported, the tool would run without being approved`);
  }
  return value as CustomTool;
}

function nameOf({ name }: CustomTool, fallback: string, place: string): string {
  const identifier = toIdentifier(typeof name === 'string' ? name : fallback);
  if (identifier === '') throw new UsageError(`${place}: the tool has no usable name`, { hint: 'give it a `name`' });
  return identifier;
}

/** What the tool is handed beside its arguments: our fields, and those that AI SDK tools expect. */
function contextFor(context: ToolContext): ToolContext & AiSdkToolOptions {
  // It is code of others: what it logs may be anything.
  const log = (line: unknown): void =>
    context.log(excerpt(typeof line === 'string' ? line : describeValue(line), LOG_CHARACTERS));
  return {
    ...context,
    log,
    abortSignal: context.signal,
    toolCallId: `${context.runId}/${context.stepPath}`,
    messages: [],
  };
}

/** What the AI SDK hands to its tools. */
interface AiSdkToolOptions {
  readonly abortSignal: AbortSignal;
  readonly toolCallId: string;
  readonly messages: readonly unknown[];
}

/** What the tool gives in the end: the last value of what gives several. */
async function outcome(given: unknown, signal: AbortSignal): Promise<unknown> {
  const value: unknown = await given;
  if (typeof value !== 'object' || value === null || !(Symbol.asyncIterator in value)) return value;
  let last: unknown;
  for await (const item of value as AsyncIterable<unknown>) {
    signal.throwIfAborted();
    last = item;
  }
  return last;
}
