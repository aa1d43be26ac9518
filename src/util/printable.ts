/**
 * The text without the characters that steer a terminal, or turn the direction of writing; line breaks and tabs stay. For
 * whatever models and tools wrote: shown as it is, it could move the cursor, change colours, hide what stands before it, or
 * read other than it is.
 */
export function printable(text: string): string {
  return text.replace(/(?![\n\t])\p{Cc}|[\u202A-\u202E\u2066-\u2069]/gu, '');
}

/** The text in one line. */
export function printableLine(text: string): string {
  return printable(text.replaceAll(/\s+/g, ' ').trim());
}
