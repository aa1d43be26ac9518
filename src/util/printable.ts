/**
 * The text without the characters that steer a terminal; line breaks and tabs stay. For whatever models and tools wrote:
 * shown as it is, it could move the cursor, change colours or hide what stands before it.
 */
export function printable(text: string): string {
  return text.replace(/(?![\n\t])\p{Cc}/gu, '');
}

/** The text in one line. */
export function printableLine(text: string): string {
  return printable(text.replaceAll(/\s+/g, ' ').trim());
}
