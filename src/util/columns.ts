import stringWidth from 'string-width';

export type Alignment = 'left' | 'right';

/** Spaces between two columns. */
const GAP = '  ';

/**
 * One line per row, its cells padded so that the columns stand below one another; no line ends in spaces. Widths are
 * those of a terminal: wide characters count two, colours nothing. Columns without an alignment are left-aligned.
 */
export function alignColumns(rows: readonly (readonly string[])[], alignments: readonly Alignment[] = []): string[] {
  const widths: number[] = [];
  const rowWidths = rows.map((row) => row.map(displayWidth));
  for (const row of rowWidths) {
    for (const [column, width] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, width);
  }
  return rows.map((row, index) =>
    row
      .map((cell, column) => {
        const padding = ' '.repeat((widths[column] ?? 0) - (rowWidths[index]?.[column] ?? 0));
        return alignments[column] === 'right' ? padding + cell : cell + padding;
      })
      .join(GAP)
      .trimEnd(),
  );
}

/** The text, or its beginning and `…` where it is wider than `maxWidth` columns of a terminal. */
export function shorten(text: string, maxWidth: number): string {
  if (displayWidth(text) <= maxWidth) return text;
  let shortened = '';
  let width = 1;
  for (const character of text) {
    width += displayWidth(character);
    if (width > maxWidth) break;
    shortened += character;
  }
  return `${shortened.trimEnd()}…`;
}

/** Columns of a terminal that the text takes. */
function displayWidth(text: string): number {
  return /^[\x20-\x7e]*$/.test(text) ? text.length : stringWidth(text);
}
