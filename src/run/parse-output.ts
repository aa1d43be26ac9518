import type { OutputSchema } from '../definition/output-schema.js';
import { extractJson } from '../util/extract-json.js';

/** The value in an answer, as its schema parses it, or what does not fit, in words for the model. */
export async function parseOutput(schema: OutputSchema, text: string): ReturnType<OutputSchema['parse']> {
  const value = extractJson(text);
  return value === undefined ? { ok: false, reason: 'it is not JSON' } : schema.parse(value);
}
