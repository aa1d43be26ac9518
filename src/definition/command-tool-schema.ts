import { z } from 'zod';
import { textSchema } from './field-schemas.js';
import { toolOptionsSchema } from './tool-settings.js';

const COMMAND_WORDS = 'a list: the program, then its arguments';
const PARAMETER_WORDS = 'a map of parameters such as { city: string }, or the JSON Schema of an object';

/** A tool that is a program: it reads the arguments as JSON on stdin and writes the result to stdout. */
export const commandToolSchema = z.strictObject({
  ...toolOptionsSchema.shape,
  command: z
    .array(textSchema, { error: COMMAND_WORDS })
    .min(1, { error: COMMAND_WORDS })
    .describe("The program and its arguments; it runs in the definition's folder, without a shell."),
  description: textSchema.describe('What models are told of it.'),
  parameters: z
    .record(z.string(), z.unknown(), { error: PARAMETER_WORDS })
    .describe('What models give it: { city: string, days: integer }, or the JSON Schema of an object.'),
  env: z
    .array(textSchema.regex(/^[A-Za-z_]\w*$/, { error: 'the name of a variable' }), {
      error: 'a list of names of variables',
    })
    .default([])
    .describe('Environment variables that it gets, beside PATH, HOME, LANG and TMPDIR.'),
});
