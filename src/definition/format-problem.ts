import type { Problem } from './types.js';

/** Most characters of a source line that are shown. */
const MAX_SHOWN = 120;

/** Characters that take two columns of a terminal. */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;

/**
 * A problem for a person: `file:line:column path: message`, the source line with its number, carets under the
 * place, and the hint. Several lines, without a line break at the end.
 */
export function formatProblem(problem: Problem): string {
  const lines = [formatHead(problem)];
  let gutter = '';
  if (problem.line > 0 && problem.sourceLine !== undefined) {
    gutter = ' '.repeat(String(problem.line).length);
    const { text, caret } = drawLine(problem.sourceLine, problem.column, problem.length);
    lines.push(`  ${problem.line} | ${text}`, `  ${gutter} | ${caret}`);
  }
  if (problem.hint !== undefined) lines.push(`  ${gutter === '' ? '' : `${gutter} `}= ${problem.hint}`);
  return lines.join('\n');
}

function formatHead(problem: Problem): string {
  const place = problem.line > 0 ? `${problem.file}:${problem.line}:${problem.column}` : problem.file;
  const warning = problem.severity === 'warning' ? 'warning' : '';
  const subject = [warning, problem.path].filter((word) => word !== '').join(' ');
  if (subject !== '') return `${place} ${subject}: ${problem.message}`;
  return problem.line > 0 ? `${place} ${problem.message}` : `${place}: ${problem.message}`;
}

function drawLine(sourceLine: string, column: number, length: number): { text: string; caret: string } {
  const characters = [...sourceLine];
  const start = column - 1;
  let from = 0;
  if (characters.length > MAX_SHOWN && start > MAX_SHOWN * 0.6) from = start - Math.floor(MAX_SHOWN / 3);
  const shown = characters.slice(from, from + MAX_SHOWN);
  const end = Math.min(start - from + length, Math.max(shown.length, start - from + 1));
  const left = from > 0 ? '…' : '';
  const right = from + MAX_SHOWN < characters.length ? '…' : '';
  const before = shown.slice(0, start - from).map((character) => (character === '\t' ? '\t' : blank(character, ' ')));
  const under = shown.slice(start - from, end).map((character) => blank(character, '^'));
  return {
    text: left + shown.join('').trimEnd() + right,
    caret: (left && ' ') + before.join('') + (under.join('') || '^'),
  };
}

function blank(character: string, mark: string): string {
  return WIDE.test(character) ? mark + mark : mark;
}
