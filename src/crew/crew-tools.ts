import { everyoneIn, fieldOf } from '../definition/crew-agents.js';
import type { ToolReference } from '../definition/tool-types.js';
import type { CrewDefinition } from '../definition/types.js';
import { requireToolKeys } from '../definition/require-keys.js';
import { loadTools } from '../tools/load-tools.js';
import type { Tool } from '../tools/tool.js';
import { canonicalJson } from '../util/fingerprint.js';
import { orAbort } from '../util/or-abort.js';
import type { UseToolOptions } from './call-tool.js';
import { openServersOf } from './prepare-run.js';
import { withRunSignal } from './run-signal.js';
import { requireTrust } from './trust.js';

/** A tool as a definition names it, and who has it. */
export interface CrewTool {
  readonly reference: ToolReference;
  /** Places in the definition, such as `agents.writer`. */
  readonly holders: readonly string[];
}

/** A tool with what it is for models: several where it means several of an MCP server. */
export interface LoadedCrewTool extends CrewTool {
  readonly tools: readonly Tool[];
}

/** The tools that a definition names, each once, those at its top first. Loads and starts nothing. */
export function listCrewTools(definition: CrewDefinition): readonly CrewTool[] {
  const found = new Map<string, { reference: ToolReference; holders: string[] }>();
  const add = (reference: ToolReference): string[] => {
    const key = canonicalJson(reference);
    const known = found.get(key) ?? { reference, holders: [] };
    found.set(key, known);
    return known.holders;
  };
  for (const reference of Object.values(definition.namedTools)) add(reference);
  for (const agent of everyoneIn(definition)) {
    for (const reference of agent.tools) add(reference).push(fieldOf(agent, definition));
  }
  for (const { key, tools } of definition.tasks) for (const reference of tools) add(reference).push(`tasks.${key}`);
  return [...found.values()];
}

/**
 * The same with the tools themselves, where somebody has them: runs the code of the definition and connects to its servers,
 * which has to be trusted. Rejects with UsageError and DefinitionError.
 */
export async function loadCrewTools(
  definition: CrewDefinition,
  { place, signal: outer, trust, log }: UseToolOptions,
): Promise<readonly LoadedCrewTool[]> {
  await requireTrust(definition, trust, place);
  requireToolKeys(definition, { isOffline: true });
  const { environment, source } = definition;
  return withRunSignal(outer, async (control) => {
    const mcpServers = openServersOf(definition, control, log);
    const options = {
      workingDirectory: place.workingDirectory,
      environment,
      definitionDirectory: source.directory,
      mcpServers,
    };
    const loading = listCrewTools(definition).map(async (tool) => ({
      ...tool,
      tools: tool.holders.length > 0 ? await loadTools([tool.reference], options) : [],
    }));
    return orAbort(Promise.all(loading), control.signal);
  });
}
