import { messageOf } from '../errors.js';
import type { ValuePath as Path } from '../util/format-path.js';
import { toIdentifier } from '../util/identifier.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../util/json.js';
import type { Report } from './report.js';
import type { SourceTree } from './source-tree.js';
import { reportUnknownKey } from './unknown-key.js';
import type { Level } from './unsupported-keys.js';
import { kindWords } from './value-words.js';

type Fields = Readonly<Record<string, unknown>>;

/** Where a map has fields that its own stand in for; crewAI's agent files call it settings. */
const CONFIG_KEYS: Readonly<Record<Exclude<Level, 'crew'>, readonly string[]>> = {
  agent: ['config', 'settings'],
  task: ['config'],
};

/** An agent or task with what stands under its `config` below its own fields. */
export function mergeConfig(map: Fields, path: Path, level: 'agent' | 'task', tree: SourceTree): Fields {
  let merged = map;
  for (const key of CONFIG_KEYS[level].filter((name) => Object.hasOwn(map, name))) {
    const { [key]: written, ...own } = merged;
    const config = readMap(written, [...path, key], tree.report) ?? {};
    for (const name of Object.keys(config)) {
      if (!Object.hasOwn(own, name)) tree.alias([...path, name], [...path, key, name]);
    }
    merged = { ...config, ...own };
  }
  return merged;
}

/**
 * The agents and tasks under the `config` of a crew. Where they are lists of crewAI's form, in which agents go by their role
 * and tasks have no name, they get names.
 */
export function readCrewConfig(written: unknown, path: Path, report: Report): Fields {
  const config = readMap(written, path, report) ?? {};
  const names = ['agents', 'tasks'];
  for (const [key, value] of Object.entries(config).filter(([name]) => !names.includes(name))) {
    reportUnknownKey({ key, value, names, path, level: undefined }, report);
  }
  const { agents, tasks } = config;
  const nameOf = (agent: JsonObject): JsonValue | undefined =>
    agent['name'] ?? (typeof agent['role'] === 'string' ? toIdentifier(agent['role'].trim().toLowerCase()) : undefined);
  const byRole = new Map(listOf(agents).map((agent) => [agent['role'], nameOf(agent)]));
  const named = mapItems(agents, (agent) => ({ ...agent, name: nameOf(agent) }));
  const toKey = (agent: unknown): unknown => byRole.get(agent as JsonValue) ?? agent;
  return {
    ...(agents !== undefined && { agents: named }),
    ...(tasks !== undefined && {
      tasks: mapItems(tasks, (task, index) => ({
        name: `task_${index + 1}`,
        ...task,
        ...(Object.hasOwn(task, 'agent') && { agent: toKey(task['agent']) }),
      })),
    }),
  };
}

/** A map, or a JSON text of one; undefined, and reported, for what is neither. */
function readMap(written: unknown, path: Path, report: Report): JsonObject | undefined {
  if (written === null || isJsonObject(written)) return written ?? undefined;
  const value = typeof written === 'string' ? parseJson(written, path, report) : { found: written };
  if (!value) return undefined;
  if (isJsonObject(value.found)) return value.found;
  report.error(path, `must be a map, or JSON of one, not ${kindWords(value.found)}`, { target: 'key' });
  return undefined;
}

function parseJson(text: string, path: Path, report: Report): { readonly found: unknown } | undefined {
  try {
    return { found: JSON.parse(text) as unknown };
  } catch (error) {
    // Newer versions of Node add line and column, which are those of the text alone.
    const reason = messageOf(error).replace(/ \(line .*/, '');
    report.error(path, `is no JSON: ${reason}`, { target: 'key' });
    return undefined;
  }
}

function listOf(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

function mapItems(value: unknown, change: (item: JsonObject, index: number) => Fields): unknown {
  return Array.isArray(value)
    ? value.map((item: unknown, index) => (isJsonObject(item) ? change(item, index) : item))
    : value;
}
