import { formatModulePath } from '../definition/code-files.js';
import type { ToolReference } from '../definition/tool-types.js';
import type { JsonSchema } from '../util/json.js';
import { alignColumns } from '../util/columns.js';
import type { Paint } from './paint.js';

/** What is shown of a tool. */
export interface ListedTool {
  readonly name: string;
  readonly description: string;
  /** Such as `none`, `write`. */
  readonly effects: string;
  readonly settings: readonly { readonly name: string; readonly description: string; readonly isRequired: boolean }[];
  readonly variables: readonly string[];
}

/** The tools with their settings and variables, one block each. */
export function renderTools(tools: readonly ListedTool[], paint: Paint): string {
  return tools.map((tool) => `${renderTool(tool, paint)}\n`).join('\n');
}

/** One tool with everything that a model is told of its arguments. */
export function renderWholeTool(tool: ListedTool, parameters: JsonSchema, paint: Paint): string {
  const schema = JSON.stringify(parameters, null, 2).replaceAll('\n', '\n  ');
  return `${renderTool(tool, paint)}\n  ${paint('faint', 'arguments:')}\n  ${schema}\n`;
}

function renderTool({ name, description, effects, settings, variables }: ListedTool, paint: Paint): string {
  const rows = settings.map((setting) => [
    `    ${setting.name}`,
    setting.isRequired ? `${setting.description} Required.` : setting.description,
  ]);
  return [
    `${paint('name', name)}  ${paint('faint', `effects: ${effects}`)}`,
    `  ${description}`,
    ...(settings.length > 0 ? [`  ${paint('faint', 'settings:')}`, ...alignColumns(rows)] : []),
    ...(variables.length > 0 ? [`  ${paint('faint', 'environment:')} ${variables.join(' or ')}`] : []),
  ].join('\n');
}

/** A tool as a definition names it, and the places of who has it. */
interface NamedTool {
  readonly reference: ToolReference;
  readonly holders: readonly string[];
}

/** The tools of a crew as its definition names them, one a line. */
export function renderCrewTools(tools: readonly NamedTool[], paint: Paint): string {
  const rows = tools.map(({ reference, holders }) => [
    paint('name', reference.label),
    sourceWords(reference),
    holders.length === 0 ? 'nobody has it' : holders.join(', '),
  ]);
  return `${alignColumns(rows).join('\n')}\n`;
}

/** Where a tool comes from, such as `./tools/price.ts#lookup`. */
function sourceWords(reference: ToolReference): string {
  switch (reference.kind) {
    case 'builtin':
      return reference.name;
    case 'module':
      return formatModulePath(reference);
    case 'command':
      return reference.command.join(' ');
    case 'mcp':
      return reference.pattern === '*' ? `mcp:${reference.server}` : `mcp:${reference.server}/${reference.pattern}`;
  }
}
