import { UsageError } from '../errors.js';

/**
 * What was typed as a query of FTS5 (https://sqlite.org/fts5.html#full_text_query_syntax): every word has to be there, as it
 * stands or as the beginning of a longer one, and what is in quotes as it stands. Nothing typed is an operator. Throws
 * UsageError where there is no word in it.
 */
export function toSearchQuery(words: string): string {
  const terms = [...words.matchAll(/"([^"]*)"?|([^\s"]+)/g)].flatMap(([, phrase, word]) => {
    const text = phrase ?? word ?? '';
    // Its own tokenizer drops all other characters; a term without any of these would fit nothing.
    if (!/[\p{L}\p{N}\p{Co}]/u.test(text)) return [];
    return [phrase === undefined ? `"${text}"*` : `"${text}"`];
  });
  if (terms.length === 0)
    throw new UsageError(`there is no word to search for in: ${words}`, {
      hint: 'Name one or more words, or the beginnings of words: crew log-tasks-outputs --search solar',
    });
  return terms.join(' ');
}
