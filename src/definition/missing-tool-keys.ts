import type { Environment } from './environment.js';
import type { Report } from './report.js';
import type { UsedTool } from './resolve-tools.js';
import { toKnownTool } from './tool-settings.js';
import type { ToolReference } from './tool-types.js';
import { missingInside, type Variables } from './variables.js';

const HINT = 'set it, or write it into .env beside the definition';

/** The variables that hold the keys of web_search, by provider, in the order in which they are looked for. */
export const SEARCH_KEY_VARIABLES = {
  serper: 'SERPER_API_KEY',
  tavily: 'TAVILY_API_KEY',
  brave: 'BRAVE_API_KEY',
} as const;

/** Environment variables that a built-in tool reads by itself: any one of them will do. None for most tools. */
export function keyVariablesOf(reference: ToolReference): readonly string[] {
  const known = reference.kind === 'builtin' ? toKnownTool(reference) : undefined;
  if (known?.name !== 'web_search') return [];
  const { provider, api_key: key } = known.settings;
  if (key !== undefined || provider === 'searxng') return [];
  return provider === undefined ? Object.values(SEARCH_KEY_VARIABLES) : [SEARCH_KEY_VARIABLES[provider]];
}

/** Names of the variables whose values programs of the crew are given. */
export function passedVariablesOf(reference: ToolReference): readonly string[] {
  if (reference.kind === 'command') return reference.env;
  const known = reference.kind === 'builtin' ? toKnownTool(reference) : undefined;
  return known?.name === 'run_command' ? (known.settings.env ?? []) : [];
}

/** Reports, once for each variable, what the used tools and their servers need and the environment does not have. */
export function reportMissingToolKeys(used: readonly UsedTool[], variables: Variables, report: Report): void {
  const told = new Set<string>();
  for (const { reference, paths } of used) {
    const places = reference.kind === 'mcp' ? [...paths, ['mcp_servers', reference.server]] : paths;
    for (const { path, name } of places.flatMap((place) => missingInside(variables, place))) {
      if (told.has(name)) continue;
      told.add(name);
      report.error(path, `the environment variable ${name} is not set`, { hint: HINT, find: `\${${name}}` });
    }
    const names = keyVariablesOf(reference);
    if (names.length === 0 || told.has(names.join()) || hasAny(names, variables.environment)) continue;
    told.add(names.join());
    const [path = []] = paths;
    const [needed, hint] =
      names.length === 1
        ? [`${names[0]} is not set; ${reference.label} needs it`, HINT]
        : [`none of ${names.join(', ')} is set; ${reference.label} needs one of them`, HINT.replace('it', 'one')];
    report.error(path, needed, { hint });
  }
}

function hasAny(names: readonly string[], environment: Environment): boolean {
  return names.some((name) => environment[name]?.trim());
}
