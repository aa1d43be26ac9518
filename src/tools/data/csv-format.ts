/** Likely separators of columns, the likeliest first. */
const DELIMITERS = [',', ';', '\t', '|'];
/** Lines that are looked at. */
const SAMPLE_LINES = 20;

/** How a CSV file is written. */
export interface CsvFormat {
  readonly delimiter: string;
  readonly encoding: 'utf8' | 'utf16le' | 'latin1';
}

/** How a CSV file is written, from its beginning; `isWhole` where that is all of it. */
export function detectCsvFormat(bytes: Buffer, { isWhole }: { readonly isWhole: boolean }): CsvFormat {
  const encoding = encodingOf(bytes, isWhole);
  return { encoding, delimiter: delimiterOf(bytes.toString(encoding), isWhole) };
}

function encodingOf(bytes: Buffer, isWhole: boolean): CsvFormat['encoding'] {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf16le';
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: !isWhole });
    return 'utf8';
  } catch {
    return 'latin1';
  }
}

/** The one that is most often in the first line among those that are equally often in all lines; else the most frequent. */
function delimiterOf(text: string, isWhole: boolean): string {
  const lines = linesOutsideQuotes(text);
  const whole = (isWhole || lines.length === 1 ? lines : lines.slice(0, -1)).slice(0, SAMPLE_LINES);
  const counted = DELIMITERS.map((delimiter) => {
    const counts = whole.map((line) => line.split(delimiter).length - 1);
    const [first = 0] = counts;
    return { delimiter, first, isEven: first > 0 && counts.every((count) => count === first) };
  });
  const even = counted.filter(({ isEven }) => isEven);
  const [best] = (even.length > 0 ? even : counted).toSorted((a, b) => b.first - a.first);
  return best?.delimiter ?? ',';
}

/** The lines that are not empty, without what stands in double quotes. */
function linesOutsideQuotes(text: string): string[] {
  return text
    .replaceAll(/"[^"]*(?:"|$)/g, '')
    .split(/\r\n|\r|\n/)
    .filter((line) => line.trim() !== '');
}

/** Names for the columns: as in the header where they can stand in a statement, and each only once. */
export function columnNames(header: readonly string[]): string[] {
  const taken = new Set<string>();
  return header.map((title, index) => {
    const word = title.replaceAll(/[^\p{L}\p{N}]+/gu, '_').replaceAll(/^_+|_+$/g, '');
    const base = word === '' ? `column_${index + 1}` : /^\p{N}/u.test(word) ? `_${word}` : word;
    let name = base;
    for (let number = 2; taken.has(name.toLowerCase()); number += 1) name = `${base}_${number}`;
    taken.add(name.toLowerCase());
    return name;
  });
}

/** What all values of a column are. */
export type ColumnType = 'INTEGER' | 'REAL' | 'TEXT';

/** No leading zeros and plus signs, as of codes and telephone numbers, and no more digits than a number keeps exactly. */
const INTEGER = /^-?(?:0|[1-9]\d{0,17})$/;
const REAL = /^-?(?:0|[1-9]\d{0,14})?(?:\.\d{1,17}(?:[eE][+-]?\d{1,3})?|(?<=\d)[eE][+-]\d{1,3})$/;

/** The type of a column of which all values so far had that type (undefined: there was none yet), with one more value. */
export function typeWith(type: ColumnType | undefined, value: string): ColumnType {
  if (type === 'TEXT') return type;
  if (INTEGER.test(value)) return type === 'REAL' && value.length > 15 ? 'TEXT' : (type ?? 'INTEGER');
  return REAL.test(value) ? 'REAL' : 'TEXT';
}
