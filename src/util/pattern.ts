import { messageOf } from '../errors.js';
import { runInTime } from './in-time.js';

/** A regular expression in its parts. */
export interface Pattern {
  readonly source: string;
  readonly flags: string;
}

export type PatternParse =
  { readonly ok: true; readonly pattern: Pattern } | { readonly ok: false; readonly reason: string };

/**
 * Reads a regular expression of JavaScript as a person writes it. `(?i)`, `(?s)` and `(?m)` at its start are flags, as in
 * other languages; it is a Unicode one where it is sound as such.
 */
export function parsePattern(text: string): PatternParse {
  const [, inline = '', source = text] = /^\(\?([ims]+)\)(.*)$/s.exec(text) ?? [];
  const flags = [...new Set(inline)].join('');
  for (const all of [`${flags}u`, flags]) {
    if (findProblem(source, all) === undefined) return { ok: true, pattern: { source, flags: all } };
  }
  return { ok: false, reason: findProblem(source, flags) ?? '' };
}

function findProblem(source: string, flags: string): string | undefined {
  try {
    void new RegExp(source, flags);
    return undefined;
  } catch (error) {
    return messageOf(error).replace(`Invalid regular expression: /${source}/${flags}: `, '');
  }
}

export type PatternSearch =
  | { readonly kind: 'found'; readonly text: string }
  | { readonly kind: 'none' }
  /** It took longer than it may: nested repetitions can take for ever. */
  | { readonly kind: 'timeout' };

/** Looks for the first match, for at most that many milliseconds, in which the process does nothing else. */
export function searchPattern({ source, flags }: Pattern, text: string, timeoutMs: number): PatternSearch {
  const search = runInTime(timeoutMs, () => new RegExp(source, flags).exec(text)?.[0]);
  if (search.isTimeout) return { kind: 'timeout' };
  return search.value === undefined ? { kind: 'none' } : { kind: 'found', text: search.value };
}
