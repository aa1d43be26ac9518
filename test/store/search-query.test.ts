import { expect, it } from 'vitest';
import { UsageError } from '../../src/errors.js';
import { toSearchQuery } from '../../src/store/search-query.js';

it.each([
  ['solar', '"solar"*'],
  ['  solar\tgrowth ', '"solar"* "growth"*'],
  ['"by a third" solar', '"by a third" "solar"*'],
  ['solar"by a', '"solar"* "by a"'],
  ['solar* -wind AND (NEAR', '"solar*"* "-wind"* "AND"* "(NEAR"*'],
  ['raw:solar ^ + {', '"raw:solar"*'],
  ['" - " solar ""', '"solar"*'],
  ['市場 Überblick 42', '"市場"* "Überblick"* "42"*'],
])('takes %j as words and phrases', (words, query) => {
  expect(toSearchQuery(words)).toBe(query);
});

it.each(['', '  ', '"', '""', '-- * ()', '🌞'])('refuses %j, in which there is no word', (words) => {
  expect(() => toSearchQuery(words)).toThrow(
    new UsageError(`there is no word to search for in: ${words}`, {
      hint: 'Name one or more words, or the beginnings of words: crew log-tasks-outputs --search solar',
    }),
  );
});
