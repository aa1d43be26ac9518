import { expect, it } from 'vitest';
import { createRecent } from '../../src/tools/recent.js';

it('keeps the things that were put in last', () => {
  const recent = createRecent<number>({ most: 2 });
  for (const [index, key] of ['a', 'b', 'a', 'c'].entries()) recent.set(key, index);
  expect(['a', 'b', 'c'].map((key) => recent.get(key))).toEqual([2, undefined, 3]);
});

it('keeps as many of them as have the size together', () => {
  const recent = createRecent<string>({ most: 5, sizeOf: ({ length }) => length });
  for (const text of ['one', 'to', 'four', 'too long']) recent.set(text, text);
  expect(['one', 'to', 'four', 'too long'].map((key) => recent.get(key) !== undefined)).toEqual([
    false,
    false,
    false,
    false,
  ]);
  recent.set('one', 'one');
  recent.set('to', 'to');
  expect([recent.get('one'), recent.get('to')]).toEqual(['one', 'to']);
});
