import { z } from 'zod';
import { textSchema } from './field-schemas.js';

/** The types that an input can have. */
const INPUT_TYPES = ['string', 'number', 'integer', 'boolean', 'list', 'object'] as const;

/** The long form of an input. */
const inputFieldsSchema = z.strictObject(
  {
    description: textSchema.optional().describe('What the value is for; shown where it is asked for.'),
    type: z
      .enum(INPUT_TYPES, { error: 'string, number, integer, boolean, list or object' })
      .optional()
      .describe('Type of the value. Default: that of `default`, else string.'),
    default: z.json().optional().describe('The value where none is given. Without it the input is required.'),
    options: z
      .array(z.json(), { error: 'a list of values' })
      .min(1, { error: 'a list with at least one value' })
      .optional()
      .describe('The only values that are allowed.'),
  },
  { error: 'a map with description, type, default or options' },
);

const INPUT_WORDS = 'a default value, or a map with description, type, default or options';

/** An input: its default, nothing (required), or the long form. */
export const inputSchema = z
  .union([z.null(), z.string(), z.number(), z.boolean(), z.array(z.json()), inputFieldsSchema], { error: INPUT_WORDS })
  .meta({
    id: 'Input',
    description: 'An input: its default value; nothing, then it is required; or a map with settings.',
  });

export type InputValue = z.output<typeof inputSchema>;
export type InputFields = z.output<typeof inputFieldsSchema>;
