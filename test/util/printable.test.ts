import { expect, it } from 'vitest';
import { printable, printableLine } from '../../src/util/printable.js';

it('leaves nothing that steers a terminal', () => {
  expect(printable('a\u001b[2Jb\r\n\tc\u0007\u009b1m\u007f')).toBe('a[2Jb\n\tc1m');
  expect(printable('a\u202Eb\u2066c\u2069')).toBe('abc');
  expect(printableLine('  a\r\n\tb\u001b  c ')).toBe('a b c');
});
