import { describe, expect, it } from 'vitest';
import { splitPassages } from '../../../src/tools/documents/split-passages.js';

const words = (count: number): string => 'word '.repeat(count).trim();

describe('splitPassages', () => {
  it('gives a short text as one passage, and nothing for an empty one', () => {
    expect(splitPassages('\n\none\ntwo\n', { hasHeadings: true })).toEqual([
      { line: 3, heading: '', text: 'one\ntwo' },
    ]);
    expect(splitPassages(' \n\n', { hasHeadings: true })).toEqual([]);
  });

  it('starts one at each heading, and names those above it', () => {
    const text = 'intro\n# A #\none\n### C\n```sh\n# no heading\n```\n## B\ntwo\n# D\nthree';
    expect(splitPassages(text, { hasHeadings: true }).map(({ line, heading }) => [line, heading])).toEqual([
      [1, ''],
      [2, 'A'],
      [4, 'A > C'],
      [8, 'A > B'],
      [10, 'D'],
    ]);
    expect(splitPassages(text, { hasHeadings: false })).toHaveLength(1);
  });

  it('ends one between paragraphs, else between lines, else between words', () => {
    const paragraphs = [words(150), words(150), words(20)].join('\n\n');
    expect(splitPassages(paragraphs, { hasHeadings: false }).map(({ line, text }) => [line, text.length])).toEqual([
      [1, 749],
      [3, 749],
      [5, 99],
    ]);
    const lines = splitPassages(`${words(100)}\n`.repeat(5), { hasHeadings: false });
    expect(lines.map(({ line, text }) => [line, text.length])).toEqual([
      [1, 999],
      [3, 999],
      [5, 499],
    ]);
    const long = splitPassages(words(500), { hasHeadings: false });
    expect(long.map(({ line, text }) => [line, text.length])).toEqual([
      [1, 999],
      [1, 999],
      [1, 499],
    ]);
    const endless = splitPassages('x'.repeat(2500), { hasHeadings: false });
    expect(endless.map(({ text }) => text.length)).toEqual([1000, 1000, 500]);
  });

  it('loses no word', () => {
    const text = Array.from({ length: 3000 }, (_none, index) => `w${index}${index % 7 === 0 ? '\n' : ' '}`).join('');
    const all = splitPassages(text, { hasHeadings: true }).flatMap((passage) => passage.text.split(/\s+/));
    expect(all).toEqual(text.trim().split(/\s+/));
  });
});
