const LESS_THAN = String.raw`(?:[<＜﹤‹〈〈⟨˂ᐸ❮❰≺]|&(?:amp;)*(?:lt|#0*60|#x0*3c);?|\\u003c|\\x3c)`;
const SLASH = String.raw`(?:\\?[/／⁄∕╱⧸]|&(?:amp;)*(?:sol|#0*47|#x0*2f);?)`;
/** What is not seen, or takes no part in a word: control characters, characters of no width, accents. */
const UNSEEN = String.raw`\p{Cc}\p{Cf}\p{M}\p{Default_Ignorable_Code_Point}`;
const FILLING = String.raw`[\s${UNSEEN}]*`;
const WORD = String.raw`((?:\p{L}${FILLING}){4})`;

/** What a reader may take for the end of the marks, or for a beginning; whether the word is that of the marks is looked at afterwards. */
const MARK = new RegExp(
  `${LESS_THAN}(?:${FILLING}${SLASH}${FILLING}${WORD}(?![\\p{L}\\p{N}_])|[${UNSEEN}]*${WORD}(?<=\\s)(?=from))`,
  'giu',
);

/** Letters of other alphabets that look like those of the word, after Unicode has made letters of other shapes plain. */
const LOOK_ALIKES: Readonly<Record<string, string>> = { а: 'a', α: 'a', ɑ: 'a', т: 't', τ: 't', ԁ: 'd', ɗ: 'd' };

/**
 * Text from files, the web or other programs, marked for the model as data of the tool `source`. It cannot end the marks
 * itself, nor begin others.
 */
export function markOutside(text: string, source: string): string {
  return text === '' ? `<data from="${source}"></data>` : `<data from="${source}">\n${escapeMarks(text)}\n</data>`;
}

/** A result as `withOptions` gives it, in its parts: the text without its marks, and what the tool itself says of it. */
export function splitMarked(result: string): { readonly text: string; readonly note: string | undefined } {
  const [, text, note] = /^<data from="[\w-]*">\n?([^]*?)\n?<\/data>(?:\n([^]*))?$/.exec(result) ?? [];
  return text === undefined ? { text: result, note: undefined } : { text, note };
}

/** The result of a tool without the marks, which say nothing to a person. */
export function withoutMarks(text: string): string {
  return text.replaceAll(/<\/?data(?: from="[\w-]*")?>\n?/g, '');
}

/**
 * The text without anything that could be taken for the marks of `markOutside`, however it is spelled: it begins with `[`
 * then. The text itself where there is nothing of the kind.
 */
export function escapeMarks(text: string): string {
  return text.replace(MARK, (found, closing: string | undefined, opening: string | undefined) => {
    const word = closing ?? opening ?? '';
    return isMarkWord(word) ? `[${closing === undefined ? '' : '/'}${word}` : found;
  });
}

function isMarkWord(word: string): boolean {
  const letters = word.normalize('NFKD').toLowerCase().replaceAll(/\P{L}/gu, '');
  return letters.replaceAll(/[^a-z]/g, (letter) => LOOK_ALIKES[letter] ?? letter) === 'data';
}
