import { expect, it } from 'vitest';
import { alignColumns, shorten } from '../../src/util/columns.js';

it('pads cells to the width of their column in a terminal, colours and wide characters included', () => {
  const rows = [
    ['名前', '1', 'end'],
    ['\u001b[1mbold\u001b[22m', '1,000', ''],
    ['é👍', '20', 'x'],
  ];
  expect(alignColumns(rows, ['left', 'right'])).toEqual([
    '名前      1  end',
    '\u001b[1mbold\u001b[22m  1,000',
    'é👍      20  x',
  ]);
  expect(alignColumns([])).toEqual([]);
});

it('shortens what is too wide', () => {
  expect(shorten('short', 5)).toBe('short');
  expect(shorten('a bit longer', 6)).toBe('a bit…');
  expect(shorten('名前名前', 5)).toBe('名前…');
});
