import type { ValuePath as Path } from '../util/format-path.js';
import { canonicalJson } from '../util/fingerprint.js';
import { suggest, suggestHint } from '../util/suggest.js';
import { checkFields } from './check-shape.js';
import { checkFile, isModulePath, parseModulePath, type PathOptions } from './code-files.js';
import { CREWAI_TOOLS, REFUSED_CREWAI_TOOLS } from './crewai-tools.js';
import { resolveBuiltinTool } from './resolve-builtin-tool.js';
import { resolveCommandTool } from './resolve-command-tool.js';
import { isForOne, isMcpPath, resolveMcpOptions, resolveMcpTool } from './resolve-mcp-tool.js';
import type { McpServerShape } from './resolve-mcp-servers.js';
import { toToolOptions } from './tool-options.js';
import type { ToolValue } from './tool-schema.js';
import { isBuiltinTool, TOOL_SETTINGS, toKnownTool, toolOptionsSchema } from './tool-settings.js';
import type { ToolReference } from './tool-types.js';

/** A tool that an agent or task has, and where it is written: there, and where it is named at the top. */
export interface UsedTool {
  readonly reference: ToolReference;
  readonly paths: readonly Path[];
}

export interface ToolResolver {
  /** The tools of an agent or task; what is wrong with one is reported, and it is left out. */
  resolve(values: readonly ToolValue[], path: Path): ToolReference[];
  /** Those under the top `tools`, by name. */
  readonly named: Readonly<Record<string, ToolReference>>;
  /** Every tool that `resolve` gave. */
  readonly used: readonly UsedTool[];
}

export interface ToolResolverOptions extends PathOptions {
  /** What stands under the top `tools` and has the right shape. */
  readonly tools: Readonly<Record<string, ToolValue>>;
  /** All names there, sound or not. */
  readonly toolNames: readonly string[];
  /** Those there that are resolved already. */
  readonly known?: Readonly<Record<string, ToolReference>>;
  readonly servers: McpServerShape;
}

type Fields = Readonly<Record<string, unknown>>;

interface WrittenTool {
  /** What `use` or the text says, trimmed. */
  readonly label: string;
  /** What else the map says. */
  readonly written: Fields;
  readonly path: Path;
  /** Where the name stands. */
  readonly namePath: Path;
  /** Its name, where it stands under the top `tools`. */
  readonly key?: string;
}

/** Resolves what definitions say of tools. Those at the top are checked at once, used or not. */
export function createToolResolver(options: ToolResolverOptions): ToolResolver {
  const { tools, toolNames, known } = options;
  const named: Record<string, ToolReference> = { ...known };
  const used: UsedTool[] = [];

  for (const [key, value] of Object.entries(tools)) {
    const reference = resolveNamed(key, value, options);
    if (reference) named[key] = reference;
  }

  const resolveUse = (value: ToolValue, path: Path): UsedTool | undefined => {
    const tool = readTool(value, path, undefined, options);
    if (tool === undefined || 'reference' in tool) return tool && { reference: tool.reference, paths: [path] };
    if (!toolNames.includes(tool.label)) {
      const reference = resolveWritten(tool, options);
      return reference && { reference, paths: [path] };
    }
    const base = named[tool.label];
    if (!base) return undefined;
    return { reference: overlay(base, tool, options), paths: [path, ['tools', tool.label]] };
  };

  return {
    named,
    used,
    resolve: (values, path) => {
      const found = values.flatMap((value, index) => resolveUse(value, [...path, index]) ?? []);
      used.push(...found);
      reportSameNames(found, options);
      return found.map(({ reference }) => reference);
    },
  };
}

/** Two tools of one list need two names. Names that only the code of a file or an MCP server tells are looked at later. */
function reportSameNames(found: readonly UsedTool[], { report }: ToolResolverOptions): void {
  const byName = new Map<string, string>();
  for (const { reference, paths } of found) {
    const { label: _, ...tool } = reference;
    const name = tool.options.name ?? (tool.kind === 'builtin' || tool.kind === 'command' ? tool.name : undefined);
    if (name === undefined) continue;
    const written = canonicalJson(tool);
    if ((byName.get(name) ?? written) !== written) {
      const example = tool.kind === 'command' ? '' : `: { use: ${reference.label}, name: other_${name} }`;
      const hint = `give one of them a name of its own${example}`;
      report.error(paths[0] ?? [], `there are two tools called "${name}" here`, { hint });
    }
    byName.set(name, written);
  }
}

/** A tool as it is written; the tool itself where it is a program. Undefined, and reported, where it is none. */
function readTool(
  value: ToolValue,
  path: Path,
  key: string | undefined,
  options: ToolResolverOptions,
): WrittenTool | { readonly reference: ToolReference } | undefined {
  if (typeof value === 'string') return { label: value.trim(), written: {}, path, namePath: path, ...(key && { key }) };
  const { use: given, ...written } = value;
  const { report } = options;
  const isOwnName = key !== undefined && (isBuiltinTool(key) || Object.hasOwn(CREWAI_TOOLS, key));
  if (given === undefined && written['command'] !== undefined) {
    const reference = resolveCommandTool(written, path, { ...options, key });
    return reference && { reference };
  }
  const use = given ?? (isOwnName ? key : undefined);
  if (typeof use === 'string' && use.trim() !== '') {
    const namePath = given === undefined ? path : [...path, 'use'];
    return { label: use.trim(), written, path, namePath, ...(key && { key }) };
  }
  if (Object.hasOwn(value, 'use'))
    report.error([...path, 'use'], 'must be the name of a tool, ./file.ts#export or mcp:server/tool');
  else {
    const hint = 'write use: read_file, or command: [python3, tools/x.py] for a program';
    report.error(path, 'use is missing', { hint, target: 'key' });
  }
  return undefined;
}

