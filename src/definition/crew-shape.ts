import { isJsonObject } from '../util/json.js';
import { checkFields } from './check-shape.js';
import { readParts, type CrewParts } from './crew-parts.js';
import { checkName, withoutNulls } from './entries.js';
import { inheritFields, mainLayer, readExtended, type Layer } from './extend.js';
import { permissionsSchema } from './permissions-schema.js';
import type { Report } from './report.js';
import type { WrittenPermissions } from './resolve-permissions.js';
import { crewSchema, type CrewFields } from './schema.js';
import type { SourceTree } from './source-tree.js';
import type { Variables } from './variables.js';

/** Fields in which environment variables are put. */
const SETTINGS = ['manager_llm', 'function_calling_llm', 'planning_llm', 'chat_llm', 'output_log_file'];
/** Fields that are put together from several files, and checked there. */
const ASSEMBLED = ['agents', 'tasks', 'manager_agent', 'extends', 'config', 'permissions'] as const;
/** Maps whose entries are settings. */
const SETTING_MAPS = ['models', 'tools', 'mcp_servers'] as const;

/** A definition after the first pass: each part has the right shape or is left out. */
export interface CrewShape extends CrewParts {
  readonly crew: Partial<Omit<CrewFields, (typeof ASSEMBLED)[number]>>;
  /** The top keys that are written, sound or not. */
  readonly given: ReadonlySet<string>;
  /** The names under `models`, sound or not. */
  readonly modelNames: readonly string[];
  /** The names under the top `tools`, sound or not. */
  readonly toolNames: readonly string[];
  /** The names under `mcp_servers`, sound or not. */
  readonly serverNames: readonly string[];
  /** Of all files, the extended ones first. */
  readonly permissions: readonly WrittenPermissions[];
}

/** The first pass: puts the files of the definition together, puts variables into settings and checks shapes. */
export async function readShape(
  root: Readonly<Record<string, unknown>>,
  tree: SourceTree,
  variables: Variables,
): Promise<CrewShape> {
  const { report } = tree;
  const before = report.errorCount;
  const extended = await readExtended(root, tree, variables);
  const isExtendedWhole = report.errorCount === before;
  const written = withoutNulls(inheritFields(root, extended, tree), [], tree);
  const expanded = SETTING_MAPS.flatMap((key) => {
    const map = written[key];
    return isJsonObject(map) ? [[key, variables.expandFields(map, Object.keys(map), [key])] as const] : [];
  });
  const top = { ...variables.expandFields(written, SETTINGS, []), ...Object.fromEntries(expanded) };
  const { fields, given, meant } = checkFields(crewSchema, top, [], report, { level: 'crew', skip: ASSEMBLED });
  if (fields.share_crew) {
    report.warn(['share_crew'], 'nothing of a crew is ever sent to anybody', { target: 'key', hint: 'remove it' });
  }
  const [modelNames, toolNames, serverNames] = SETTING_MAPS.map((key) => keysOf(written[key])) as [
    string[],
    string[],
    string[],
  ];
  for (const name of modelNames) checkName(name, ['models', name], 'model', report);
  for (const name of serverNames) checkName(name, ['mcp_servers', name], 'server', report);

  const layers = [...extended, mainLayer(withoutNulls(root, [], tree), tree)];
  const manager = Object.hasOwn(written, 'manager_agent') ? written['manager_agent'] : undefined;
  const isSequential = (fields.process ?? 'sequential') === 'sequential';
  const parts = await readParts(layers, { manager, isSequential }, { tree, variables });
  for (const key of ['agents', 'tasks'] as const) {
    const isWritten = layers.some((layer) => Object.hasOwn(layer.root, key) || Object.hasOwn(layer.root, 'config'));
    if (!isWritten && isExtendedWhole && !meant.has(key)) {
      report.error([], `${key} is missing`, { hint: crewSchema.shape[key].description, target: 'key' });
    }
  }
  const permissions = layers.flatMap((layer) => readPermissions(layer, report));
  return { crew: fields, given, modelNames, toolNames, serverNames, permissions, ...parts };
}

/** The rules that a file has; what is not sound is reported. */
function readPermissions({ root, base }: Layer, report: Report): WrittenPermissions[] {
  const written = root['permissions'];
  if (written === undefined) return [];
  const path = [...base, 'permissions'];
  if (isJsonObject(written)) return [{ path, lists: checkFields(permissionsSchema, written, path, report).fields }];
  report.error(path, 'must be a map with allow, ask or deny', { target: 'key' });
  return [];
}

function keysOf(value: unknown): string[] {
  return isJsonObject(value) ? Object.keys(value) : [];
}
