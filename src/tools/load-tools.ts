import { resolve } from 'node:path';
import { type BuiltinToolName, toKnownTool, type ToolSettings } from '../definition/tool-settings.js';
import type { ToolOptions, ToolReference } from '../definition/tool-types.js';
import { CrewError, messageOf, UsageError } from '../errors.js';
import { canonicalJson } from '../util/fingerprint.js';
import { createBuiltinTool, type ToolEnvironment } from './builtin-tool.js';
import { loadCustomTool } from './own/custom-tool.js';
import type { McpTool } from './mcp/mcp-tool.js';
import { nameMcpTools } from './mcp/name-tools.js';
import type { McpServers } from './mcp/servers.js';
import { TOOLS } from './registry.js';
import type { Tool } from './tool.js';
import { withOptions } from './with-options.js';

export interface LoadToolsOptions extends ToolEnvironment {
  /** Absolute; where paths of tool files start. */
  readonly definitionDirectory: string;
  readonly mcpServers: McpServers;
}

/** The tools that one list of references names, as `loadToolLists` gives them. */
export async function loadTools(references: readonly ToolReference[], options: LoadToolsOptions): Promise<Tool[]> {
  const lists = await loadToolLists(new Map([['tools', references]]), options);
  return lists.get('tools') ?? [];
}

/**
 * The tools that lists of references name: by list, in the order of the references, each once however often it is named; one
 * that several lists name is the same in all. Loads every one before it rejects, with UsageError: nothing was run, and the
 * message names each tool that is wrong. Two different tools of one name in a list are an error too; those of MCP servers
 * are given names that no other tool of any list has, nor one of `reservedNames`.
 */
export async function loadToolLists<List>(
  lists: ReadonlyMap<List, readonly ToolReference[]>,
  options: LoadToolsOptions & { readonly reservedNames?: readonly string[] },
): Promise<Map<List, Tool[]>> {
  const different = new Map([...lists.values()].flat().map((reference) => [keyOf(reference, options), reference]));
  const found = await loadAll([...different], async ([key, reference]): Promise<FoundTools> => {
    return { key, reference, tools: await loadFrom(reference, options) };
  });
  const named = withMcpNames(found, options.reservedNames ?? []);
  const ready = await loadAll(named, async ({ key, reference, tools }) => {
    const places = tools.map(async (tool) => ({
      reference,
      tool: await withOptions(tool, reference.options, options),
    }));
    return [key, await Promise.all(places)] as const;
  });
  const placed = new Map(ready);
  return new Map(
    [...lists].map(([list, references]) => {
      const keys = new Set(references.map((reference) => keyOf(reference, options)));
      return [list, uniqueTools([...keys].flatMap((key) => placed.get(key) ?? []))];
    }),
  );
}

/** What a reference names, before its options. */
interface FoundTools {
  readonly key: string;
  readonly reference: ToolReference;
  readonly tools: readonly (Tool | McpTool)[];
}

/** What `work` gives for each item. Waits for all before it rejects, with one error for all. */
async function loadAll<Item, Result>(items: readonly Item[], work: (item: Item) => Promise<Result>): Promise<Result[]> {
  const outcomes = await Promise.allSettled(items.map(work));
  const failures = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []));
  // Those of one server may all have failed for the same reason.
  if (failures.length > 0) throw joinFailures([...new Set(failures)]);
  return outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
}

/** Tools of MCP servers with names that are theirs alone, but where the definition names them. */
function withMcpNames(found: readonly FoundTools[], reserved: readonly string[]): readonly FoundTools[] {
  const isNamed = ({ name }: ToolOptions): boolean => name !== undefined;
  const all = found.flatMap(({ reference, tools }) => tools.map((tool) => ({ tool, options: reference.options })));
  const free = all.flatMap(({ tool, options }) => ('origin' in tool && !isNamed(options) ? [tool] : []));
  if (free.length === 0) return found;
  const others = all.flatMap(({ tool, options }) => {
    return 'origin' in tool && !isNamed(options) ? [] : [options.name ?? tool.name];
  });
  const names = nameMcpTools(free, [...others, ...reserved]);
  const rename = (tool: Tool): Tool => ({ ...tool, name: names.get(tool.id ?? '') ?? tool.name });
  return found.map((one) => (isNamed(one.reference.options) ? one : { ...one, tools: one.tools.map(rename) }));
}

async function loadFrom(reference: ToolReference, options: LoadToolsOptions): Promise<readonly (Tool | McpTool)[]> {
  switch (reference.kind) {
    case 'builtin':
      return [await loadBuiltin(toKnownTool(reference), options)];
    case 'module':
      return [await loadCustomTool({ ...reference, directory: options.definitionDirectory })];
    case 'command': {
      const { createCommandTool } = await import('./own/command-tool.js');
      return [await createCommandTool(reference, options)];
    }
    case 'mcp': {
      const tools = await options.mcpServers.toolsOf(reference.server, reference.pattern);
      const { effects } = reference.options;
      return effects === undefined ? tools : tools.map((tool) => tool.withEffects(effects));
    }
  }
}

async function loadBuiltin<Name extends BuiltinToolName>(
  { name, settings }: { readonly name: Name; readonly settings: ToolSettings[Name] },
  environment: ToolEnvironment,
): Promise<Tool> {
  return createBuiltinTool(name, await TOOLS[name](), { settings, environment });
}

/** A tool at the reference that names it. */
interface PlacedTool {
  readonly reference: ToolReference;
  readonly tool: Tool;
}

/** The tools of a list, each once. Throws UsageError where two of them have one name. */
function uniqueTools(placed: readonly PlacedTool[]): Tool[] {
  const byName = new Map<string, PlacedTool>();
  for (const next of placed) {
    const { tool, reference } = next;
    const other = byName.get(tool.name);
    const chosen = other ? choose(other, next) : next;
    if (!chosen) {
      throw new UsageError(`two tools are called "${tool.name}": ${other?.reference.label} and ${reference.label}`, {
        hint: 'give one of them another `name`, or leave it out',
      });
    }
    byName.set(tool.name, chosen);
  }
  return [...byName.values()].map(({ tool }) => tool);
}

/**
 * Which of two references to one MCP tool counts: the one that names it, not a pattern that matches it too; either where
 * they say the same of it. Undefined for two tools.
 */
function choose(one: PlacedTool, other: PlacedTool): PlacedTool | undefined {
  const [a, b] = [one.reference, other.reference];
  if (a.kind !== 'mcp' || b.kind !== 'mcp' || one.tool.id !== other.tool.id) return undefined;
  const isPattern = ({ pattern }: { readonly pattern: string }): boolean => pattern.includes('*');
  if (isPattern(a) !== isPattern(b)) return isPattern(a) ? other : one;
  return canonicalJson(a.options) === canonicalJson(b.options) ? one : undefined;
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

function keyOf({ label: _, ...reference }: ToolReference, { definitionDirectory }: LoadToolsOptions): string {
  return JSON.stringify(
    reference.kind === 'module' ? { ...reference, path: resolve(definitionDirectory, reference.path) } : reference,
  );
}
