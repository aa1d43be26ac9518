import { z } from 'zod';
import { parseDuration } from '../util/duration.js';

// The `error` of each schema is what a value must be, in words that follow "must be"; check-shape.ts makes the sentence.

/** A text that is not empty. */
export const textSchema = z.string({ error: 'text' }).regex(/\S/, { error: 'text that is not empty' });

/** Names of a map's entries and of list items; task ids and step paths are made of them. */
export const NAME_PATTERN = /^(?!\d+$)(?!__proto__$)[\p{L}\p{N}_][\p{L}\p{N}_.-]*$/u;

/** What `NAME_PATTERN` asks for, in words that follow "must be". */
export const NAME_WORDS = 'letters, digits, "_", "-" and ".", and not only digits';

/** The key of an agent, task or model. */
export const nameSchema = z.string({ error: 'text' }).regex(NAME_PATTERN, { error: NAME_WORDS });

/** A whole number in a range. */
export function wholeNumberSchema(min: number, max = 1_000_000): z.ZodInt {
  const error = `a whole number, ${min} or more`;
  return z
    .int({ error })
    .min(min, { error })
    .max(max, { error: `a whole number, at most ${max}` });
}

const DURATION_WORDS = 'a duration such as 60s or 2m, or seconds as a number';

/** A duration as a text or as seconds; `parseDuration` gives its milliseconds. */
export const durationSchema = z
  .union([z.string(), z.number()], { error: DURATION_WORDS })
  .refine((value) => parseDuration(value) !== undefined, { error: DURATION_WORDS });

/** `max_rpm` of a crew or an agent. */
export const callsPerMinuteSchema = wholeNumberSchema(1);

/** True or false, as YAML 1.2 writes them. */
export const flagSchema = z.boolean({ error: 'true or false' });

/** A file of the user's code: `./file.ts#export`. */
export const moduleSchema = textSchema.regex(/\.[cm]?[jt]s(#[\w$]+)?$/, { error: './file.ts#export' });

/** One or more files of the user's code. */
export const moduleListSchema = z.union([moduleSchema, z.array(moduleSchema, { error: './file.ts#export' })], {
  error: './file.ts#export, or a list of them',
});

/** `max_tpm` of a crew or an agent. */
export const tokensPerMinuteSchema = wholeNumberSchema(1, Number.MAX_SAFE_INTEGER);

/** A list of names, such as task keys. */
export function nameListSchema(of: string): z.ZodArray<z.ZodString> {
  return z.array(z.string({ error: `the name of ${of}` }).min(1, { error: `the name of ${of}` }), {
    error: `a list of ${of.replace(/^an? /, '')} names`,
  });
}

/** A map whose fields are checked where they are put in. */
export const configSchema = z.union([z.record(z.string(), z.unknown()), textSchema], {
  error: 'a map, or JSON of one',
});
