import type { ValuePath as Path } from '../util/format-path.js';
import { suggest } from '../util/suggest.js';
import { agentEntries } from './crew-parts.js';
import type { CrewShape } from './crew-shape.js';
import { findPlaceholders } from './placeholders.js';
import type { Report } from './report.js';
import { findSentences } from './resolve-guardrails.js';

const AGENT_TEXTS = ['role', 'goal', 'backstory'] as const;
const TASK_TEXTS = ['description', 'expected_output', 'output_file'] as const;

/** Warns, once for each name, of `{name}` in a text where no input of that name is known. */
export function checkPlaceholders(shape: CrewShape, knownNames: readonly string[], report: Report): void {
  const told = new Set<string>();
  const check = (text: string | undefined, path: Path, target?: 'key'): void => {
    for (const { name, isVariable } of findPlaceholders(text ?? '')) {
      if (knownNames.includes(name) || told.has(name)) continue;
      told.add(name);
      const meant = suggest(name, knownNames);
      report.warn(path, `there is no input "${name}", so {${name}} stays as it is`, {
        hint: meant === undefined ? hintFor(name, isVariable) : `did you mean {${meant}}?`,
        find: `{${name}}`,
        target,
      });
    }
  };
  for (const { path, fields } of agentEntries(shape)) {
    for (const field of AGENT_TEXTS) check(fields[field], [...path, field]);
    for (const { value, path: at } of findSentences({ path, fields })) check(value, at);
  }
  for (const { path, fields } of shape.tasks) {
    for (const field of TASK_TEXTS) check(fields[field], [...path, field]);
    for (const { value, path: at } of findSentences({ path, fields })) check(value, at);
    for (const file of Object.keys(fields.outputs ?? {})) check(file, [...path, 'outputs', file], 'key');
    for (const [at, file] of (fields.input_files ?? []).entries()) check(file, [...path, 'input_files', at]);
  }
}

function hintFor(name: string, isVariable: boolean): string {
  if (isVariable) return `environment variables are not put into texts; declare an input "${name}" instead`;
  return `declare it under inputs, or write {{${name}}} if the braces are meant`;
}
