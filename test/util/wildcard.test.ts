import { describe, expect, it } from 'vitest';
import { matchesWildcard } from '../../src/util/wildcard.js';

describe('matchesWildcard', () => {
  it.each([
    ['read_file', 'read_file', true],
    ['read_file', 'read_files', false],
    ['*', '', true],
    ['read_*', 'read_file', true],
    ['read_*', 'Read_file', false],
    ['*_file', 'read_file', true],
    ['a*b', 'ab', true],
    ['ab*ba', 'aba', false],
    ['a*b*c', 'a-b-b-c', true],
    ['a*b*c', 'a-c-b', false],
    ['*a*a*', 'a', false],
    ['a.c', 'abc', false],
    ['a*', 'a\nb', true],
  ])('%s takes %s: %s', (pattern, text, isMatch) => {
    expect(matchesWildcard(pattern, text)).toBe(isMatch);
  });

  it('takes no time for what is made to', () => {
    expect(matchesWildcard(`${'*a'.repeat(200)}*b`, 'a'.repeat(100_000))).toBe(false);
  });
});
