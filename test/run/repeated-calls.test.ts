import { expect, it } from 'vitest';
import {
  countRepeats,
  isRepeatedTooOften,
  type RepeatCounts,
  repeatedCallError,
  repeatKey,
} from '../../src/run/repeated-calls.js';
import type { ToolCall } from '../../src/run/loop-tool.js';
import { createAgent } from '../helpers/definitions.js';

const call = (name: string, input: string): ToolCall => ({ id: `${name}${input}`, name, input });
const search = call('search', '{"words":"solar","limit":5}');

/** How often the search was counted after these answers. */
function countOf(answers: readonly (readonly ToolCall[])[]): number {
  const counts = answers.reduce<RepeatCounts>(countRepeats, new Map());
  return counts.get(repeatKey(search)) ?? 0;
}

it('counts the answers in a row that made a call, whatever stands beside it', () => {
  expect(countOf([[search], [call('read', '{"page":1}'), search], [search, call('read', '{"page":2}')]])).toBe(3);
});

it('knows a call again whose arguments are written otherwise', () => {
  expect(countOf([[search], [call('search', '{ "limit": 5, "words": "solar" }')]])).toBe(2);
});

it('begins anew after an answer without the call', () => {
  expect(countOf([[search], [search], [call('search', '{}')], [search]])).toBe(1);
});

it('counts an answer once that makes the call several times', () => {
  expect(countOf([[search, search, search]])).toBe(1);
});

it('ends the work at the fifth time, and names the call', () => {
  const agent = createAgent({ key: 'a', role: 'Researcher' });
  const answers = [1, 2, 3, 4, 5].map((page) => [call('read', `{"page":${page}}`), search]);
  const counts = answers.reduce<RepeatCounts>(countRepeats, new Map());
  const last = answers.at(-1) ?? [];
  expect(last.filter((made) => isRepeatedTooOften(made, countRepeats(new Map(), last)))).toEqual([]);
  expect(last.filter((made) => isRepeatedTooOften(made, counts))).toEqual([search]);
  expect(repeatedCallError(agent, search).message).toBe(
    'Researcher made the same call 5 times in a row: search {"words":"solar","limit":5}',
  );
  const huge = call('search', 'x'.repeat(100_000));
  expect(repeatedCallError(agent, huge).message.length).toBeLessThan(300);
});
