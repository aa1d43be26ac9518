import { formatProblem } from '../../src/definition/format-problem.js';
import { checkDefinition, type LoadOptions } from '../../src/definition/load-definition.js';
import type { CrewDefinition } from '../../src/definition/types.js';
import { temporaryFolder } from './temporary-folder.js';

export interface CheckTextOptions extends Partial<LoadOptions> {
  /** More files beside `crew.yaml`, by relative path. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
}

/** All problems of a definition with this text, as a person reads them; empty where there are none. */
export async function problemsOf(text: string | Uint8Array, options: CheckTextOptions = {}): Promise<string> {
  const { problems } = await checkText(text, options);
  return `\n${problems.map(formatProblem).join('\n\n')}\n`;
}

/** The definition with this text. Throws where it is not sound. */
export async function definitionOf(text: string, options: CheckTextOptions = {}): Promise<CrewDefinition> {
  const { definition, problems } = await checkText(text, options);
  if (!definition) throw new Error(problems.map(formatProblem).join('\n\n'));
  return definition;
}

function checkText(text: string | Uint8Array, { files = {}, ...options }: CheckTextOptions) {
  const workingDirectory = temporaryFolder({ 'crew.yaml': text, ...files });
  return checkDefinition('crew.yaml', { env: {}, workingDirectory, ...options });
}

/** A crew with one agent and one task; more top keys can follow. */
export const SMALL_CREW = `agents:
  writer: { role: Writer, goal: Write, backstory: Wrote }
tasks:
  essay: { description: Write, expected_output: Text }
`;
