import { z } from 'zod';
import { textSchema } from './field-schemas.js';

const OUTPUT_WORDS = 'a JSON Schema, the path of one (.json, .yaml), or ./file.ts#export';

/** A JSON Schema, inline or where it stands. */
export const outputSchema = z.union([textSchema, z.record(z.string(), z.unknown(), { error: OUTPUT_WORDS })], {
  error: OUTPUT_WORDS,
});
