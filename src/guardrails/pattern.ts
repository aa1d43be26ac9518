import type { GuardrailDefinition } from '../definition/types.js';
import { TaskError } from '../errors.js';
import { excerpt } from '../util/excerpt.js';
import { fingerprintOf } from '../util/fingerprint.js';
import { parsePattern, searchPattern } from '../util/pattern.js';
import type { Guardrail } from './guardrail.js';

/** Most time that one search may take, milliseconds. */
const SEARCH_MS = 1000;
/** Characters of a match that a reason shows. */
const SHOWN_CHARACTERS = 80;

/** `matches` and `not_matches`: whether a regular expression is found in the output. The pattern has to be sound. */
export function createPatternGuardrail(
  { kind, name, pattern: written }: GuardrailDefinition & { readonly kind: 'matches' | 'not_matches' },
  { timeoutMs = SEARCH_MS }: { readonly timeoutMs?: number } = {},
): Guardrail {
  const parsed = parsePattern(written);
  if (!parsed.ok) throw new Error(`${name}: ${parsed.reason}`);
  return {
    name,
    digest: fingerprintOf({ kind, written }),
    check({ text }) {
      const search = searchPattern(parsed.pattern, text, timeoutMs);
      if (search.kind === 'timeout') {
        throw new TaskError(`guardrail ${name}: the search took longer than ${timeoutMs} ms`, {
          hint: 'Nested repetitions such as (a+)+ can take for ever: write the regular expression without them.',
        });
      }
      const isFound = search.kind === 'found';
      if (isFound === (kind === 'matches')) return { passed: true };
      return {
        passed: false,
        reason: isFound ? `it has ${JSON.stringify(excerpt(search.text, SHOWN_CHARACTERS))}` : 'it has no match',
      };
    },
  };
}
