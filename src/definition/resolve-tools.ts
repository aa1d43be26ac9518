import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ValuePath as Path } from '../util/format-path.js';
import type { JsonObject } from '../util/json.js';
import { suggest, suggestHint } from '../util/suggest.js';
import { describeReadError } from './read-source.js';
import type { Report } from './report.js';
import { BUILTIN_TOOL_NAMES, BUILTIN_TOOL_SETTINGS, CREWAI_TOOL_NAMES, type BuiltinToolName } from './tool-names.js';
import type { ToolValue } from './tool-schema.js';
import type { ToolReference } from './types.js';

export interface PathOptions {
  /** The definition's folder, absolute. */
  readonly directory: string;
  readonly report: Report;
}

/** The tools of an agent or task; names and files that are not there are reported and left out. */
export function resolveTools(values: readonly ToolValue[], path: Path, options: PathOptions): ToolReference[] {
  return values.flatMap((value, index) => resolveTool(value, [...path, index], options) ?? []);
}

function resolveTool(value: ToolValue, path: Path, options: PathOptions): ToolReference | undefined {
  const { report } = options;
  const { use, ...settings } = typeof value === 'string' ? { use: value } : value;
  const name = use.trim();
  const namePath = typeof value === 'string' ? path : [...path, 'use'];
  if (isModulePath(name)) {
    const [setting] = Object.keys(settings);
    if (setting !== undefined) {
      report.error([...path, setting], 'a tool from a file takes no settings', { target: 'key' });
    }
    const module = parseModulePath(name);
    return checkFile(module.path, namePath, options) ? { kind: 'module', ...module } : undefined;
  }
  if (!isBuiltinName(name)) {
    report.error(namePath, ...unknownTool(name));
    return undefined;
  }
  const allowed = BUILTIN_TOOL_SETTINGS[name];
  for (const setting of Object.keys(settings).filter((key) => !allowed.includes(key))) {
    const all = allowed.length > 0 ? `settings of ${name}: ${allowed.join(', ')}` : `${name} takes none`;
    const hint = suggestHint(setting, allowed) ?? all;
    report.error([...path, setting], `${name} has no such setting`, { target: 'key', hint });
  }
  return { kind: 'builtin', name, settings: settings as JsonObject };
}

function unknownTool(name: string): [message: string, options: { hint: string }] {
  const listed = BUILTIN_TOOL_NAMES.join(', ');
  if (name.startsWith('mcp:')) {
    return ['MCP tools are not supported in this version', { hint: `tools: ${listed}, or ./file.ts#export` }];
  }
  const alias = Object.hasOwn(CREWAI_TOOL_NAMES, name) ? CREWAI_TOOL_NAMES[name] : suggest(name, BUILTIN_TOOL_NAMES);
  const hint = alias === undefined ? `tools: ${listed}, or ./file.ts#export` : `did you mean "${alias}"?`;
  return [`there is no tool "${name}"`, { hint }];
}

/** True for what names a file of code, not a tool. */
export function isModulePath(text: string): boolean {
  return /^\.{0,2}[/\\]|^[A-Za-z]:[/\\]/.test(text) || /\.[cm]?[jt]s(#|$)/.test(text);
}

/** `./file.ts#export` in its parts; without an export the default one is meant. */
export function parseModulePath(text: string): { readonly path: string; readonly exportName: string | undefined } {
  const hash = text.lastIndexOf('#');
  if (hash < 0) return { path: text, exportName: undefined };
  return { path: text.slice(0, hash), exportName: text.slice(hash + 1) || undefined };
}

/** True where the file is there; otherwise it is reported. */
export function checkFile(file: string, path: Path, { directory, report }: PathOptions): boolean {
  const trouble = findTrouble(resolve(directory, file));
  if (trouble === undefined) return true;
  report.error(path, `${file}: ${trouble}`, { hint: "paths start at the definition's folder" });
  return false;
}

function findTrouble(path: string): string | undefined {
  try {
    return statSync(path).isFile() ? undefined : 'this is not a file';
  } catch (error) {
    return describeReadError(error);
  }
}

function isBuiltinName(name: string): name is BuiltinToolName {
  return (BUILTIN_TOOL_NAMES as readonly string[]).includes(name);
}
