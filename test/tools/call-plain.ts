import type { Tool } from '../../src/tools/tool.js';
import type { JsonObject } from '../../src/util/json.js';
import { callTool } from './builtin.js';

/** As `callTool`, without the marks around text from outside: the text, and the note in a line of its own. */
export async function callPlain(tool: Tool, args: JsonObject, folder = ''): Promise<string> {
  const told = await callTool(tool, args, folder);
  const marked = /^<data from="\w+">(?:\n([^]*)\n)?<\/data>(?:\n([^]*))?$/.exec(told);
  if (!marked) return told;
  const [, text = '', note] = marked;
  return [text, note].filter(Boolean).join('\n');
}
