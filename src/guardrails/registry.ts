import type { GuardrailDefinition } from '../definition/types.js';
import { loadCustomGuardrail } from './custom-guardrail.js';
import type { Guardrail } from './guardrail.js';
import { loadJsonSchemaGuardrail } from './json-schema.js';
import { createLengthGuardrail } from './length.js';
import { createPatternGuardrail } from './pattern.js';
import { createSentenceGuardrail } from './sentence.js';

export interface LoadGuardrailsOptions {
  /** Absolute; where paths of files start. */
  readonly definitionDirectory: string;
  /** A few variables of it are there for commands. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

type Loader<Kind> = (
  definition: GuardrailDefinition & { readonly kind: Kind },
  options: LoadGuardrailsOptions,
) => Guardrail | Promise<Guardrail>;

/** What makes a check, by kind. */
const GUARDRAILS: { readonly [Kind in GuardrailDefinition['kind']]: Loader<Kind> } = {
  sentence: createSentenceGuardrail,
  matches: (definition) => createPatternGuardrail(definition),
  not_matches: (definition) => createPatternGuardrail(definition),
  min_chars: createLengthGuardrail,
  max_chars: createLengthGuardrail,
  max_words: createLengthGuardrail,
  json_schema: loadJsonSchemaGuardrail,
  shell: async (definition, options) => (await import('./shell.js')).createShellGuardrail(definition, options),
  module: loadCustomGuardrail,
};

/** The checks that the definitions mean, in their order. Rejects with UsageError where a file of one cannot be loaded. */
export function loadGuardrails(
  definitions: readonly GuardrailDefinition[],
  options: LoadGuardrailsOptions,
): Promise<Guardrail[]> {
  return Promise.all(
    definitions.map((definition) => (GUARDRAILS[definition.kind] as Loader<unknown>)(definition, options)),
  );
}
