import { expect, test } from 'vitest';
import { blankComments } from '../../src/definition/jsonc.js';

test.each([
  ['{ // all of it\n  "a": 1 }', '{             \n  "a": 1 }'],
  ['{\n  // first\r\n  /* two\n lines */ "a": 1\n}//end', '{\n          \r\n        \n          "a": 1\n}     '],
  [
    '{ "url": "https://example.com", "b": "/* no */ \\" // no" }',
    '{ "url": "https://example.com", "b": "/* no */ \\" // no" }',
  ],
  ['{ /* never ends', '{              '],
  ['', ''],
])('puts blanks in the places of comments: %j', async (text, blanked) => {
  expect(await blankComments(text)).toBe(blanked);
  expect(blanked).toHaveLength(text.length);
});
