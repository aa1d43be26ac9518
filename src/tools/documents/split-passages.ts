/** A piece of a document. */
export interface Passage {
  /** Line of its beginning, from 1. */
  readonly line: number;
  /** The headings above it, outermost first: `Install > Linux`; empty for none. */
  readonly heading: string;
  readonly text: string;
}

/** How long a passage gets: it ends at the first paragraph after the fewest characters, or before the most. */
const FEWEST = 600;
const MOST = 1200;

/** A text in passages of about 1000 characters, in order; with `hasHeadings` each Markdown heading starts a new one. */
export function splitPassages(text: string, { hasHeadings }: { readonly hasHeadings: boolean }): readonly Passage[] {
  const passages: Passage[] = [];
  const headings: string[] = [];
  let [open, start] = ['', 1];
  let isCode = false;
  const close = (): void => {
    if (open.trim() !== '')
      passages.push({ line: start, heading: headings.filter(Boolean).join(' > '), text: open.trim() });
    open = '';
  };
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (hasHeadings && /^\s{0,3}(?:```|~~~)/.test(line)) isCode = !isCode;
    const [, marks = '', title = ''] = (hasHeadings && !isCode && /^(#{1,6}) +(.{1,200})/.exec(line)) || [];
    if (marks !== '') {
      close();
      headings.length = marks.length - 1;
      headings[marks.length - 1] = title.replace(/ +#+ *$/, '');
    } else if (open.length > FEWEST && line.trim() === '') close();
    for (const piece of splitLine(line)) {
      if (open.length + piece.length > MOST) close();
      if (open === '') {
        if (piece.trim() === '') continue;
        start = index + 1;
      }
      open += `${piece}\n`;
    }
  }
  close();
  return passages;
}

/** A line in pieces that fit a passage, between words where there are some. */
function splitLine(line: string): readonly string[] {
  return line.length <= MOST
    ? [line]
    : (line.match(/[^]{1,1000}(?:\s|$)|[^]{1,1000}/g) ?? []).map((piece) => piece.trim());
}
