import type { ValuePath as Path } from '../util/format-path.js';
import { isJsonObject } from '../util/json.js';
import { findOnly, isFilePath, readAgentFile, reportNoAgent } from './agent-files.js';
import { agentSchema, type AgentFields } from './agent-schema.js';
import { readCrewConfig } from './config.js';
import { readEntries, readEntry, type Entry, type EntryKind } from './entries.js';
import type { Layer } from './extend.js';
import type { SourceTree } from './source-tree.js';
import { taskSchema, type TaskFields } from './task-schema.js';
import { kindWords } from './value-words.js';
import type { Variables } from './variables.js';

const AGENT: EntryKind<typeof agentSchema> = {
  level: 'agent',
  schema: agentSchema,
  settings: ['llm', 'guardrail_llm', 'function_calling_llm', 'tools'],
  textSettings: [],
};
const TASK: EntryKind<typeof taskSchema> = {
  level: 'task',
  schema: taskSchema,
  settings: ['guardrail_llm', 'tools', 'input_files', 'output_file'],
  textSettings: ['output_json', 'output_pydantic', 'response_model'],
};

/** `manager_agent`: an agent of its own, or a text that names no file and so perhaps an agent. */
export type ManagerShape =
  { readonly kind: 'agent'; readonly entry: Entry<AgentFields> } | { readonly kind: 'name'; readonly name: string };

export interface CrewParts {
  readonly agents: readonly Entry<AgentFields>[];
  readonly tasks: readonly Entry<TaskFields>[];
  readonly manager: ManagerShape | undefined;
}

/** Everyone in a crew whose fields are written: its agents, then its manager. */
export function agentEntries({ agents, manager }: Pick<CrewParts, 'agents' | 'manager'>): CrewParts['agents'] {
  return manager?.kind === 'agent' ? [...agents, manager.entry] : agents;
}

export interface PartOptions {
  readonly tree: SourceTree;
  readonly variables: Variables;
}

/**
 * The agents, tasks and manager of a definition: those of the files that it extends, and its own in their places. `layers`
 * are the files, the main one last; `manager` is what is written as `manager_agent`.
 */
export async function readParts(
  layers: readonly Layer[],
  { manager, isSequential }: { readonly manager: unknown; readonly isSequential: boolean },
  options: PartOptions,
): Promise<CrewParts> {
  const agents: AgentList = { all: [], isChosen: false };
  const below = layers.slice(0, -1);
  const main = layers.slice(-1);
  const shared = await readAgents(below, agents, options);
  const { all, isChosen } = await readAgents(main, shared, options);
  let tasks: readonly Entry<TaskFields>[] = [];
  for (const layer of layers) {
    const part = await findPart(layer, 'tasks', options);
    if (part) tasks = overlay(tasks, await readEntries(part.value, part.path, TASK, { ...options, ...layer }));
  }
  const inherited = new Set(shared.all);
  const managerName = typeof manager === 'string' ? manager.trim() : undefined;
  const isManager = (entry: Entry<AgentFields>): boolean => inherited.has(entry) && entry.key === managerName;
  const working = all.filter((entry) => !isManager(entry));
  return {
    agents: isChosen || !isSequential ? working : withoutIdle(working, inherited, tasks),
    tasks,
    manager: manager === undefined ? undefined : await readManager(manager, working, shared.all, options),
  };
}

interface AgentList {
  readonly all: readonly Entry<AgentFields>[];
  /** A list of names says who takes part; others that are inherited do not. */
  readonly isChosen: boolean;
}

async function readAgents(layers: readonly Layer[], start: AgentList, options: PartOptions): Promise<AgentList> {
  let { all, isChosen } = start;
  for (const layer of layers) {
    const part = await findPart(layer, 'agents', options);
    if (!part) continue;
    const known = all;
    const findNamed = (name: string, path: Path) => findAgent(name, path, layer, known, options);
    const own = await readEntries(part.value, part.path, AGENT, { ...options, ...layer, findNamed });
    isChosen = Array.isArray(part.value) && part.value.some((item) => typeof item === 'string');
    all = isChosen ? own : overlay(all, own);
  }
  return { all, isChosen };
}

