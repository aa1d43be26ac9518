/** The text as a name that model providers accept: letters, digits, `_` and `-`, at most 64; empty where nothing is left. */
export function toIdentifier(text: string): string {
  if (/^[A-Za-z0-9_-]{1,64}$/.test(text)) return text;
  return text
    .replaceAll(/[^A-Za-z0-9_-]+/g, '_')
    .replaceAll(/^_+|_+$/g, '')
    .slice(0, 64);
}
