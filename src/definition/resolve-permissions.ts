import type { ValuePath as Path } from '../util/format-path.js';
import { suggestHint } from '../util/suggest.js';
import { matchesWildcard } from '../util/wildcard.js';
import type { PermissionLists } from './permissions-schema.js';
import type { Report } from './report.js';
import type { ToolResolver } from './resolve-tools.js';
import { TOOL_SETTINGS } from './tool-settings.js';
import type { PermissionRule, Permissions, ToolReference } from './tool-types.js';

/** The rules of one file of the definition, and where they stand. */
export interface WrittenPermissions {
  readonly path: Path;
  readonly lists: Partial<PermissionLists>;
}

const RULE = /^([^\s()=]+)(?:\(\s*([\w-]+)\s*=\s*(.*\S)\s*\))?$/s;
/** Tools that a run itself gives to its agents. */
const TOOLS_OF_RUNS = ['delegate_work_to_coworker', 'ask_question_to_coworker'];

/** The rules of all files together; what is none, or names no tool, is reported. */
export function resolvePermissions(
  written: readonly WrittenPermissions[],
  {
    tools,
    servers,
    report,
  }: { readonly tools: ToolResolver; readonly servers: readonly string[]; readonly report: Report },
): Permissions {
  const known = namesOf([...Object.values(tools.named), ...tools.used.map(({ reference }) => reference)]);
  const rulesOf = (list: 'allow' | 'ask' | 'deny'): PermissionRule[] =>
    written.flatMap(({ path, lists }) =>
      (lists[list] ?? []).flatMap((text, index) => {
        const at = [...path, list, index];
        const rule = parseRule(text.trim(), at, report);
        if (rule) checkTool(rule, at, { known, servers, report });
        return rule ?? [];
      }),
    );
  return {
    allow: written.some(({ lists }) => lists.allow !== undefined) ? rulesOf('allow') : undefined,
    ask: rulesOf('ask'),
    deny: rulesOf('deny'),
  };
}

function parseRule(text: string, path: Path, report: Report): PermissionRule | undefined {
  const [, tool, name, pattern] = RULE.exec(text) ?? [];
  if (tool === undefined) {
    const hint = 'write a tool, such as write_file or mcp:files/*, or one with an argument: write_file(path=out/**)';
    report.error(path, `"${text}" is no rule`, { hint });
    return undefined;
  }
  return { text, tool, argument: name === undefined || pattern === undefined ? undefined : { name, pattern } };
}

interface KnownNames {
  readonly names: ReadonlySet<string>;
  /** False where code or a server decides what its tools are called. */
  readonly isComplete: boolean;
}

function namesOf(references: readonly ToolReference[]): KnownNames {
  const names = new Set([...Object.keys(TOOL_SETTINGS), ...TOOLS_OF_RUNS]);
  let isComplete = true;
  for (const reference of references) {
    const name = reference.options.name ?? ('name' in reference ? reference.name : undefined);
    if (name === undefined) isComplete = false;
    else names.add(name);
  }
  return { names, isComplete };
}

/** Reports a rule for a tool that the crew does not have: an error where that is certain, as it would say nothing. */
function checkTool(
  { tool }: PermissionRule,
  path: Path,
  {
    known,
    servers,
    report,
  }: { readonly known: KnownNames; readonly servers: readonly string[]; readonly report: Report },
): void {
  if (tool.startsWith('mcp:')) {
    const [server = ''] = tool.slice('mcp:'.length).split('/');
    if (servers.some((name) => matchesWildcard(server, name))) return;
    report.error(path, `there is no MCP server "${server}"`, { hint: suggestHint(server, servers), find: server });
    return;
  }
  if ([...known.names].some((name) => matchesWildcard(tool, name))) return;
  const hint = suggestHint(tool, known.names);
  const message = `no tool of this crew is called "${tool}"`;
  if (!known.isComplete && hint === undefined) return;
  report[known.isComplete ? 'error' : 'warn'](path, message, { hint, find: tool });
}
