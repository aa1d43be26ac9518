import { describe, expect, it } from 'vitest';
import { createPassageIndex } from '../../src/store/passage-index.js';

/** An index of files, each with its passages. */
function indexOf(files: Readonly<Record<string, readonly string[]>>) {
  const index = createPassageIndex();
  for (const [file, texts] of Object.entries(files)) {
    index.replace(
      file,
      texts.map((text, position) => ({ label: `${file}:${position + 1}`, title: file, text })),
    );
  }
  const find = (query: string, most = 10) => index.search(query, most)?.map(({ label }) => label);
  return { index, find };
}

describe('the passage index', () => {
  it('puts passages with rare words first, then those of the first file', () => {
    const { find } = indexOf({
      'b.md': ['the panel and the roof', 'the price of the inverter'],
      'a.md': ['the panel', 'the roof', 'the roof'],
    });
    expect(find('the inverter')?.[0]).toBe('b.md:2');
    expect(find('roof')).toEqual(['a.md:2', 'a.md:3', 'b.md:1']);
    expect(find('roof', 1)).toEqual(['a.md:2']);
    expect(find('wind')).toEqual([]);
  });

  it('finds other forms of a word, whatever the case and accents, and words of the title', () => {
    const { find } = indexOf({ 'a.md': ['Größere Panels were installed in the café'], 'guide.md': ['x'] });
    expect(find('installing')).toEqual(['a.md:1']);
    expect(find('PANEL')).toEqual(['a.md:1']);
    expect(find('cafe')).toEqual(['a.md:1']);
    expect(find('grossere grOSSere größere')).toEqual(['a.md:1']);
    expect(find('cafe\u0301')).toEqual(['a.md:1']);
    expect(find('guide')).toEqual(['guide.md:1']);
  });

  it('finds words of writings without spaces', () => {
    const { find } = indexOf({ 'a.md': ['太陽光パネルの価格'], 'b.md': ['風力の価格'] });
    expect(find('太陽光')).toEqual(['a.md:1']);
    expect(find('価格')).toHaveLength(2);
  });

  it.each([
    '"',
    '""" OR *',
    'panel" OR "x',
    'panel AND NOT (',
    'NEAR(panel roof, 2)',
    'text:panel',
    '{title}:panel',
    '^panel',
    'panel*',
    '-panel',
    "panel'; DROP TABLE passages; --",
    'panel\0roof',
    `panel ${'word '.repeat(10_000)}`,
  ])('takes %j for words', (query) => {
    const { find } = indexOf({ 'a.md': ['the panel'] });
    expect(find(query) ?? 'no word').toEqual(/\p{L}/u.test(query.replace(' OR ', '')) ? ['a.md:1'] : expect.anything());
    expect(find('panel')).toEqual(['a.md:1']);
  });

  it('says that there is no word in a query', () => {
    const { find } = indexOf({ 'a.md': ['the panel'] });
    expect([find(''), find(' … !'), find('""')]).toEqual([undefined, undefined, undefined]);
  });

  it('forgets what a file had before', () => {
    const { index, find } = indexOf({ 'a.md': ['old words', 'more old words'], 'b.md': ['old'] });
    index.replace('a.md', [{ label: 'a.md:1', title: 'a.md', text: 'new words' }]);
    expect(find('old')).toEqual(['b.md:1']);
    expect(find('new')).toEqual(['a.md:1']);
    index.replace('a.md', []);
    expect(find('words')).toEqual([]);
  });
});
