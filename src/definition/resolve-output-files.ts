import type { Entry } from './entries.js';
import { asksForSchema } from './resolve-output.js';
import type { PathOptions } from './code-files.js';
import type { TaskFields } from './task-schema.js';
import type { OutputFileDefinition } from './types.js';

/** The further files of a task's output; a name that is empty, or JSON of an output that has no form, is reported. */
export function resolveOutputFiles(task: Entry<TaskFields>, { report }: PathOptions): OutputFileDefinition[] {
  const { path, fields } = task;
  return Object.entries(fields.outputs ?? {}).map(([name, as]) => {
    const place = [...path, 'outputs', name];
    if (name.trim() === '') report.error(place, 'a file needs a name', { target: 'key' });
    if (as === 'json' && !asksForSchema(task)) {
      report.error(place, 'json needs an output schema: without one the output is only text', {
        hint: 'add output_json, or write raw',
      });
    }
    return { path: name.trim(), as };
  });
}
