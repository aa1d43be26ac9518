import type { z } from 'zod';
import type { ValuePath as Path } from '../util/format-path.js';
import { isJsonObject } from '../util/json.js';
import { agentSchema, type AgentFields } from './agent-schema.js';
import { checkFields } from './check-shape.js';
import { checkName, readEntries, readEntry, type Entry, type EntryKind } from './entries.js';
import { crewSchema, type CrewFields } from './schema.js';
import type { SourceTree } from './source-tree.js';
import { taskSchema, type TaskFields } from './task-schema.js';
import { kindWords } from './value-words.js';
import type { Variables } from './variables.js';

const AGENT: EntryKind<typeof agentSchema> = {
  level: 'agent',
  schema: agentSchema,
  settings: ['llm', 'tools'],
  textSettings: [],
};
const TASK: EntryKind<typeof taskSchema> = {
  level: 'task',
  schema: taskSchema,
  settings: ['tools', 'output_file'],
  textSettings: ['output_json', 'output_pydantic'],
};

/** A definition after the first pass: each part has the right shape or is left out. */
export interface CrewShape {
  readonly crew: Partial<Omit<CrewFields, 'agents' | 'tasks' | 'manager_agent'>>;
  /** The top keys that are written, sound or not. */
  readonly given: ReadonlySet<string>;
  /** The names under `models`, sound or not. */
  readonly modelNames: readonly string[];
  readonly agents: readonly Entry<AgentFields>[];
  readonly tasks: readonly Entry<TaskFields>[];
  readonly manager: ManagerShape | undefined;
}

/** `manager_agent`: an agent of its own, or a text that names no file and so perhaps an agent. */
export type ManagerShape =
  { readonly kind: 'agent'; readonly entry: Entry<AgentFields> } | { readonly kind: 'name'; readonly name: string };

/** The first pass: includes files, puts variables into settings and checks shapes. */
export async function readShape(
  root: Readonly<Record<string, unknown>>,
  tree: SourceTree,
  variables: Variables,
): Promise<CrewShape> {
  const { report } = tree;
  const options = { report, variables };
  const { models } = root;
  const expanded = isJsonObject(models) ? variables.expandFields(models, Object.keys(models), ['models']) : models;
  const top = {
    ...variables.expandFields(root, ['manager_llm'], []),
    ...(expanded !== undefined && { models: expanded }),
  };
  const { fields, given, meant } = checkFields(crewSchema, top, [], report, {
    level: 'crew',
    skip: ['agents', 'tasks', 'manager_agent'],
  });
  const modelNames = isJsonObject(models) ? Object.keys(models) : [];
  for (const name of modelNames) checkName(name, ['models', name], 'model', report);

  const readList = async <S extends z.ZodObject>(key: 'agents' | 'tasks', kind: EntryKind<S>) => {
    if (!Object.hasOwn(root, key)) {
      if (!meant.has(key))
        report.error([], `${key} is missing`, { hint: crewSchema.shape[key].description, target: 'key' });
      return [];
    }
    const value = typeof root[key] === 'string' ? await includeFile(root[key], [key], tree, variables) : root[key];
    return value === undefined ? [] : readEntries(value, [key], kind, options);
  };
  const agents = await readList('agents', AGENT);
  const tasks = await readList('tasks', TASK);
  const manager = Object.hasOwn(root, 'manager_agent')
    ? await readManager(root['manager_agent'], tree, variables)
    : undefined;
  return { crew: fields, given, modelNames, agents, tasks, manager };
}

async function readManager(
  written: unknown,
  tree: SourceTree,
  variables: Variables,
): Promise<ManagerShape | undefined> {
  const path: Path = ['manager_agent'];
  const { report } = tree;
  let value = written;
  if (typeof written === 'string') {
    const name = written.trim();
    if (!/[/\\]|\.(ya?ml|json)$/i.test(name)) return { kind: 'name', name };
    value = await includeFile(written, path, tree, variables);
    if (value === undefined) return undefined;
  }
  if (!isJsonObject(value)) {
    const wanted = 'a map with role, goal and backstory, or the path of a file with one';
    report.error(path, `must be ${wanted}, not ${kindWords(value)}`, { target: 'key' });
    return undefined;
  }
  const entry = readEntry('manager', value, path, AGENT, { report, variables });
  return entry && { kind: 'agent', entry: { ...entry, key: entry.fields.name?.trim() ?? 'manager' } };
}

function includeFile(written: string, path: Path, tree: SourceTree, variables: Variables): Promise<unknown> {
  const before = tree.report.errorCount;
  const file = String(variables.expand(written, path)).trim();
  if (tree.report.errorCount > before) return Promise.resolve(undefined);
  return tree.include(path, file, (value) => findWrapped(value, String(path[0])));
}

/** The path inside a file where the wanted part stands: at its top, under its own key, or under the only key of an agent's file. */
function findWrapped(value: unknown, key: string): Path {
  if (!isJsonObject(value)) return [];
  if (isJsonObject(value[key]) || Array.isArray(value[key])) return [key];
  const [only, ...others] = Object.keys(value);
  const isNamed = key === 'manager_agent' && only !== undefined && others.length === 0 && isJsonObject(value[only]);
  return isNamed ? [only] : [];
}
