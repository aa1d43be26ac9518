import type { ContextValue } from './context-schema.js';
import type { CrewShape } from './crew-shape.js';
import type { Entry } from './entries.js';
import type { Report } from './report.js';
import { asksForSchema } from './resolve-output.js';
import type { TaskFields } from './task-schema.js';
import type { ContextForm, TaskDefinition } from './types.js';

/** The task that an entry of `context` names. */
export function contextName(entry: ContextValue[number]): string {
  return (typeof entry === 'string' ? entry : entry.task).trim();
}

/** How a task is given its context. Reports a task that is named in two forms, and a part of an output that is plain text. */
export function resolveContextForms(
  { path, fields }: Entry<TaskFields>,
  { tasks }: CrewShape,
  report: Report,
): TaskDefinition['contextForms'] {
  const entries = fields.context ?? [];
  const forms = new Map<string, ContextForm>();
  for (const [index, entry] of entries.entries()) {
    const name = contextName(entry);
    const at = [...path, 'context', index];
    const first = entries.findIndex((other) => contextName(other) === name);
    if (first < index && (typeof entry !== 'string' || typeof entries[first] !== 'string')) {
      report.error(at, `"${name}" stands in context twice`, {
        hint: 'a task is given in one form: remove one of the two',
      });
    }
    if (typeof entry === 'string') continue;
    const [, as = 'full', jsonPath = ''] = /^(full|summary|json)(?:\.(.*))?$/.exec(entry.as) ?? [];
    forms.set(name, { as: as as ContextForm['as'], jsonPath, maxTokens: entry.max_tokens });
    const source = tasks.find(({ key }) => key === name);
    if (as === 'json' && source && !asksForSchema(source)) {
      report.error([...at, 'as'], `the output of "${name}" is plain text, which has no parts`, {
        hint: `give ${name} an output_json, or write as: full`,
      });
    }
  }
  return Object.fromEntries(forms);
}
