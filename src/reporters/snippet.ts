import type { SnippetPart } from '../store/records.js';
import { shorten } from '../util/columns.js';
import { printable } from '../util/printable.js';
import type { Paint } from './paint.js';

/** Characters before what was found that are shown where space is short. */
const SHORT_LEAD = 16;

/** The place of an output that was found, in one line, its matches emphasised; at most `maxWidth` columns wide. */
export function renderSnippet(snippet: readonly SnippetPart[], maxWidth: number, paint: Paint): string {
  const parts = snippet.map(({ text, isMatch }) => ({ text: printable(text.replaceAll(/\s+/g, ' ')), isMatch }));
  const [first, ...rest] = parts;
  const isWide = shorten(textOf(parts), maxWidth) !== textOf(parts);
  const kept = isWide && first?.isMatch === false ? [{ ...first, text: endOf(first.text) }, ...rest] : parts;
  return paintParts(cut(kept, shorten(textOf(kept), maxWidth)), paint).trim();
}

function endOf(text: string): string {
  return text.length > SHORT_LEAD ? `…${text.slice(-SHORT_LEAD)}` : text;
}

function textOf(parts: readonly SnippetPart[]): string {
  return parts.map(({ text }) => text).join('');
}

/** The parts as far as the shortened text goes, which may end in `…`. */
function cut(parts: readonly SnippetPart[], shortened: string): SnippetPart[] {
  let rest = shortened;
  return parts.map(({ text, isMatch }) => {
    const taken = rest.slice(0, text.length);
    rest = rest.slice(text.length);
    return { text: taken, isMatch };
  });
}

function paintParts(parts: readonly SnippetPart[], paint: Paint): string {
  return parts.map(({ text, isMatch }) => (isMatch ? paint('name', text) : text)).join('');
}
