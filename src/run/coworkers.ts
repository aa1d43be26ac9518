import type { AgentDefinition } from '../definition/types.js';

/**
 * The agent that a model means by a name: a role or a key, whatever its case, spaces, quotes and punctuation; a list
 * with one name counts as that name. Undefined when it fits none, or more than one.
 */
export function findCoworker(agents: readonly AgentDefinition[], name: unknown): AgentDefinition | undefined {
  const wanted = reduced(singleName(name));
  if (wanted === '') return undefined;
  const matches = agents.filter(({ role, key }) => reduced(role) === wanted || reduced(key) === wanted);
  return matches.length === 1 ? matches[0] : agents.find(({ role }) => reduced(role) === wanted);
}

function singleName(name: unknown): string {
  if (Array.isArray(name)) return name.length === 1 ? singleName(name[0]) : '';
  return typeof name === 'string' ? name : '';
}

function reduced(name: string): string {
  return name
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, '');
}
