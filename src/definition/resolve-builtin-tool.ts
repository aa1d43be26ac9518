import type { ValuePath as Path } from '../util/format-path.js';
import { checkFields } from './check-shape.js';
import { checkPrograms } from './check-programs.js';
import type { PathOptions } from './code-files.js';
import { toToolOptions } from './tool-options.js';
import { TOOL_SETTINGS, toolOptionsSchema, type BuiltinToolName, type ToolSettings } from './tool-settings.js';
import type { BuiltinToolSource, ToolOptions, ToolReference } from './tool-types.js';

/** What a definition may say of a built-in tool beside its settings: its effects are its own. */
export const builtinOptionsSchema = toolOptionsSchema.omit({ effects: true });

export interface BuiltinToolText {
  readonly name: BuiltinToolName;
  /** What the definition says of it, but for `use`. */
  readonly written: Readonly<Record<string, unknown>>;
  /** What stands before that, such as the settings under the top `tools`. */
  readonly base?: { readonly settings: object; readonly options: ToolOptions };
  readonly label: string;
}

/** The built-in tool with its settings; what is wrong with them is reported. */
export function resolveBuiltinTool(
  { name, written, base, label }: BuiltinToolText,
  path: Path,
  options: PathOptions,
): ToolReference {
  const { report } = options;
  const { effects, ...rest } = written;
  if (effects !== undefined) {
    const hint = 'remove it: `crew tools` tells the effects of each';
    report.error([...path, 'effects'], 'the effects of a built-in tool are its own', { target: 'key', hint });
  }
  const schema = TOOL_SETTINGS[name].extend(builtinOptionsSchema.shape);
  const { fields, given } = checkFields(base ? schema.partial() : schema, rest, path, report, { level: 'tool' });
  const own = Object.fromEntries(Object.entries(fields).filter(([key]) => key in TOOL_SETTINGS[name].shape));
  const settings = { ...base?.settings, ...own };
  const source = { kind: 'builtin', name, settings } as const;
  checkTogether(source, { given: new Set([...given, ...Object.keys(settings)]), path }, options);
  return { ...source, options: { ...base?.options, ...toToolOptions(fields, path, options) }, label };
}

/** Reports settings that do not go together. `given` has those that are written, sound or not. */
function checkTogether(
  { name, settings }: BuiltinToolSource,
  { given, path }: { readonly given: ReadonlySet<string>; readonly path: Path },
  { report }: PathOptions,
): void {
  if (name === 'query_sql') {
    if (given.has('database') && given.has('url')) {
      report.error([...path, 'url'], 'database is there too; query_sql asks one of them', { target: 'key' });
    } else if (!given.has('database') && !given.has('url')) {
      report.error(path, 'query_sql needs database or url', {
        hint: 'write { use: query_sql, database: data/shop.db }, or url: ${DATABASE_URL}',
      });
    }
  }
  if (name === 'run_command') {
    const { programs = [] } = settings as Partial<ToolSettings['run_command']>;
    checkPrograms(programs, [...path, 'programs'], report);
  }
  if (name !== 'web_search') return;
  const { provider } = settings as ToolSettings['web_search'];
  if (provider === 'searxng' && !given.has('base_url')) {
    report.error(path, 'base_url is missing: a SearXNG server has an address of its own', {
      hint: 'write base_url: https://search.example.com; for one on this machine allow_private: true too',
    });
  }
  const loose = ['api_key', 'base_url'].find((key) => given.has(key));
  if (loose !== undefined && !given.has('provider')) {
    report.error([...path, loose], 'there is no provider beside it', {
      target: 'key',
      hint: 'write provider: serper, tavily, brave or searxng',
    });
  }
}
