import { expect, it } from 'vitest';
import { decide, withoutThinking } from '../../src/run/decide.js';
import { NO_SPEND } from '../../src/util/spend.js';
import type { ModelAnswer } from '../../src/models/model.js';

const fresh = { partial: '', continuations: 0, emptyAnswers: 0, offersTools: true };
const answer = (text: string, finishReason: ModelAnswer['finishReason'] = 'stop', calls = 0): ModelAnswer => ({
  content: [
    { type: 'text', text },
    ...Array.from({ length: calls }, (_, index) => ({
      type: 'tool-call' as const,
      toolCallId: `c${index}`,
      toolName: 'note',
      input: '{}',
    })),
  ],
  finishReason,
  model: 'openai/x',
  spend: NO_SPEND,
});

it('calls the tools that were asked for, whatever was said beside', () => {
  expect(decide(answer('let me see', 'tool-calls', 2), fresh)).toMatchObject({
    kind: 'call-tools',
    calls: { length: 2 },
  });
});

it('passes over a tool call in the forced final answer', () => {
  expect(decide(answer('the best I have', 'tool-calls', 1), { ...fresh, offersTools: false })).toEqual({
    kind: 'finish',
    text: 'the best I have',
  });
});

it('goes on with a cut answer and puts the parts together', () => {
  expect(decide(answer('one', 'length'), fresh)).toEqual({ kind: 'continue', text: 'one' });
  expect(decide(answer(' two'), { ...fresh, partial: 'one', continuations: 1 })).toEqual({
    kind: 'finish',
    text: 'one two',
  });
  expect(decide(answer('', 'length'), fresh)).toEqual({ kind: 'fail', reason: 'cut' });
});

it('never passes a filtered answer on as whole', () => {
  expect(decide(answer('half of it', 'content-filter'), fresh)).toEqual({ kind: 'fail', reason: 'filtered' });
});

it('asks again for an empty answer, twice', () => {
  expect(decide(answer('  '), fresh)).toEqual({ kind: 'ask-again' });
  expect(decide(answer(''), { ...fresh, emptyAnswers: 2 })).toEqual({ kind: 'fail', reason: 'empty' });
});

it.each([
  ['<think>hm</think>42', '42'],
  ['hm\n</think>\n42', '\n42'],
  ['the tag `</think>` ends it', 'the tag `</think>` ends it'],
  ['<thinking>a</thinking>b', 'b'],
  ['<think>never closed', ''],
  ['write <think> where the model thinks', 'write <think> where the model thinks'],
  ['a < b and b > c', 'a < b and b > c'],
])('takes the thinking out of %j', (text, rest) => {
  expect(withoutThinking(text)).toBe(rest);
});
