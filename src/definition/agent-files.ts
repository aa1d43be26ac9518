import { readdir } from 'node:fs/promises';
import { basename, extname, join, resolve } from 'node:path';
import type { ValuePath as Path } from '../util/format-path.js';
import { isJsonObject } from '../util/json.js';
import { suggestHint } from '../util/suggest.js';
import type { SourceTree } from './source-tree.js';

/** Where an agent that is only named has its file, beside the definition. */
const FOLDER = 'agents';
const ENDINGS = ['.jsonc', '.json', '.yaml', '.yml'];

/** True for what is a file's path, not an agent's name. */
export function isFilePath(text: string): boolean {
  return /[/\\]|\.(ya?ml|jsonc?)$/i.test(text);
}

/** The agent that a name or path in a list of agents means. */
export interface AgentFile {
  readonly name: string;
  /** Undefined, and reported, where the file cannot be used. */
  readonly value: unknown;
}

export interface AgentFileOptions {
  readonly tree: SourceTree;
  /** Absolute: where `agents/` is. */
  readonly directory: string;
  /** What problems call the place of the agent. */
  readonly shownPath: Path;
}

/** The file of an agent that is named at `path`: `agents/<name>.jsonc` and so on, or a path. Undefined where there is none. */
export async function readAgentFile(
  text: string,
  path: Path,
  { tree, directory, shownPath }: AgentFileOptions,
): Promise<AgentFile | undefined> {
  const isPath = isFilePath(text);
  const file = isPath ? text : await tree.findFile(candidatesFor(text), directory);
  if (file === undefined) return undefined;
  const name = isPath ? basename(text, extname(text)) : text;
  const value = await tree.include(path, file, { directory, shownPath, unwrap: (read) => findOnly(read) });
  return { name, value };
}

/** Reports a name that is neither a known agent nor that of a file. */
export async function reportNoAgent(
  name: string,
  path: Path,
  { tree, directory }: AgentFileOptions,
  known: readonly string[],
): Promise<void> {
  const files = await readdir(resolve(directory, FOLDER)).catch((): string[] => []);
  const names = files.filter((file) => ENDINGS.includes(extname(file))).map((file) => basename(file, extname(file)));
  const others = [...new Set([...known, ...names])];
  const hint = suggestHint(name, others) ?? (others.length > 0 ? `agents: ${others.join(', ')}` : undefined);
  const [first = '', ...more] = candidatesFor(name);
  const looked = [first, ...more.map((file) => extname(file))].join(', ');
  tree.report.error(path, `there is no agent "${name}", and no file ${looked}`, { hint });
}

function candidatesFor(name: string): string[] {
  return ENDINGS.map((ending) => join(FOLDER, `${name}${ending}`).replaceAll('\\', '/'));
}

/** The path inside an agent's file where it stands: at its top, or under the only key. */
export function findOnly(value: unknown): Path {
  if (!isJsonObject(value)) return [];
  const [only, ...others] = Object.keys(value);
  return only !== undefined && others.length === 0 && isJsonObject(value[only]) ? [only] : [];
}
