import { DEFAULT_PROMPT_TEXTS } from '../definition/prompt-pieces.js';
import type { AgentDefinition, CrewDefinition, TaskDefinition } from '../definition/types.js';
import { countOf } from '../util/amounts.js';
import type { Redactor } from '../util/redact.js';
import { digestOf, type Part, readable } from './fingerprint-part.js';

/** The parts of a crew's own prompts, and of who plans; none for a crew that has neither. */
export function crewPromptParts(
  { promptTexts, language, planning }: Pick<CrewDefinition, 'promptTexts' | 'language' | 'planning'>,
  redactor: Redactor,
): Part[] {
  const defaults: Readonly<Record<string, string>> = DEFAULT_PROMPT_TEXTS;
  const own = Object.entries(promptTexts).filter(([name, text]) => text !== defaults[name]);
  const models = planning?.models.map(({ reference }) => reference).join(' → ');
  return [
    ...(models === undefined ? [] : [['planning', readable(models)] as const]),
    ...(language === undefined ? [] : [['language', readable(redactor.text(language))] as const]),
    ...(own.length > 0 ? [['prompts', digestOf(redactor.json(Object.fromEntries(own)))] as const] : []),
  ];
}

/** The parts of how an agent is spoken to; none where that is as always. */
export function agentPromptParts(
  { dateFormat, templates, useSystemPrompt, reasoningAttempts }: AgentDefinition,
  redactor: Redactor,
): Part[] {
  const hasTemplates = Object.values(templates).some((text) => text !== undefined);
  return [
    ...(dateFormat === undefined ? [] : [['date format', readable(dateFormat)] as const]),
    ...(hasTemplates ? [['templates', digestOf(redactor.json({ ...templates }))] as const] : []),
    ...(useSystemPrompt ? [] : [['system prompt', 'in the user message'] as const]),
    ...(reasoningAttempts > 0 ? [['reasoning', countOf(reasoningAttempts, 'attempt')] as const] : []),
  ];
}

/** The part of a task that wants Markdown. */
export function markdownPart({ markdown }: Pick<TaskDefinition, 'markdown'>): Part[] {
  return markdown ? [['markdown', 'asked for']] : [];
}
