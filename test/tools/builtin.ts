import { messageOf } from '../../src/errors.js';
import { loadTools } from '../../src/tools/load-tools.js';
import { textOfResult } from '../../src/tools/tool-cache.js';
import type { Tool } from '../../src/tools/tool.js';
import type { JsonObject } from '../../src/util/json.js';
import { builtinReference, loadOptions } from './references.js';
import { toolContext } from './tool-context.js';

/** A built-in tool that works in `folder`. */
export async function builtinTool(name: string, folder: string, settings: JsonObject = {}): Promise<Tool> {
  const [tool] = await loadTools([builtinReference(name, settings)], loadOptions(folder));
  return tool as Tool;
}

/** What the model is told of a call: the result, or `refused: ` and why. The folder's path reads `<folder>`. */
export async function callTool(tool: Tool, args: JsonObject, folder = ''): Promise<string> {
  const parsed = await tool.parseArguments(args);
  if (!parsed.ok) return `bad arguments: ${parsed.reason}`;
  const text = await tool
    .execute(parsed.value, toolContext())
    .then(textOfResult)
    .catch((error: unknown) => `refused: ${messageOf(error)}`);
  return folder === '' ? text : text.replaceAll(folder, '<folder>');
}
