import { distance } from 'fastest-levenshtein';

/** The candidate that was most likely meant by `word`, or undefined where none is close. Case, `-`, `_` and spaces count little. */
export function suggest(word: string, candidates: Iterable<string>): string | undefined {
  let best: { readonly candidate: string; readonly difference: number } | undefined;
  const wanted = simplify(word);
  for (const candidate of candidates) {
    const simplified = simplify(candidate);
    const difference = differenceOf(wanted, simplified);
    const allowed = Math.max(1, Math.floor(Math.max(wanted.length, simplified.length) / 3));
    const tooShort = Math.min(wanted.length, simplified.length) < 2 && difference > 0;
    if (tooShort || difference > allowed || (best && best.difference <= difference)) continue;
    best = { candidate, difference };
  }
  return best?.candidate;
}

/** `did you mean "…"?` for the closest candidate, or undefined where none is close. */
export function suggestHint(word: string, candidates: Iterable<string>): string | undefined {
  const suggestion = suggest(word, candidates);
  return suggestion === undefined ? undefined : `did you mean "${suggestion}"?`;
}

/** Letters to add, drop or change; two letters that changed places are one. */
function differenceOf(a: string, b: string): number {
  const difference = distance(a, b);
  const isSwapped = difference === 2 && a.length === b.length && sortLetters(a) === sortLetters(b);
  return isSwapped ? 1 : difference;
}

function sortLetters(word: string): string {
  return [...word].toSorted().join('');
}

function simplify(word: string): string {
  return word.toLowerCase().replaceAll(/[-_\s]/g, '');
}
