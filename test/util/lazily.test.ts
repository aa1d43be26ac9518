import { expect, it } from 'vitest';
import { lazily } from '../../src/util/lazily.js';

it('makes each property when it is first asked for, and once', () => {
  const made: string[] = [];
  const make = (name: string) => () => {
    made.push(name);
    return { name };
  };
  const both = lazily({ one: make('one'), two: make('two') });
  expect(Object.keys(both)).toEqual(['one', 'two']);
  expect(made).toEqual([]);
  expect(both.two).toBe(both.two);
  expect(made).toEqual(['two']);
});
