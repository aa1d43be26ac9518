import type { LanguageModelV3Message } from '@ai-sdk/provider';
import { canRead } from '../definition/readable-files.js';
import type { AgentDefinition } from '../definition/types.js';
import type { StoredFile } from '../journal/step-payloads.js';
import type { InputFile } from './input-files.js';

type UserPart = Extract<LanguageModelV3Message, { role: 'user' }>['content'][number];

/** What of a task's files one agent is given. */
export interface AttachedFiles {
  readonly files: readonly InputFile[];
  /** Values of the prompt piece `unseen_files`: names of the others, and roles of the coworkers who are given them. */
  readonly unseen: { readonly names: string; readonly roles: string } | undefined;
}

/** Shares the files of a task out: images and PDF files only go to agents whose models take them. */
export function attachFiles(
  agent: AgentDefinition,
  files: readonly InputFile[],
  team: readonly AgentDefinition[],
): AttachedFiles {
  const unseen = files.filter(({ kind }) => !canRead(agent, kind));
  if (unseen.length === 0) return { files, unseen: undefined };
  const readers = team.filter((other) => other.key !== agent.key && unseen.some(({ kind }) => canRead(other, kind)));
  return {
    files: files.filter(({ kind }) => canRead(agent, kind)),
    unseen: {
      names: unseen.map(({ name }) => name).join(', '),
      roles: readers.map(({ role }) => role).join(', '),
    },
  };
}

/** The parts of a user message that give a file to a model: its text between marks, or its name and then the file itself. */
export function toMessageParts({ name, text, data, mediaType }: InputFile): UserPart[] {
  if (data === undefined) return [{ type: 'text', text: markedText(name, text ?? '') }];
  return [
    { type: 'text', text: `<file name="${attributeText(name)}"/>` },
    { type: 'file', data, mediaType, filename: name.slice(name.lastIndexOf('/') + 1) },
  ];
}

/** What the journal holds of a file. */
export function toStoredFile({ name, mediaType, bytes, sha256 }: InputFile): StoredFile {
  return { name, mediaType, bytes, sha256 };
}

/** The text between two marks; the closing one is a word that the text does not have. */
function markedText(name: string, text: string): string {
  let tag = 'file';
  for (let number = 2; text.includes(`</${tag}`); number += 1) tag = `file${number}`;
  return `<${tag} name="${attributeText(name)}">\n${text}${text.endsWith('\n') ? '' : '\n'}</${tag}>`;
}

function attributeText(name: string): string {
  return name
    .replaceAll('&', '&amp;')
    .replaceAll('"', '&quot;')
    .replaceAll('<', '&lt;')
    .replaceAll(/[\p{Cc}]/gu, ' ');
}
