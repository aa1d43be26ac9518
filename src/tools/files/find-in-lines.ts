import { runInTime } from '../../util/in-time.js';
import { parsePattern } from '../../util/pattern.js';
import { ToolError } from '../tool-error.js';

/** Most characters of a line that an expression is tried on: its time can grow with the square of them. */
const MOST_TRIED = 5000;
/** Longest time for some lines, milliseconds, in which the process does nothing else. */
const TIMEOUT_MS = 500;
/** Most characters that are shown of a line, and of those before the match. */
const MOST_SHOWN = 300;
const MOST_SHOWN_BEFORE = 100;

export interface FoundLine {
  /** Among the lines given, from 0. */
  readonly index: number;
  /** The line, or the part of it around the match. */
  readonly text: string;
}

/** Looks for lines that have the pattern in them, as it stands or as a regular expression. */
export interface LineFinder {
  /** True where the pattern is no regular expression, so that only the text itself is looked for. */
  readonly isPlain: boolean;
  /** Throws ToolError for an expression that takes too long. */
  find(lines: readonly string[]): readonly FoundLine[];
}

export function createLineFinder(pattern: string): LineFinder {
  const parsed = parsePattern(pattern);
  const expression = parsed.ok ? new RegExp(parsed.pattern.source, parsed.pattern.flags) : undefined;
  const placeIn = (line: string): number => {
    const place = line.indexOf(pattern);
    return place === -1 && expression ? line.slice(0, MOST_TRIED).search(expression) : place;
  };
  return {
    isPlain: expression === undefined,
    find(lines) {
      const search = runInTime(TIMEOUT_MS, () =>
        lines.flatMap((line, index) => {
          const place = placeIn(line);
          return place === -1 ? [] : [{ index, text: around(line, place) }];
        }),
      );
      if (search.isTimeout) throw new ToolError(`the pattern ${pattern} takes too long; use a simpler one`);
      return search.value;
    },
  };
}

function around(line: string, place: number): string {
  if (line.length <= MOST_SHOWN) return line;
  const start = Math.min(Math.max(0, place - MOST_SHOWN_BEFORE), line.length - MOST_SHOWN);
  const end = start + MOST_SHOWN;
  return `${start > 0 ? '…' : ''}${line.slice(start, end).toWellFormed()}${end < line.length ? '…' : ''}`;
}
