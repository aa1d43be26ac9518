import { z } from 'zod';
import { SEARCH_KEY_VARIABLES } from '../definition/missing-tool-keys.js';
import { TOOL_SETTINGS, type BuiltinToolName, type ToolSettings } from '../definition/tool-settings.js';
import { type BuiltinTool, builtinFace } from '../tools/builtin-tool.js';
import { TOOLS } from '../tools/registry.js';
import type { ToolEffects } from '../tools/tool.js';
import type { JsonObject, JsonSchema } from '../util/json.js';

/** A built-in tool, as people read of it. */
export interface DescribedTool {
  readonly name: BuiltinToolName;
  readonly description: string;
  /** As its settings are by themselves. */
  readonly effects: ToolEffects;
  /** With other settings it has others. */
  readonly hasOtherEffects: boolean;
  /** JSON Schema of what models give it. */
  readonly parameters: JsonSchema;
  readonly settings: readonly DescribedSetting[];
  /** Environment variables that it reads; any one of them will do. */
  readonly variables: readonly string[];
}

export interface DescribedSetting {
  readonly name: string;
  readonly isRequired: boolean;
  /** What it is, and its default. */
  readonly description: string;
  readonly schema: JsonSchema;
}

/** Settings for tools that cannot do without; what models see of these tools depends on them. */
const EXAMPLES: { readonly [Name in BuiltinToolName]?: ToolSettings[Name] } = {
  run_command: { programs: ['git'] },
  query_sql: { database: 'shop.db' },
};

/** The built-in tools, in the order of their list. */
export async function describeBuiltinTools(): Promise<readonly DescribedTool[]> {
  return Promise.all((Object.keys(TOOL_SETTINGS) as BuiltinToolName[]).map((name) => describeBuiltinTool(name)));
}

/** One built-in tool. */
export async function describeBuiltinTool<Name extends BuiltinToolName>(name: Name): Promise<DescribedTool> {
  const tool: BuiltinTool<Name> = await TOOLS[name]();
  const example = (EXAMPLES[name] ?? {}) as ToolSettings[Name];
  return {
    name,
    ...builtinFace(tool, example),
    hasOtherEffects: typeof tool.effects === 'function',
    settings: describeSettings(TOOL_SETTINGS[name]),
    variables: name === 'web_search' ? Object.values(SEARCH_KEY_VARIABLES) : [],
  };
}

function describeSettings(settings: z.ZodObject): DescribedSetting[] {
  return Object.entries(settings.shape).map(([name, field]) => {
    const {
      $schema: _,
      description = '',
      ...schema
    } = z.toJSONSchema(field as z.ZodType, { io: 'input' }) as JsonObject;
    return { name, isRequired: !(field instanceof z.ZodOptional), description: String(description), schema };
  });
}
