import { UsageError } from '../errors.js';
import { outputFormatOf } from '../run/execute-task.js';
import type { ReusedOutput } from '../store/records.js';
import { extractJson } from '../util/extract-json.js';
import { suggestHint } from '../util/suggest.js';
import type { PreparedRun } from './prepare-run.js';

/**
 * Outputs that were given by hand, by task key: checked against the output schema of their task like those of agents.
 * Rejects with UsageError for one that does not fit, or is of no task.
 */
export async function parseGivenOutputs(
  { definition: { tasks }, materials }: PreparedRun,
  texts: Readonly<Record<string, string>>,
): Promise<Map<string, ReusedOutput>> {
  const outputs = new Map<string, ReusedOutput>();
  for (const [key, raw] of Object.entries(texts)) {
    const task = tasks.find((candidate) => candidate.key === key);
    if (!task) {
      const keys = tasks.map((candidate) => candidate.key);
      throw new UsageError(`there is no task "${key}" to set the output of`, {
        hint: suggestHint(key, keys) ?? `There are ${keys.join(', ')}.`,
      });
    }
    const schema = materials.outputSchemas.get(key);
    const value = schema && extractJson(raw);
    const parsed = value === undefined ? undefined : await schema?.parse(value);
    if (schema && !parsed?.ok) {
      throw new UsageError(
        `the output given for ${key} does not fit its schema: ${parsed?.reason ?? 'it is not JSON'}`,
      );
    }
    outputs.set(key, { outputFormat: outputFormatOf(task), source: null, raw, json: parsed?.ok ? parsed.value : null });
  }
  return outputs;
}
