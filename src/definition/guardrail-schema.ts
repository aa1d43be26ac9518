import { z } from 'zod';
import { textSchema, wholeNumberSchema } from './field-schemas.js';
import { modelReferenceSchema } from './model-schema.js';
import { outputSchema } from './output-field-schema.js';

const GUARDRAIL_WORDS = 'a guardrail: a sentence, ./file.ts#export, or a map such as { max_words: 200 }';

const checksSchema = z.strictObject(
  {
    sentence: textSchema.optional().describe('What must be true of the output; a model judges it.'),
    llm: modelReferenceSchema.optional().describe('The model that judges the sentence. Default: guardrail_llm.'),
    matches: textSchema
      .optional()
      .describe('Regular expression that has to be found in the output; (?i), (?m) and (?s) at its start are flags.'),
    not_matches: textSchema.optional().describe('Regular expression that must not be found in the output.'),
    min_chars: wholeNumberSchema(1).optional().describe('Fewest characters of the output.'),
    max_chars: wholeNumberSchema(1).optional().describe('Most characters of the output.'),
    max_words: wholeNumberSchema(1)
      .optional()
      .describe('Most words of the output; Chinese and Japanese characters count one by one.'),
    json_schema: outputSchema
      .optional()
      .describe('JSON Schema that the output must meet: inline, a path, or a module.'),
    shell: textSchema
      .optional()
      .describe('Command that is given the output on stdin: exit 0 passes, else stderr is the reason.'),
  },
  { error: GUARDRAIL_WORDS },
);

/** One guardrail: a sentence, a file of code, or a map with one or more checks. */
export const guardrailSchema = z.union([textSchema, checksSchema], { error: GUARDRAIL_WORDS }).meta({
  id: 'Guardrail',
  description: 'What an output has to meet: a sentence that a model judges, ./file.ts#export, or { max_words: 200 }.',
});

/** Several guardrails. */
export const guardrailListSchema = z.array(guardrailSchema, { error: 'a list of guardrails' });

export type GuardrailValue = z.output<typeof guardrailSchema>;

/** A map with checks. */
export type GuardrailChecks = z.output<typeof checksSchema>;
