/** The text, or its beginning and `…` where it has more characters. For messages; lists align with `shorten` of columns. */
export function excerpt(text: string, maxCharacters: number): string {
  return text.length <= maxCharacters ? text : `${text.slice(0, maxCharacters - 1).trimEnd()}…`;
}
