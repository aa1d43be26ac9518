import { describe, expect, it } from 'vitest';
import type { McpTool } from '../../../src/tools/mcp/mcp-tool.js';
import { nameMcpTools } from '../../../src/tools/mcp/name-tools.js';
import { toIdentifier } from '../../../src/util/identifier.js';

/** `server/tool` as a tool; all that counts for its name. */
function toolOf(path: string): McpTool {
  const [server = '', tool = ''] = path.split('/');
  return { id: `mcp:${path}`, name: toIdentifier(tool), origin: { server, tool } } as McpTool;
}

function namesOf(paths: readonly string[], taken: readonly string[] = []): Record<string, string> {
  const names = nameMcpTools(paths.map(toolOf), taken);
  const reversed = nameMcpTools(paths.toReversed().map(toolOf), taken.toReversed());
  expect(Object.fromEntries(reversed)).toEqual(Object.fromEntries(names));
  return Object.fromEntries([...names].map(([id, name]) => [id.slice('mcp:'.length), name]));
}

describe('nameMcpTools', () => {
  it('leaves names as they are that nothing else has', () => {
    expect(namesOf(['files/read', 'web/search'], ['write'])).toEqual({ 'files/read': 'read', 'web/search': 'search' });
  });

  it('takes a tool that is named twice for one', () => {
    expect(namesOf(['files/read', 'files/read'])).toEqual({ 'files/read': 'read' });
  });

  it('puts the server before names that several have, and no others', () => {
    expect(namesOf(['a/search', 'b/search', 'b/read'])).toEqual({
      'a/search': 'a_search',
      'b/search': 'b_search',
      'b/read': 'read',
    });
  });

  it('puts the server before a name that another tool has', () => {
    expect(namesOf(['a/read_file', 'a/ask_question_to_coworker'], ['read_file', 'ask_question_to_coworker'])).toEqual({
      'a/read_file': 'a_read_file',
      'a/ask_question_to_coworker': 'a_ask_question_to_coworker',
    });
  });

  it('gives a digest to those that the server does not tell apart', () => {
    expect(namesOf(['a_b/c', 'a/b_c', 'x/c', 'x/b_c'])).toMatchInlineSnapshot(`
      {
        "a/b_c": "a_b_c_842675",
        "a_b/c": "a_b_c_b99e54",
        "x/b_c": "x_b_c",
        "x/c": "x_c",
      }
    `);
    expect(namesOf(['a/get.price', 'a/get price', 'a/価格'])).toMatchInlineSnapshot(`
      {
        "a/get price": "a_get_price_ad06d3",
        "a/get.price": "a_get_price_92c6c3",
        "a/価格": "a_10bb7b",
      }
    `);
    expect(namesOf([`a/${'x'.repeat(70)}1`, `a/${'x'.repeat(70)}2`])).toMatchInlineSnapshot(`
      {
        "a/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx1": "a_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx_bd3a42",
        "a/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx2": "a_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx_d7844f",
      }
    `);
  });

  it('never gives a prefixed name that something else has', () => {
    expect(namesOf(['a/b', 'c/b', 'd/a_b'], ['c_b'])).toMatchInlineSnapshot(`
      {
        "a/b": "a_b_cfe240",
        "c/b": "c_b_16fb58",
        "d/a_b": "a_b",
      }
    `);
  });
});
