import type { GuardrailDefinition } from '../definition/types.js';
import { excerpt } from '../util/excerpt.js';
import { fingerprintOf } from '../util/fingerprint.js';
import type { Guardrail } from './guardrail.js';

/** Characters of a sentence that stand for it in lists and reasons. */
const NAME_CHARACTERS = 100;

/** A sentence that a model judges the output by. */
export function createSentenceGuardrail({
  name,
  text: sentence,
  models,
}: GuardrailDefinition & { readonly kind: 'sentence' }): Guardrail {
  return {
    name: excerpt(name, NAME_CHARACTERS),
    digest: fingerprintOf({ sentence, models: models?.map(({ reference }) => reference) }),
    check: (_subject, { judge }) => judge(sentence, models),
  };
}
