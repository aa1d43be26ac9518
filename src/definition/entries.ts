import type { z } from 'zod';
import type { ValuePath as Path } from '../util/format-path.js';
import { isJsonObject } from '../util/json.js';
import { checkFields } from './check-shape.js';
import { mergeConfig } from './config.js';
import { NAME_PATTERN, NAME_WORDS } from './field-schemas.js';
import { rebasePaths } from './rebase-paths.js';
import type { Report } from './report.js';
import type { SourceTree } from './source-tree.js';
import type { Level } from './unsupported-keys.js';
import { kindWords } from './value-words.js';
import type { Variables } from './variables.js';

/** An agent or a task as far as it is sound. */
export interface Entry<Fields> {
  /** Its name: the key in a map, `name` in a list. */
  readonly key: string;
  readonly path: Path;
  readonly fields: Partial<Fields>;
  /** The names of the fields it was given, sound or not. */
  readonly given: ReadonlySet<string>;
}

export interface EntryKind<S extends z.ZodObject> {
  readonly level: Exclude<Level, 'crew'>;
  readonly schema: S;
  /** Fields in which environment variables are put. */
  readonly settings: readonly string[];
  /** The same, where the field is a text. */
  readonly textSettings: readonly string[];
}

export interface EntryOptions<Fields = unknown> {
  readonly tree: SourceTree;
  readonly variables: Variables;
  /** Leads from the definition's folder to the file's own, for the paths in it. Default: the same folder. */
  readonly folder?: string;
  /** Finds the entry that a text in a list means. Default: a text is wrong. */
  readonly findNamed?: (name: string, path: Path) => Promise<Entry<Fields>>;
}

/** The agents or tasks under `path`, in file order. What is wrong is reported; what has no name is left out. */
export async function readEntries<S extends z.ZodObject>(
  value: unknown,
  path: Path,
  kind: EntryKind<S>,
  options: EntryOptions<z.output<S>>,
): Promise<Entry<z.output<S>>[]> {
  const { report } = options.tree;
  const { level } = kind;
  const entries: Entry<z.output<S>>[] = [];
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      const at = [...path, index];
      const name = typeof item === 'string' && options.findNamed ? item.trim() : undefined;
      if (entries.some(({ key }) => key === name)) {
        report.error(at, `"${name}" is in the list already`);
        continue;
      }
      const entry = name === undefined ? readItem(item, at, kind, options) : await options.findNamed?.(name, at);
      if (!entry) continue;
      if (entries.some(({ key }) => key === entry.key)) {
        report.error([...at, 'name'], `another ${level} is called "${entry.key}" already`);
      } else entries.push(entry);
    }
  } else if (isJsonObject(value)) {
    for (const [key, item] of Object.entries(value)) {
      checkName(key, [...path, key], level, report);
      const entry = readEntry(key, item, [...path, key], kind, options);
      if (!entry) continue;
      const { name } = entry.fields as { readonly name?: string };
      if (name !== undefined && name.trim() !== key) {
        report.error([...entry.path, 'name'], `the name of this ${level} is its key, ${key}`, {
          hint: 'remove `name`',
        });
      }
      entries.push(entry);
    }
  } else {
    const wanted = `must be a map of ${level}s`;
    const message = value === null ? `has no value; it ${wanted}` : `${wanted}, not ${kindWords(value)}`;
    report.error(path, message, { target: 'key' });
    return [];
  }
  if (Object.keys(value).length === 0) report.error(path, `a crew needs at least one ${level}`, { target: 'key' });
  return entries;
}

/** One agent or task, checked. Undefined, and reported, where it is not a map. */
export function readEntry<S extends z.ZodObject>(
  key: string,
  value: unknown,
  path: Path,
  { level, schema, settings, textSettings }: EntryKind<S>,
  { tree, variables, folder = '' }: EntryOptions,
): Entry<z.output<S>> | undefined {
  const { report } = tree;
  if (!isJsonObject(value)) {
    const wanted = level === 'agent' ? 'role, goal and backstory' : 'description and expected_output';
    report.error(path, `must be a map with ${wanted}, not ${kindWords(value)}`, { target: 'key' });
    return undefined;
  }
  const written = withoutNulls(rebasePaths(mergeConfig(value, path, level, tree), folder), path, tree);
  const texts = textSettings.filter((name) => typeof written[name] === 'string');
  const expanded = variables.expandFields(written, [...settings, ...texts], path);
  const { fields, given } = checkFields(schema, expanded, path, report, { level });
  return { key, path, fields, given };
}

/** The map without the keys that are written to have nothing, as programs do. A key with nothing after it stays. */
export function withoutNulls(
  map: Readonly<Record<string, unknown>>,
  path: Path,
  tree: SourceTree,
): Readonly<Record<string, unknown>> {
  const isNothing = (key: string): boolean => map[key] === null && !tree.isEmpty([...path, key]);
  return Object.fromEntries(Object.entries(map).filter(([key]) => !isNothing(key)));
}

function readItem<S extends z.ZodObject>(
  value: unknown,
  path: Path,
  kind: EntryKind<S>,
  options: EntryOptions,
): Entry<z.output<S>> | undefined {
  const entry = readEntry('', value, path, kind, options);
  if (!entry) return undefined;
  const { name } = value as { readonly name?: unknown };
  if (typeof name === 'string') return { ...entry, key: name.trim() };
  if (!entry.given.has('name')) {
    options.tree.report.error(path, 'name is missing', { hint: `in a list each ${kind.level} needs a name` });
  }
  return undefined;
}

/** Reports a key that cannot be a name. */
export function checkName(key: string, path: Path, what: string, report: Report): void {
  if (NAME_PATTERN.test(key)) return;
  report.error(path, `the name of a ${what} must be ${NAME_WORDS}`.replace('a a', 'an a'), { target: 'key' });
}
