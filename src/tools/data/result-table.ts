import { formatBytes, formatCount } from '../../util/amounts.js';
import type { JobResult } from './job.js';

/** Characters of one cell, and of all rows of one result: what a context window bears several times. */
const CELL_CHARACTERS = 1000;
const MOST_CHARACTERS = 100_000;
const CUT_CELLS = `Texts that end with … are cut: substr(column, ${CELL_CHARACTERS + 1}, ${CELL_CHARACTERS}) gives the next part.`;

/** A value as a database gives it. */
export type Cell = string | number | bigint | boolean | null | Uint8Array;

/** Rows on their way into a result. */
export interface ResultTable {
  /** Takes a row; false where there was no room for it, which means that there are more rows than the result has. */
  add(cells: readonly Cell[]): boolean;
  /** A Markdown table, and in the note what is missing. */
  toResult(): JobResult;
}

/** A table without rows. Each cell is one line of text; NULL stands for what has no value, and for binary data its size. */
export function createResultTable(columns: readonly string[], maxRows: number): ResultTable {
  const lines: string[] = [];
  let isCut = false;
  let characters = 0;
  let isFull = false;
  const cellText = (cell: Cell): string => {
    const text = textOf(cell);
    if (text.length <= CELL_CHARACTERS) return escape(text);
    isCut = true;
    return `${escape(text.slice(0, CELL_CHARACTERS).toWellFormed())}…`;
  };
  return {
    add(cells) {
      if (isFull || lines.length >= maxRows) {
        isFull = true;
        return false;
      }
      const line = lineOf(cells.map(cellText));
      characters += line.length;
      isFull = lines.length > 0 && characters > MOST_CHARACTERS;
      if (!isFull) lines.push(line);
      return !isFull;
    },
    toResult() {
      const head = [lineOf(columns.map((column) => escape(column))), lineOf(columns.map(() => '---'))];
      const rows = lines.length === 0 ? ['no rows'] : lines;
      const notes = [...(isFull ? [moreRows(lines.length)] : []), ...(isCut ? [CUT_CELLS] : [])];
      return { text: [...head, ...rows].join('\n'), ...(notes.length > 0 && { note: notes.join('\n') }) };
    },
  };
}

function moreRows(count: number): string {
  const rows = count === 1 ? 'This is the first row' : `These are the first ${formatCount(count)} rows`;
  return `${rows}, and there are more: go on with LIMIT ${count} OFFSET ${count}, or ask for less.`;
}

function textOf(cell: Cell): string {
  if (cell === null) return 'NULL';
  if (cell instanceof Uint8Array) return `[${formatBytes(cell.length)} of binary data]`;
  return String(cell);
}

function escape(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('|', '\\|').replaceAll('\r', '\\r').replaceAll('\n', '\\n');
}

function lineOf(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}
