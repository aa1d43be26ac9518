import { dirname, relative, resolve } from 'node:path';
import type { ValuePath as Path } from '../util/format-path.js';
import { isJsonObject } from '../util/json.js';
import { rebasePaths } from './rebase-paths.js';
import type { SourceTree } from './source-tree.js';
import { kindWords } from './value-words.js';
import type { Variables } from './variables.js';

type Fields = Readonly<Record<string, unknown>>;

/** One file of those that make a definition: the main file, or one that is extended. */
export interface Layer {
  readonly root: Fields;
  /** Where the file's values stand; empty for the main file. */
  readonly base: Path;
  /** Absolute; where the files that it names are looked for. */
  readonly directory: string;
  /** Leads from the main file's folder to its own; empty for the same folder. */
  readonly folder: string;
}

/** Maps whose entries are taken one by one. */
const MAPS: ReadonlySet<string> = new Set(['models', 'inputs', 'limits', 'tools', 'mcp_servers']);
/** What is a file's own, or is put together elsewhere. */
const NOT_INHERITED = new Set(['$schema', 'name', 'extends', 'config', 'agents', 'tasks', 'permissions']);

/** The files that a definition extends, each once, before those that extend it. What is wrong with one is reported. */
export async function readExtended(root: Fields, tree: SourceTree, variables: Variables): Promise<Layer[]> {
  const { report, directory } = tree;
  const layers: Layer[] = [];
  const known = new Set<string>();

  const collect = async (layer: Layer, trail: readonly string[]): Promise<void> => {
    for (const { file, path } of findExtends(layer, tree, variables)) {
      const absolute = resolve(layer.directory, file);
      const name = tree.show(absolute);
      if (trail.includes(name)) {
        const circle = [...trail.slice(trail.indexOf(name)), name].join(' → ');
        report.error(path, `files extend each other in a circle: ${circle}`);
        continue;
      }
      if (known.has(absolute)) continue;
      known.add(absolute);
      const included = { directory: layer.directory, mountAt: [name], shownPath: [] };
      const value = await tree.include(path, file, included);
      if (value === undefined) continue;
      if (!isJsonObject(value)) {
        report.error(path, `${file}: must hold a map with agents, models or settings, not ${kindWords(value)}`);
        continue;
      }
      const own = dirname(absolute);
      const folder = relative(directory, own);
      const next = { root: rebasePaths(value, folder), base: [name], directory: own, folder };
      await collect(next, [...trail, name]);
      layers.push(next);
    }
  };
  await collect(mainLayer(root, tree), [tree.show(tree.source().path)]);
  return layers;
}

/** The main file as a layer. */
export function mainLayer(root: Fields, { directory }: SourceTree): Layer {
  return { root, base: [], directory, folder: '' };
}

/** The settings of a definition: its own, then those of the files that it extends, later ones first. */
export function inheritFields(root: Fields, layers: readonly Layer[], tree: SourceTree): Fields {
  const inherited: Record<string, unknown> = {};
  for (const layer of layers) {
    for (const [key, value] of Object.entries(layer.root)) {
      if (NOT_INHERITED.has(key)) continue;
      const at = [...layer.base, key];
      if (!Object.hasOwn(root, key)) tree.alias([key], at);
      const known = inherited[key];
      if (!MAPS.has(key) || !isJsonObject(value)) {
        inherited[key] = key === 'manager_agent' && isJsonObject(value) ? rebasePaths(value, layer.folder) : value;
        continue;
      }
      inherited[key] = { ...(isJsonObject(known) && known), ...value };
      const own = root[key];
      for (const name of Object.keys(value)) {
        if (!isJsonObject(own) || !Object.hasOwn(own, name)) tree.alias([key, name], [...at, name]);
      }
    }
  }
  const merged = Object.entries(root).map(([key, own]) => {
    const below = inherited[key];
    return [key, MAPS.has(key) && isJsonObject(own) && isJsonObject(below) ? { ...below, ...own } : own];
  });
  return { ...inherited, ...Object.fromEntries(merged) };
}

function findExtends(
  { root, base }: Layer,
  { report }: SourceTree,
  variables: Variables,
): { readonly file: string; readonly path: Path }[] {
  const { extends: written } = root;
  if (written === undefined || written === null) return [];
  const path = [...base, 'extends'];
  const listed = Array.isArray(written)
    ? written.map((item: unknown, index) => ({ item, at: [...path, index] }))
    : [{ item: written, at: path }];
  return listed.flatMap(({ item, at }) => {
    if (typeof item !== 'string' || item.trim() === '') {
      report.error(at, `must be the path of a file, or a list of paths, not ${kindWords(item)}`);
      return [];
    }
    const expanded = variables.expand(item, at);
    return typeof expanded === 'string' ? [{ file: expanded.trim(), path: at }] : [];
  });
}
