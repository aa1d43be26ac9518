import { fingerprintOf } from '../../util/fingerprint.js';
import { toIdentifier } from '../../util/identifier.js';
import type { McpTool } from './mcp-tool.js';

/** What makes a name unique: `_` and 6 hex digits. */
const MARK_CHARACTERS = 7;
const MOST_CHARACTERS = 64;

/**
 * The names under which models see tools of MCP servers, by id. A name that two of them have, or that is `taken`, is
 * prefixed: `server_tool`; where that does not tell them apart either, it ends with a digest of the id. The order does not
 * matter.
 */
export function nameMcpTools(tools: readonly McpTool[], taken: Iterable<string>): ReadonlyMap<string, string> {
  const others = new Set(taken);
  const different = [...new Map(tools.map((tool) => [tool.id, tool])).values()];
  const plain = countOf(different.map(({ name }) => name));
  const names = different.map(({ id, name, origin }) => {
    // None of its characters may stand in a name.
    const hasWords = name !== '';
    const isPlain = hasWords && plain.get(name) === 1 && !others.has(name);
    return { id, isPlain, hasWords, name: isPlain ? name : toIdentifier(`${origin.server}_${origin.tool}`) };
  });
  const all = countOf(names.map(({ name }) => name));
  return new Map(
    names.map(({ id, isPlain, hasWords, name }) => {
      const isUnique = all.get(name) === 1 && !others.has(name);
      return [id, isPlain || (isUnique && hasWords) ? name : marked(name, id)];
    }),
  );
}

function marked(name: string, id: string): string {
  const mark = fingerprintOf(id).slice(0, MARK_CHARACTERS - 1);
  return `${name.slice(0, MOST_CHARACTERS - MARK_CHARACTERS)}_${mark}`;
}

function countOf(names: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}
