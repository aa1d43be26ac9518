import Sqlite from 'better-sqlite3';

/** A piece of a text that is searched. */
export interface IndexedPassage {
  /** What it is called in a result. */
  readonly label: string;
  /** Words of its surroundings, such as headings: they count twice. */
  readonly title: string;
  readonly text: string;
}

/** A full-text index of files in memory. */
export interface PassageIndex {
  /** Puts passages in the place of those that the file had. */
  replace(file: string, passages: readonly IndexedPassage[]): void;
  /**
   * The passages that have any of the words, the best first: the rarer a word, the more it counts (BM25). Nothing in the
   * query is an operator. Undefined where there is no word in it.
   */
  search(query: string, most: number): readonly Pick<IndexedPassage, 'label' | 'text'>[] | undefined;
}

/** Most words of a query that count. */
const MOST_WORDS = 50;

/** Writings without spaces between words: each character is a word. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}]/gu;

const SCHEMA = `
CREATE TABLE passages (id INTEGER PRIMARY KEY, file TEXT NOT NULL, position INTEGER NOT NULL, label TEXT NOT NULL, text TEXT NOT NULL);
CREATE INDEX passages_of_file ON passages (file);
CREATE VIRTUAL TABLE words USING fts5(title, text, content = '', contentless_delete = 1, tokenize = 'porter unicode61 remove_diacritics 2');
`;

/** An empty index. It takes memory as long as it is used; there is nothing to close. */
export function createPassageIndex(): PassageIndex {
  const database = new Sqlite(':memory:');
  database.exec(SCHEMA);
  const forgetWords = database.prepare('DELETE FROM words WHERE rowid IN (SELECT id FROM passages WHERE file = ?)');
  const forget = database.prepare('DELETE FROM passages WHERE file = ?');
  const insert = database.prepare('INSERT INTO passages (file, position, label, text) VALUES (?, ?, ?, ?)');
  const insertWords = database.prepare('INSERT INTO words (rowid, title, text) VALUES (?, ?, ?)');
  const find = database.prepare<[string, number], { readonly label: string; readonly text: string }>(`
    SELECT passages.label, passages.text FROM words JOIN passages ON passages.id = words.rowid
    WHERE words MATCH ? ORDER BY bm25(words, 2.0, 1.0), passages.file, passages.position LIMIT ?`);
  const replace = database.transaction((file: string, passages: readonly IndexedPassage[]) => {
    forgetWords.run(file);
    forget.run(file);
    for (const [position, { label, title, text }] of passages.entries()) {
      const { lastInsertRowid } = insert.run(file, position, label, text);
      insertWords.run(lastInsertRowid, spaced(title), spaced(text));
    }
  });
  return {
    replace,
    search(query, most) {
      const words = toAnyWord(query);
      return words === undefined ? undefined : find.all(words, most);
    },
  };
}

/** A query of FTS5 for any of the words, each in quotes: https://sqlite.org/fts5.html#full_text_query_syntax */
function toAnyWord(query: string): string | undefined {
  const words = new Set((query.normalize('NFC').match(/[\p{L}\p{N}\p{M}\p{Co}]+/gu) ?? []).slice(0, MOST_WORDS));
  return words.size === 0 ? undefined : [...words].map((word) => `"${spaced(word).trim()}"`).join(' OR ');
}

function spaced(text: string): string {
  return text.normalize('NFC').replaceAll(UNSPACED, ' $& ');
}
