import { SECRET_FORMS } from '../util/secret-forms.js';
import type { Range } from './locate.js';

/** A password in a URL is left to redaction: prompts and examples hold made-up ones. */
const KEY_FORMS = SECRET_FORMS.filter(({ marker }) => marker !== '://');

/** Where in a text something stands that is a key by its form. */
export function findWrittenKeys(written: string): Range[] {
  // The default of a variable, `${NAME:-…}`, is no part of a longer word.
  const text = written.replaceAll(':-', ': ');
  return KEY_FORMS.filter(({ marker }) => text.includes(marker)).flatMap(({ pattern }) =>
    [...text.matchAll(pattern)].map((match) => ({ start: match.index, end: match.index + match[0].length })),
  );
}

/** The text with every key in it made unreadable; its length stays. */
export function maskWrittenKeys(text: string): string {
  return maskRanges(text, findWrittenKeys(text));
}

/** The text with stars in the given ranges; line breaks stay, so that lines and columns do. */
export function maskRanges(text: string, ranges: readonly Range[]): string {
  let masked = text;
  for (const { start, end } of ranges) {
    masked = masked.slice(0, start) + masked.slice(start, end).replaceAll(/[^\r\n]/g, '*') + masked.slice(end);
  }
  return masked;
}
