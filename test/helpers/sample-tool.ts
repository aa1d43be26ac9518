import type { PermissionRule, Permissions } from '../../src/definition/tool-types.js';
import type { Tool } from '../../src/tools/tool.js';

/** A tool `send` with effects, whose results are numbered; arguments are taken as they are. */
export function sampleTool(change: Partial<Tool> = {}): Tool & { readonly calls: string[] } {
  const calls: string[] = [];
  const { name = 'send' } = change;
  return {
    name,
    description: 'Sends.',
    parameters: { type: 'object', properties: { to: { type: 'string' }, text: { type: 'string' } } },
    effects: 'external',
    digest: name,
    parseArguments: async (value) => ({ ok: true, value: value as Record<string, string> }),
    async execute(args) {
      calls.push(JSON.stringify(args));
      return `${name} ${calls.length}`;
    },
    ...change,
    calls,
  };
}

/** Rules as a definition has them, from their texts. */
export function permissionsOf(lists: Partial<Record<keyof Permissions, readonly string[]>>): Permissions {
  return {
    allow: lists.allow?.map(ruleOf),
    ask: (lists.ask ?? []).map(ruleOf),
    deny: (lists.deny ?? []).map(ruleOf),
  };
}

function ruleOf(text: string): PermissionRule {
  const [, tool = '', name, pattern = ''] = /^([^(]+)(?:\((\w+)=(.*)\))?$/s.exec(text) ?? [];
  return { text, tool, argument: name === undefined ? undefined : { name, pattern } };
}
