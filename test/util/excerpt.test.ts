import { expect, it } from 'vitest';
import { excerpt } from '../../src/util/excerpt.js';

it('gives a short text as it is, and the beginning of a long one', () => {
  expect(excerpt('solar', 5)).toBe('solar');
  expect(excerpt('solar power', 7)).toBe('solar…');
});
