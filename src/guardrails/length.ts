import type { GuardrailDefinition } from '../definition/types.js';
import { countOf } from '../util/amounts.js';
import { fingerprintOf } from '../util/fingerprint.js';
import type { Guardrail } from './guardrail.js';

/** `min_chars`, `max_chars` and `max_words`: how long the output is, without space around it. */
export function createLengthGuardrail({
  kind,
  name,
  count,
}: GuardrailDefinition & { readonly kind: 'min_chars' | 'max_chars' | 'max_words' }): Guardrail {
  return {
    name,
    digest: fingerprintOf({ kind, count }),
    check({ text }) {
      const found = kind === 'max_words' ? countWords(text) : countCharacters(text);
      if (kind === 'min_chars' ? found >= count : found <= count) return { passed: true };
      const unit = kind === 'max_words' ? 'word' : 'character';
      return { passed: false, reason: `it has ${countOf(found, unit)}` };
    },
  };
}

/** An emoji that takes two places of a string is one character. */
function countCharacters(text: string): number {
  let count = 0;
  for (const _ of text.trim()) count += 1;
  return count;
}

/** Chinese and Japanese characters count one by one, as word processors do; else what stands between spaces. */
const WORD = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}]|(?:(?![\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}])[^\s])+/gu;

/** A dash between spaces or the `#` of a heading is no word. */
function countWords(text: string): number {
  return (text.match(WORD) ?? []).filter((word) => /[\p{L}\p{N}]/u.test(word)).length;
}
