import { expect, test } from 'vitest';
import { parseDuration } from '../../src/util/duration.js';

test('gives milliseconds', () => {
  expect(parseDuration('500ms')).toBe(500);
  expect(parseDuration('60s')).toBe(60_000);
  expect(parseDuration('1.5m')).toBe(90_000);
  expect(parseDuration('2h')).toBe(7_200_000);
  expect(parseDuration('1d')).toBe(86_400_000);
  expect(parseDuration(' 1h 30m ')).toBe(5_400_000);
});

test('takes a number for seconds', () => {
  expect(parseDuration(2.5)).toBe(2500);
  expect(parseDuration('30')).toBe(30_000);
});

test('gives nothing for what is no duration', () => {
  for (const value of ['', 'soon', '5 minutes', '-1s', '1s2', 's', '1,5s', 0, -1, Number.NaN, Infinity]) {
    expect([value, parseDuration(value)]).toEqual([value, undefined]);
  }
});
