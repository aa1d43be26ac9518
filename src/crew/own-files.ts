import { resolve } from 'node:path';
import { everyoneIn } from '../definition/crew-agents.js';
import type { CrewDefinition } from '../definition/types.js';
import { withSources } from '../tools/own/source-digest.js';
import { realPathOf } from '../util/real-path.js';
import { findWants } from './wants.js';

/** Built-in tools that change files. */
const WRITING: ReadonlySet<string> = new Set(['write_file', 'edit_file']);

/**
 * The files that a crew is made of: its definition, its code, the programs that it starts. Absolute real paths. A model that
 * could write them would do what nobody agreed to. None where no tool of the crew writes.
 */
export async function listOwnFiles(definition: CrewDefinition, workingDirectory: string): Promise<ReadonlySet<string>> {
  const { source, tasks } = definition;
  const tools = [...everyoneIn(definition), ...tasks].flatMap((holder) => holder.tools);
  if (!tools.some((tool) => tool.kind === 'builtin' && WRITING.has(tool.name))) return new Set();
  const wants = await findWants(definition, { workingDirectory, withNamedTools: true });
  const run = await withSources(wants.flatMap(({ files }) => files));
  const files = [...source.files.map(({ path }) => resolve(source.directory, path)), ...run];
  // What cannot be found cannot be written by that name either.
  return new Set(await Promise.all(files.map((file) => realPathOf(file).catch(() => file))));
}
