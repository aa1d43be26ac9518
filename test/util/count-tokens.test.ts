import { describe, expect, it } from 'vitest';
import { loadTokenizer, mostTokens } from '../../src/util/count-tokens.js';

const tokenizer = await loadTokenizer();

describe('a tokenizer', () => {
  it('counts tokens, and marks of a model as text', () => {
    expect(tokenizer.count('')).toBe(0);
    expect(tokenizer.count('hello world')).toBe(2);
    expect(tokenizer.count('a <|endoftext|> b')).toBe(9);
  });

  it('takes no longer for runs of one character', () => {
    expect(tokenizer.count('\n'.repeat(100_000))).toBeLessThan(10_000);
  });

  it.each(['The quick brown fox. ', '日本語🎉 𠮷野家 ', 'a', '🎉'])(
    'cuts "%s" between characters, wherever',
    (word) => {
      const text = word.repeat(900);
      for (const tokens of [0, 1, 2, 3, 7, 100, 333, 1000]) {
        const beginning = text.slice(0, tokenizer.beginningOf(text, tokens));
        const ending = text.slice(tokenizer.endingOf(text, tokens));
        expect(tokenizer.count(beginning)).toBeLessThanOrEqual(tokens + 1);
        expect(tokenizer.count(ending)).toBeLessThanOrEqual(tokens + 1);
        expect(beginning + ending).not.toMatch(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|\uFFFD/);
        if (tokens >= 7) expect(Math.min(beginning.length, ending.length)).toBeGreaterThan(0);
      }
      expect(tokenizer.beginningOf(text, 1_000_000)).toBe(text.length);
      expect(tokenizer.endingOf(text, 1_000_000)).toBe(0);
    },
  );

  it('never counts more tokens than the most', () => {
    for (const text of ['', 'abc', '\u0000\u0001', '🎉', '𠮷'.repeat(50), 'x'.repeat(5000)]) {
      expect(tokenizer.count(text)).toBeLessThanOrEqual(mostTokens(text));
    }
  });
});
