import { z } from 'zod';
import { nameSchema, textSchema, wholeNumberSchema } from './field-schemas.js';

const AS_WORDS = 'full, summary, json, or json. and the path of a part, such as json.findings.0';
const ENTRY_WORDS = 'the name of a task, or a map such as { task: research, as: summary }';

const formSchema = z.strictObject(
  {
    task: nameSchema.describe('Name of the task.'),
    as: textSchema
      .regex(/^(full|summary|json(\..+)?)$/, { error: AS_WORDS })
      .default('full')
      .describe('full: all of it. summary: a model shortens it. json.<path>: a part of a structured output.'),
    max_tokens: wholeNumberSchema(1).optional().describe('Most tokens of it; what is cut is said.'),
  },
  { error: ENTRY_WORDS },
);

/** The outputs that a task is given. */
export const contextSchema = z.array(z.union([nameSchema, formSchema], { error: ENTRY_WORDS }), {
  error: 'a list of task names',
});

export type ContextValue = z.output<typeof contextSchema>;
