import { expect, it } from 'vitest';
import { formatTimeLimit } from '../../src/util/amounts.js';

it.each([
  [350, '350 ms'],
  [1234, '1.2 s'],
  [60_000, '1 min'],
  [600_000, '10 min'],
  [7_200_000, '2 h'],
])('writes %i ms as %s', (ms, words) => {
  expect(formatTimeLimit(ms)).toBe(words);
});