/** The agent that a list names: an inherited one, else that of a file; one without fields where that is reported. */
async function findAgent(
  name: string,
  path: Path,
  layer: Layer,
  known: readonly Entry<AgentFields>[],
  options: PartOptions,
): Promise<Entry<AgentFields>> {
  const inherited = known.find(({ key }) => key === name);
  if (inherited) return inherited;
  const place = { tree: options.tree, directory: layer.directory, shownPath: path.slice(layer.base.length) };
  const file = await readAgentFile(name, path, place);
  const names = known.map(({ key }) => key);
  if (!file) await reportNoAgent(name, path, place, names);
  const entry =
    file?.value === undefined
      ? undefined
      : readEntry(file.name, file.value, path, AGENT, { ...options, folder: layer.folder });
  return entry ?? { key: name, path, fields: {}, given: new Set() };
}

/** What a file says of agents or tasks, and where: below its own key, in a file that the key names, or in its `config`. */
async function findPart(
  { root, base, directory }: Layer,
  key: 'agents' | 'tasks',
  { tree, variables }: PartOptions,
): Promise<{ readonly value: unknown; readonly path: Path } | undefined> {
  const path = [...base, key];
  const config = Object.hasOwn(root, 'config') ? readCrewConfig(root['config'], [...base, 'config'], tree.report) : {};
  const inConfig = [...base, 'config', key];
  if (!Object.hasOwn(root, key)) {
    return Object.hasOwn(config, key) ? { value: config[key], path: inConfig } : undefined;
  }
  if (Object.hasOwn(config, key)) {
    tree.report.error(inConfig, `the crew has ${key} beside its config already`, { target: 'key', hint: 'remove one' });
  }
  const written = root[key];
  if (typeof written !== 'string') return { value: written, path };
  const file = variables.expand(written, path);
  if (typeof file !== 'string') return undefined;
  const unwrap = (value: unknown): Path => findWrapped(value, key);
  const value = await tree.include(path, file.trim(), { directory, unwrap, shownPath: [key] });
  return value === undefined ? undefined : { value, path };
}

/** Entries over those below: one of a name that is there already takes its place. */
function overlay<Fields>(below: readonly Entry<Fields>[], above: readonly Entry<Fields>[]): Entry<Fields>[] {
  const byKey = new Map([...below, ...above].map((entry) => [entry.key, entry]));
  return [...byKey.values()];
}

/** The agents of a sequential crew without inherited ones that no task names and nobody can delegate to. */
function withoutIdle(
  agents: readonly Entry<AgentFields>[],
  inherited: ReadonlySet<Entry<AgentFields>>,
  tasks: readonly Entry<TaskFields>[],
): readonly Entry<AgentFields>[] {
  if (tasks.some(({ given }) => !given.has('agent'))) return agents;
  const named = new Set(tasks.map(({ fields }) => fields.agent?.trim()));
  const working = agents.filter((agent) => !inherited.has(agent) || named.has(agent.key));
  return working.some(({ fields }) => fields.allow_delegation) ? agents : working;
}

async function readManager(
  written: unknown,
  agents: readonly Entry<AgentFields>[],
  inherited: readonly Entry<AgentFields>[],
  options: PartOptions,
): Promise<ManagerShape | undefined> {
  const path: Path = ['manager_agent'];
  const { tree } = options;
  let value = written;
  if (typeof written === 'string') {
    const name = String(options.variables.expand(written, path)).trim();
    const entry = inherited.find(({ key }) => key === name);
    if (entry) return { kind: 'agent', entry };
    const isTwin = agents.some(({ key }) => key === name);
    const place = { tree, directory: tree.directory, shownPath: path };
    const file = isTwin ? undefined : await readManagerFile(name, path, place);
    if (!file) return { kind: 'name', name };
    if (file.value === undefined) return undefined;
    ({ value } = file);
  }
  if (!isJsonObject(value)) {
    const wanted = 'a map with role, goal and backstory, or the path of a file with one';
    tree.report.error(path, `must be ${wanted}, not ${kindWords(value)}`, { target: 'key' });
    return undefined;
  }
  const entry = readEntry('manager', value, path, AGENT, options);
  return entry && { kind: 'agent', entry: { ...entry, key: entry.fields.name?.trim() ?? 'manager' } };
}

async function readManagerFile(name: string, path: Path, place: Parameters<typeof readAgentFile>[2]) {
  if (!isFilePath(name)) return readAgentFile(name, path, place);
  const unwrap = (value: unknown): Path => {
    const wrapped = findWrapped(value, 'manager_agent');
    return wrapped.length > 0 ? wrapped : findOnly(value);
  };
  return { name, value: await place.tree.include(path, name, { unwrap }) };
}

/** The path inside a file where the wanted part stands: at its top, or under its own key. */
function findWrapped(value: unknown, key: string): Path {
  if (!isJsonObject(value)) return [];
  return isJsonObject(value[key]) || Array.isArray(value[key]) ? [key] : [];
}
