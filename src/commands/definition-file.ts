import type { CrewDefinition } from '../definition/types.js';
import { UsageError } from '../errors.js';
import type { Io } from '../util/io.js';
import type { RunFlags } from './run-flags.js';

/** The definition to use: the named one, else the one that is found, which is said. Rejects with UsageError where there is none. */
export async function chooseDefinition(
  io: Io,
  named: string | undefined,
  { quiet }: Pick<RunFlags, 'quiet'> = {},
): Promise<string> {
  if (named !== undefined) return named;
  const { findDefinitionFile } = await import('../definition/find-definition-file.js');
  const file = await findDefinitionFile(io.cwd);
  if (!quiet) io.stderr.write(`using ${file}\n`);
  return file;
}

/** The definition that is found where none is named, which is said; undefined where there is none. */
export async function findDefault(io: Io): Promise<string | undefined> {
  const { findDefinitionFile } = await import('../definition/find-definition-file.js');
  const file = await findDefinitionFile(io.cwd).catch((error: unknown) => {
    if (error instanceof UsageError) return undefined;
    throw error;
  });
  if (file !== undefined) io.stderr.write(`using ${file}\n`);
  return file;
}

/** Says what is not quite right with a definition. */
export async function writeWarnings(
  io: Io,
  { warnings }: Pick<CrewDefinition, 'warnings'>,
  { quiet }: Pick<RunFlags, 'quiet'>,
): Promise<void> {
  if (quiet || warnings.length === 0) return;
  const { formatProblem } = await import('../definition/format-problem.js');
  for (const warning of warnings) io.stderr.write(`${formatProblem(warning)}\n`);
}
