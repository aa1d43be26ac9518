import type { AgentFields } from './agent-schema.js';
import { agentEntries } from './crew-parts.js';
import type { CrewShape } from './crew-shape.js';
import type { Entry } from './entries.js';
import type { Report } from './report.js';
import { asksForSchema } from './resolve-output.js';
import { TEMPLATE_MARKS } from './template-marks.js';

const TEMPLATES = [
  { field: 'system_template', mark: TEMPLATE_MARKS.system, written: '{{ .System }}' },
  { field: 'prompt_template', mark: TEMPLATE_MARKS.prompt, written: '{{ .Prompt }}' },
  { field: 'response_template', mark: TEMPLATE_MARKS.response, written: '{{ .Response }}' },
] as const;

/** What may follow a `%` and `-`, `_` or `0`: all that the formatter knows, but times since 1970. Source: d3-time-format. */
const DIRECTIVES = 'aAbBcdefgGHIjLmMpqSuUVwWxXyYZ%';

/** Fields of an agent that only count with another one. */
const NEEDED = [
  ['date_format', 'inject_date'],
  ['max_reasoning_attempts', 'reasoning'],
] as const;

/** Reports templates and date formats that cannot work, and warns of settings of prompts that have no use. */
export function checkPromptSettings(shape: CrewShape, report: Report): void {
  const { crew, given, tasks } = shape;
  if (given.has('planning_llm') && crew.planning === false) {
    const hint = 'add planning: true, or remove it';
    report.warn(['planning_llm'], 'no plan is made, so this model has no use', { target: 'key', hint });
  }
  for (const agent of agentEntries(shape)) checkAgent(agent, report);
  for (const task of tasks) {
    if (task.fields.markdown && asksForSchema(task)) {
      report.warn([...task.path, 'markdown'], 'the output has a schema, so that it is JSON and no Markdown', {
        target: 'key',
      });
    }
  }
}

function checkAgent({ path, fields, given }: Entry<AgentFields>, report: Report): void {
  for (const { field, mark, written } of TEMPLATES) {
    const template = fields[field];
    if (template === undefined || template.search(mark) >= 0) continue;
    report.error([...path, field], `has no ${written}`, {
      target: 'key',
      hint: `write ${written} where the text belongs`,
    });
  }
  for (const [directive, letter] of (fields.date_format ?? '').matchAll(/%[-_0]?(.?)/gsu)) {
    if (letter !== undefined && letter !== '' && DIRECTIVES.includes(letter)) continue;
    report.error([...path, 'date_format'], `${directive} is no part of a date`, {
      ...(letter && { find: directive }),
      hint: `such as %Y-%m-%d, %d %B %Y or %A, %H:%M; letters: ${DIRECTIVES.slice(0, -1)}, and %% for a percent sign`,
    });
  }
  for (const [field, needed] of NEEDED) {
    if (!given.has(field) || fields[needed] !== false) continue;
    report.warn([...path, field], `has no use without ${needed}: true`, { target: 'key' });
  }
}
