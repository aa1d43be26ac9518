import type { GuardrailDefinition } from '../definition/types.js';
import type { Guardrail } from '../guardrails/guardrail.js';
import type { Redactor } from '../util/redact.js';
import { modelParts } from './agent-fingerprint.js';
import { digestOf, type Part } from './fingerprint-part.js';

/**
 * The part for the guardrails of a task or an agent; none where there are none. `definitions` have their placeholders still;
 * `loaded` are the checks made of them, in the same order.
 */
export function guardrailPart(
  name: string,
  definitions: readonly GuardrailDefinition[],
  { loaded, redactor }: { readonly loaded: readonly Guardrail[]; readonly redactor: Redactor },
): Part[] {
  if (definitions.length === 0) return [];
  const digests = definitions.map((definition, index) =>
    definition.kind === 'sentence'
      ? [redactor.text(definition.text), definition.models && modelParts(redactor.json(definition.models))]
      : loaded[index]?.digest,
  );
  return [[name, digestOf(digests)]];
}

/** The sentences among the guardrails: texts in which inputs are put. */
export function guardrailTexts(definitions: readonly GuardrailDefinition[]): string[] {
  return definitions.flatMap((definition) => (definition.kind === 'sentence' ? definition.text : []));
}
