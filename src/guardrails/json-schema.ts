import { resolve } from 'node:path';
import { loadOutputSchema } from '../definition/output-schema.js';
import type { GuardrailDefinition } from '../definition/types.js';
import { digestSource } from '../tools/own/source-digest.js';
import { extractJson } from '../util/extract-json.js';
import { fingerprintOf } from '../util/fingerprint.js';
import type { Guardrail } from './guardrail.js';

/** `json_schema`: whether the output is JSON of a schema. Rejects with UsageError where the schema cannot be loaded. */
export async function loadJsonSchemaGuardrail(
  { name, schema: source }: GuardrailDefinition & { readonly kind: 'json_schema' },
  { definitionDirectory: directory }: { readonly definitionDirectory: string },
): Promise<Guardrail> {
  const { schema, parse } = await loadOutputSchema({ field: 'json_schema', schema: source }, { directory });
  const code = source.kind === 'module' ? await digestSource(resolve(directory, source.path)) : undefined;
  return {
    name,
    digest: fingerprintOf({ schema, code }),
    async check({ text }) {
      const value = extractJson(text);
      if (value === undefined) return { passed: false, reason: 'it is not JSON' };
      const parsed = await parse(value);
      return parsed.ok ? { passed: true } : { passed: false, reason: parsed.reason };
    },
  };
}
