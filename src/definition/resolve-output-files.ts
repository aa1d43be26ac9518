import type { Entry } from './entries.js';
import type { PathOptions } from './resolve-tools.js';
import type { TaskFields } from './task-schema.js';
import type { OutputFileDefinition } from './types.js';

const SCHEMA_FIELDS = ['output_json', 'output_pydantic', 'response_model'] as const;

/** The further files of a task's output; a name that is empty, or JSON of an output that has no form, is reported. */
export function resolveOutputFiles(
  { path, fields, given }: Entry<TaskFields>,
  { report }: PathOptions,
): OutputFileDefinition[] {
  const hasSchema = SCHEMA_FIELDS.some((field) => given.has(field));
  return Object.entries(fields.outputs ?? {}).map(([name, as]) => {
    const place = [...path, 'outputs', name];
    if (name.trim() === '') report.error(place, 'a file needs a name', { target: 'key' });
    if (as === 'json' && !hasSchema) {
      report.error(place, 'json needs an output schema: without one the output is only text', {
        hint: 'add output_json, or write raw',
      });
    }
    return { path: name.trim(), as };
  });
}
