const HIDDEN = ['script', 'style', 'noscript', 'template', 'svg'];
const BLOCK = /^\/?(?:p|div|br|li|ul|ol|tr|table|h[1-6]|section|article|header|footer|blockquote|pre|title|hr|dt|dd)\b/;
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };

/**
 * The text of an HTML page without its tags, a line for each block. Takes time in proportion to its length, whatever the page
 * is: for pages that a parser has too much trouble with.
 */
export function plainPage(html: string): string {
  // Of the same length, which Unicode's own way does not give.
  const lowerCase = html.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());
  const pieces: string[] = [];
  for (let at = 0; at < html.length;) {
    const start = html.indexOf('<', at);
    if (start < 0) {
      pieces.push(html.slice(at));
      break;
    }
    pieces.push(html.slice(at, start));
    at = endOfTag(lowerCase, start);
    // What ends at once is a sign of the text.
    if (at === start + 1) pieces.push('<');
    else if (BLOCK.test(lowerCase.slice(start + 1, start + 16))) pieces.push('\n');
  }
  return unescaped(pieces.join(''))
    .split('\n')
    .map((line) => line.replaceAll(/\s+/g, ' ').trim())
    .filter((line) => line !== '')
    .join('\n');
}

/** Where the text goes on after a tag, a comment, or an element that has no text for readers; the end where it does not. */
function endOfTag(html: string, start: number): number {
  const after = (end: string, from: number): number => {
    const found = html.indexOf(end, from);
    return found < 0 ? html.length : found + end.length;
  };
  if (html.startsWith('<!--', start)) return after('-->', start + 4);
  if (!/[a-z/!?]/.test(html[start + 1] ?? '')) return start + 1;
  const hidden = HIDDEN.find(
    (name) => html.startsWith(name, start + 1) && !/[\w-]/.test(html[start + 1 + name.length] ?? ''),
  );
  return after('>', hidden === undefined ? start + 1 : after(`</${hidden}`, start + 1));
}

function unescaped(text: string): string {
  return text.replaceAll(
    /&(?:#(\d{1,7})|#x([\da-f]{1,6})|(amp|lt|gt|quot|apos|nbsp));/gi,
    (found, decimal, hex, name) => {
      if (name !== undefined) return ENTITIES[String(name).toLowerCase()] ?? found;
      const code = decimal === undefined ? Number.parseInt(String(hex), 16) : Number(decimal);
      return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : found;
    },
  );
}
