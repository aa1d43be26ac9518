import type { AgentDefinition, PromptTemplates } from '../definition/types.js';
import { TEMPLATE_MARKS } from '../definition/template-marks.js';
import { Conversation } from './conversation.js';
import type { InputFile } from './input-files.js';

/** What an agent is told first. */
export interface FirstWords {
  readonly system: string;
  readonly text: string;
  readonly files?: readonly InputFile[] | undefined;
  /** The moment that the text tells as today's date. */
  readonly moment?: string | undefined;
}

/** A conversation as the agent's templates want it to begin; without system messages where its model takes none. */
export function openConversation(
  { templates, useSystemPrompt }: Pick<AgentDefinition, 'templates' | 'useSystemPrompt'>,
  { system, text, files, moment }: FirstWords,
): Conversation {
  const systemText = fill(templates, 'system', system);
  const userText = fill(templates, 'prompt', text) + responseStart(templates);
  const conversation = new Conversation(useSystemPrompt ? systemText : '');
  conversation.addUser(useSystemPrompt ? userText : `${systemText}\n\n${userText}`, files, moment);
  return conversation;
}

/** The text in its place in the template; what it holds is not looked at. */
function fill(templates: PromptTemplates, kind: 'system' | 'prompt', text: string): string {
  return templates[kind]?.replaceAll(TEMPLATE_MARKS[kind], () => text) ?? text;
}

/** What the template has before the answer. */
function responseStart({ response }: PromptTemplates): string {
  const start = response?.split(TEMPLATE_MARKS.response, 1)[0] ?? '';
  return start.trim() === '' ? '' : `\n${start.trimEnd()}`;
}
