import { expect, test } from 'vitest';
import { suggest, suggestHint } from '../../src/util/suggest.js';

test('finds what was meant', () => {
  const names = ['researcher', 'writer', 'expected_output'];
  expect(suggest('reseacher', names)).toBe('researcher');
  expect(suggest('Writer', names)).toBe('writer');
  expect(suggest('wirter', names)).toBe('writer');
  expect(suggest('expectedOutput', names)).toBe('expected_output');
  expect(suggest('expected-ouput', names)).toBe('expected_output');
  expect(suggest('tpoic', ['topic', 'tonic'])).toBe('topic');
});

test('suggests nothing where nothing is close', () => {
  expect(suggest('boss', ['researcher', 'writer'])).toBeUndefined();
  expect(suggest('a', ['b', 'c'])).toBeUndefined();
  expect(suggest('x', [])).toBeUndefined();
  expect(suggestHint('boss', ['writer'])).toBeUndefined();
});

test('takes the closest, the first of equals', () => {
  expect(suggest('task', ['tasks', 'mask'])).toBe('tasks');
  expect(suggestHint('taks', ['task', 'tasks'])).toBe('did you mean "task"?');
});
