import { everyoneIn } from '../definition/crew-agents.js';
import { loadOutputSchema, type OutputSchema } from '../definition/output-schema.js';
import type { AgentDefinition, CrewDefinition, TaskDefinition } from '../definition/types.js';
import { UsageError } from '../errors.js';
import type { Guardrail } from '../guardrails/guardrail.js';
import { loadGuardrails } from '../guardrails/registry.js';
import type { McpServers } from '../tools/mcp/servers.js';
import type { Tool } from '../tools/tool.js';
import type { Redactor } from '../util/redact.js';
import { loadCallbacks } from './callbacks.js';
import { loadConditions } from './conditions.js';
import { DELEGATION_TOOLS } from './delegation.js';
import { loadInputFiles } from './input-files.js';
import { checkOutputFiles } from './output-files.js';
import { checkPermissions } from './permissions.js';
import type { RunContext } from './run-context.js';

/** What a run takes from files: tools and guardrails by agent and task, output schemas, files and conditions by task, callbacks. */
export type Materials = Pick<
  RunContext,
  | 'agentTools'
  | 'taskTools'
  | 'outputSchemas'
  | 'inputFiles'
  | 'taskGuardrails'
  | 'agentGuardrails'
  | 'conditions'
  | 'callbacks'
>;

export interface MaterialOptions {
  /** Absolute. */
  readonly workingDirectory: string;
  readonly allowOutside: boolean;
  readonly redactor: Redactor;
  readonly mcpServers: McpServers;
  /** As in `ToolEnvironment`. */
  readonly ownFiles?: ReadonlySet<string>;
}

/**
 * Loads what has to be there before the first call, and checks what only shows once the inputs are put in: tools, guardrails,
 * output schemas, conditions, callbacks, places for output files, roles, rules for tools. Rejects with UsageError.
 */
export async function loadMaterials(definition: CrewDefinition, options: MaterialOptions): Promise<Materials> {
  const { workingDirectory, allowOutside } = options;
  checkRoles(definition);
  const { agentTools, taskTools } = await loadAllTools(definition, options);
  const outputSchemas = new Map<string, OutputSchema>();
  for (const { key, output } of definition.tasks) {
    if (output) outputSchemas.set(key, await loadOutputSchema(output, definition.source));
  }
  await checkOutputFiles(definition, { workingDirectory, allowOutside });
  checkToolNames(agentTools, taskTools);
  checkPermissions(definition.permissions, [...agentTools.values(), ...taskTools.values()].flat());
  const inputFiles = await loadInputFiles(definition, options);
  const conditions = await loadConditions(definition);
  const callbacks = await loadCallbacks(definition);
  const guardrails = await loadAllGuardrails(definition);
  return { agentTools, taskTools, outputSchemas, inputFiles, conditions, callbacks, ...guardrails };
}

/** The tools of everyone and of tasks, of those that have some. Servers of tools are connected to all at once. */
async function loadAllTools(
  definition: CrewDefinition,
  options: MaterialOptions,
): Promise<Pick<Materials, 'agentTools' | 'taskTools'>> {
  const { environment, source, tasks } = definition;
  const holders = [...everyoneIn(definition), ...tasks].filter(({ tools }) => tools.length > 0);
  if (holders.length === 0) return { agentTools: new Map(), taskTools: new Map() };
  const { loadToolLists } = await import('../tools/load-tools.js');
  const lists = new Map(holders.map((holder) => [holder, holder.tools]));
  const directories = { definitionDirectory: source.directory, reservedNames: DELEGATION_TOOLS };
  const loaded = await loadToolLists<AgentDefinition | TaskDefinition>(lists, {
    ...options,
    environment,
    ...directories,
  });
  const toolsOf = (some: readonly (AgentDefinition | TaskDefinition)[]): Map<string, readonly Tool[]> =>
    new Map(some.flatMap((holder) => (loaded.has(holder) ? [[holder.key, loaded.get(holder) ?? []]] : [])));
  return { agentTools: toolsOf(everyoneIn(definition)), taskTools: toolsOf(tasks) };
}

async function loadAllGuardrails(
  definition: CrewDefinition,
): Promise<Pick<Materials, 'taskGuardrails' | 'agentGuardrails'>> {
  const { tasks, source, environment } = definition;
  const load = async (holders: readonly (AgentDefinition | TaskDefinition)[]) => {
    const loaded = new Map<string, readonly Guardrail[]>();
    for (const { key, guardrails } of holders) {
      if (guardrails.length === 0) continue;
      loaded.set(key, await loadGuardrails(guardrails, { definitionDirectory: source.directory, environment }));
    }
    return loaded;
  };
  return { taskGuardrails: await load(tasks), agentGuardrails: await load(everyoneIn(definition)) };
}

/** More tools than an agent is offered without a warning. */
const MANY_TOOLS = 100;

/** What to say of agents and tasks that have very many tools, as servers may offer. */
export function warnOfManyTools({ agentTools, taskTools }: Pick<Materials, 'agentTools' | 'taskTools'>): string[] {
  const warningsOf = (what: string, lists: ReadonlyMap<string, readonly Tool[]>): string[] =>
    [...lists].flatMap(([key, { length }]) => {
      if (length <= MANY_TOOLS) return [];
      const why = 'every model call pays for them, and few models choose well among so many';
      return [`${what} ${key} has ${length} tools: ${why}. Name those that are needed.`];
    });
  return [...warningsOf('agent', agentTools), ...warningsOf('task', taskTools)];
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
function checkRoles(definition: CrewDefinition): void {
  const taken = new Map<string, string>();
  for (const { key, role } of everyoneIn(definition)) {
    const name = role.trim().toLowerCase();
    if (name === '') throw new UsageError(`the role of agent ${key} is empty once the inputs are put in`);
    const other = taken.get(name);
    if (other !== undefined)
      throw new UsageError(`agents ${other} and ${key} have the same role "${role}" once the inputs are put in`);
    taken.set(name, key);
  }
}
