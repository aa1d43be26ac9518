import { expect, it } from 'vitest';
import { parseRetryAfter } from '../../src/models/retry-after.js';

it.each([
  [{}, undefined],
  [{ 'retry-after': '' }, undefined],
  [{ 'retry-after': 'soon' }, undefined],
  [{ 'retry-after': '-5' }, undefined],
  [{ 'retry-after': '0' }, 0],
  [{ 'retry-after': '1.5' }, 1500],
  [{ 'retry-after': 'Thu, 01 Jan 1970 00:00:05 GMT' }, 4000],
  [{ 'retry-after': 'Thu, 01 Jan 1970 00:00:00 GMT' }, 0],
])('reads %j', (headers, milliseconds) => {
  expect(parseRetryAfter(headers as Record<string, string>, undefined, 1000)).toBe(milliseconds);
});
