import { loadOutputSchema, type OutputSchema } from '../definition/output-schema.js';
import type { CrewDefinition } from '../definition/types.js';
import { UsageError } from '../errors.js';
import { loadTools } from '../tools/load-tools.js';
import type { Tool } from '../tools/tool.js';
import { resolveOutputFile } from '../util/output-path.js';
import { DELEGATION_TOOLS } from './delegation.js';
import type { RunContext } from './run-context.js';

/** What a run takes from files: tools by agent and task, output schemas by task. */
export type Materials = Pick<RunContext, 'agentTools' | 'taskTools' | 'outputSchemas'>;

export interface MaterialOptions {
  /** Absolute. */
  readonly workingDirectory: string;
  readonly allowOutside: boolean;
}

/**
 * Loads what has to be there before the first call, and checks what only shows once the inputs are put in: tools, output
 * schemas, places for output files, roles. Rejects with UsageError.
 */
export async function loadMaterials(definition: CrewDefinition, options: MaterialOptions): Promise<Materials> {
  const { workingDirectory, allowOutside } = options;
  checkRoles(definition);
  const directories = { workingDirectory, definitionDirectory: definition.source.directory };
  const agentTools = new Map<string, readonly Tool[]>();
  const taskTools = new Map<string, readonly Tool[]>();
  const outputSchemas = new Map<string, OutputSchema>();
  for (const { key, tools } of [...definition.agents, ...(definition.manager ? [definition.manager] : [])]) {
    if (tools.length > 0) agentTools.set(key, await loadTools(tools, directories));
  }
  const outputFiles = new Map<string, string>([[definition.source.path, 'the definition itself']]);
  for (const { key, tools, output, outputFile } of definition.tasks) {
    if (tools.length > 0) taskTools.set(key, await loadTools(tools, directories));
    if (output) outputSchemas.set(key, await loadOutputSchema(output, definition.source));
    if (outputFile === undefined) continue;
    const path = await resolveOutputFile(outputFile, { workingDirectory, allowOutside });
    const taken = outputFiles.get(path);
    if (taken !== undefined) throw new UsageError(`the output file of task ${key}, ${outputFile}, is ${taken}`);
    outputFiles.set(path, `that of task ${key} too`);
  }
  checkToolNames(agentTools, taskTools);
  return { agentTools, taskTools, outputSchemas };
}

/** A tool must not silently stand in for another one: not for delegation, nor a task's for one of an agent. */
function checkToolNames(
  agentTools: ReadonlyMap<string, readonly Tool[]>,
  taskTools: ReadonlyMap<string, readonly Tool[]>,
): void {
  const ofAgents = new Map([...agentTools.values()].flat().map((tool) => [tool.name, tool]));
  for (const tool of [...ofAgents.values(), ...[...taskTools.values()].flat()]) {
    if ((DELEGATION_TOOLS as readonly string[]).includes(tool.name)) {
      throw new UsageError(`a tool must not be named ${tool.name}`, {
        hint: 'agents delegate with the tool of that name',
      });
    }
    const other = ofAgents.get(tool.name);
    if (other !== undefined && other.description !== tool.description) {
      throw new UsageError(`two different tools are named ${tool.name}`, {
        hint: 'export one of them under another name',
      });
    }
  }
}

/** Delegation is by role: with the inputs put in, each has to be there once. */
function checkRoles({ agents, manager }: CrewDefinition): void {
  const taken = new Map<string, string>();
  for (const { key, role } of manager ? [...agents, manager] : agents) {
    const name = role.trim().toLowerCase();
    if (name === '') throw new UsageError(`the role of agent ${key} is empty once the inputs are put in`);
    const other = taken.get(name);
    if (other !== undefined)
      throw new UsageError(`agents ${other} and ${key} have the same role "${role}" once the inputs are put in`);
    taken.set(name, key);
  }
}