/** A tool that stands under the top `tools`: models see it by its key. */
function resolveNamed(key: string, value: ToolValue, options: ToolResolverOptions): ToolReference | undefined {
  const { report } = options;
  const path = ['tools', key];
  if (!/^[\w-]{1,64}$/.test(key)) {
    report.error(path, 'the name of a tool must be letters, digits, "_" and "-", at most 64', { target: 'key' });
  }
  const tool = readTool(typeof value === 'string' ? value : withoutName(value), path, key, options);
  if (typeof value !== 'string' && value['name'] !== undefined) {
    report.error([...path, 'name'], `the name of this tool is its key, ${key}`, { hint: 'remove `name`' });
  }
  if (tool === undefined) return undefined;
  const reference = 'reference' in tool ? tool.reference : resolveWritten(tool, options);
  if (!reference) return undefined;
  const hasOwnName =
    (reference.kind === 'builtin' && reference.name === key) ||
    reference.kind === 'command' ||
    (reference.kind === 'mcp' && !isForOne(reference.pattern));
  return { ...reference, label: key, options: { ...reference.options, ...(!hasOwnName && { name: key }) } };
}

function withoutName({ name: _, ...more }: Fields): Fields {
  return more;
}

function resolveWritten(tool: WrittenTool, options: ToolResolverOptions): ToolReference | undefined {
  const { label, written, path, namePath } = tool;
  const { report } = options;
  if (/\.py(?:#|$)/.test(label)) {
    const hint = `write { name: …, description: …, parameters: { … }, command: [python3, ${label.replace(/#.*$/, '')}] }`;
    report.error(namePath, 'a tool in Python is a program: it reads JSON from stdin and prints its result', { hint });
    return undefined;
  }
  if (isMcpPath(label)) return resolveMcpTool({ label, written }, { path, namePath }, options);
  if (isModulePath(label)) {
    const { fields } = checkFields(toolOptionsSchema, written, path, report);
    const module = parseModulePath(label);
    const reference = { kind: 'module', ...module, options: toToolOptions(fields, path, options), label } as const;
    return checkFile(module.path, namePath, options) ? reference : undefined;
  }
  if (isBuiltinTool(label)) return resolveBuiltinTool({ name: label, written, label }, path, options);
  const alias = Object.hasOwn(CREWAI_TOOLS, label) ? CREWAI_TOOLS[label] : undefined;
  if (alias) {
    const { use, settings = {}, name } = alias;
    const base = { settings, options: name === undefined ? {} : { name } };
    return resolveBuiltinTool({ name: use, written, base, label }, path, options);
  }
  reportUnknown(tool, options);
  return undefined;
}

/** A tool of the top `tools` with what an agent or task says of it more. */
function overlay(base: ToolReference, { written, path }: WrittenTool, options: ToolResolverOptions): ToolReference {
  if (Object.keys(written).length === 0) return base;
  if (base.kind === 'builtin') {
    const { name } = toKnownTool(base);
    return resolveBuiltinTool({ name, written, base, label: base.label }, path, options);
  }
  const more =
    base.kind === 'mcp'
      ? resolveMcpOptions({ label: base.label, pattern: base.pattern, written }, path, options)
      : toToolOptions(checkFields(toolOptionsSchema, written, path, options.report).fields, path, options);
  return { ...base, options: { ...base.options, ...more } };
}

function reportUnknown({ label, namePath, key }: WrittenTool, { report, toolNames }: ToolResolverOptions): void {
  const refused = Object.hasOwn(REFUSED_CREWAI_TOOLS, label) ? REFUSED_CREWAI_TOOLS[label] : undefined;
  if (refused) {
    report.error(namePath, `${label} is not supported: ${refused.reason}`, { hint: refused.hint });
  } else if (key !== undefined && toolNames.includes(label)) {
    const hint = 'under tools, `use` names a built-in tool, a file or an MCP tool';
    report.error(namePath, `"${label}" is another tool of this map`, { hint });
  } else {
    const own = [...(key === undefined ? toolNames : []), ...Object.keys(TOOL_SETTINGS)];
    const hint =
      suggestHint(label, own) ??
      suggestClass(label) ??
      '`crew tools` lists what there is; your own are written ./file.ts#export';
    report.error(namePath, `there is no tool "${label}"`, { hint });
  }
}

/** For a name that may be a class of crewAI: the class that was meant, or what does the work of one that is not here. */
function suggestClass(label: string): string | undefined {
  if (!/^[A-Z]/.test(label)) return undefined;
  // Nearly all of them end alike, which says nothing of what they do.
  const shorten = (name: string): string => name.replace(/(?:Search)?Tool(?:\(\))?$/, '');
  const meant = suggest(shorten(label), Object.keys(CREWAI_TOOLS).map(shorten));
  const name = Object.keys(CREWAI_TOOLS).find((candidate) => shorten(candidate) === meant);
  if (name !== undefined) return `did you mean "${name}"?`;
  if (!label.endsWith('Tool')) return undefined;
  return 'name an MCP server that does it, mcp:server/tool, or write a tool of your own, ./file.ts#export';
}
