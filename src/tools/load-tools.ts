import { resolve } from 'node:path';
import type { ToolReference } from '../definition/types.js';
import { CrewError, messageOf, UsageError } from '../errors.js';
import { suggestHint } from '../util/suggest.js';
import { createBuiltinTool } from './builtin-tool.js';
import { loadCustomTool } from './custom-tool.js';
import { TOOLS } from './registry.js';
import type { Tool } from './tool.js';

export interface LoadToolsOptions {
  /** Absolute; where tools work on files. */
  readonly workingDirectory: string;
  /** Absolute; where paths of tool files start. */
  readonly definitionDirectory: string;
}

/**
 * The tools that the references name, in their order, each once however often it is named. Loads every one before it
 * rejects, with UsageError: nothing was run, and the message names each tool that is wrong. Two different tools of one
 * name are an error too.
 */
export async function loadTools(references: readonly ToolReference[], options: LoadToolsOptions): Promise<Tool[]> {
  const different = [...new Map(references.map((reference) => [keyOf(reference, options), reference])).values()];
  const outcomes = await Promise.allSettled(different.map((reference) => loadTool(reference, options)));
  const failures = outcomes.filter((outcome) => outcome.status === 'rejected').map(({ reason }) => reason as unknown);
  if (failures.length > 0) throw joinFailures(failures);
  const tools = outcomes.filter((outcome) => outcome.status === 'fulfilled').map(({ value }) => value);
  checkNames(tools, different);
  return tools;
}

async function loadTool(reference: ToolReference, options: LoadToolsOptions): Promise<Tool> {
  if (reference.kind === 'module') {
    const { path, exportName } = reference;
    return loadCustomTool({ path, exportName, directory: options.definitionDirectory });
  }
  const { name, settings } = reference;
  const builtin = Object.hasOwn(TOOLS, name) ? TOOLS[name as keyof typeof TOOLS] : undefined;
  if (!builtin) {
    const names = Object.keys(TOOLS);
    throw new UsageError(`there is no tool "${name}"`, {
      hint: suggestHint(name, names) ?? `there are ${names.join(', ')}`,
    });
  }
  return createBuiltinTool(name, builtin, { settings, environment: options });
}

function checkNames(tools: readonly Tool[], references: readonly ToolReference[]): void {
  const places = new Map<string, string>();
  tools.forEach(({ name }, index) => {
    const place = placeOf(references[index] as ToolReference);
    const other = places.get(name);
    if (other !== undefined) {
      throw new UsageError(`two tools are called "${name}": ${other} and ${place}`, {
        hint: Object.hasOwn(TOOLS, name) ? 'leave one of them out' : 'give one of them another `name`',
      });
    }
    places.set(name, place);
  });
}

/** One error for all: a foreign error among them is a bug and comes first. */
function joinFailures(failures: readonly unknown[]): unknown {
  const foreign = failures.find((failure) => !(failure instanceof CrewError));
  if (foreign !== undefined || failures.length === 1) return foreign ?? failures[0];
  const lines = failures.map((failure) => {
    const hint = failure instanceof CrewError && failure.hint !== undefined ? ` (${failure.hint})` : '';
    return `- ${messageOf(failure)}${hint}`;
  });
  return new UsageError(`${failures.length} tools cannot be loaded:\n${lines.join('\n')}`);
}

function placeOf(reference: ToolReference): string {
  if (reference.kind === 'builtin') return `${reference.name}${settingsOf(reference.settings)}`;
  return reference.exportName === undefined ? reference.path : `${reference.path}#${reference.exportName}`;
}

function settingsOf(settings: object): string {
  return Object.keys(settings).length === 0 ? '' : ` with ${JSON.stringify(settings)}`;
}

function keyOf(reference: ToolReference, { definitionDirectory }: LoadToolsOptions): string {
  return reference.kind === 'builtin'
    ? JSON.stringify([reference.name, reference.settings])
    : JSON.stringify([resolve(definitionDirectory, reference.path), reference.exportName ?? null]);
}
