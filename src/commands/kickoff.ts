import type { Crew } from '../crew/load-crew.js';
import type { Inputs } from '../crew/run-options.js';
import { type ExitCode, UsageError } from '../errors.js';
import type { Io } from '../util/io.js';
import { orAbort } from '../util/or-abort.js';
import { askForInputs } from './ask-for-inputs.js';
import { toAskOptions } from './ask-options.js';
import { type CommandFactory, createCommand } from './command.js';
import { chooseDefinition, writeWarnings } from './definition-file.js';
import { presentRun } from './present-run.js';
import { addRunFlags, type InputFlags, inputOption, readInputs, type RunFlags, toRunOptions } from './run-flags.js';

interface KickoffFlags extends RunFlags, InputFlags {
  readonly forEach?: string;
}

/** `crew kickoff`: runs a crew and prints its final output. */
export const createKickoffCommand: CommandFactory = (io, end) =>
  addRunFlags(
    createCommand('kickoff', 'run a crew and print its final output')
      .argument('[file]', 'definition (default: crew.yaml or crew.jsonc, here or in crew/)')
      .addOption(inputOption())
      .option('--inputs <file>', 'inputs from a YAML or JSON file, or - for stdin')
      .option(
        '--for-each <file>',
        'a run for each item of a .jsonl, .csv, .yaml or .json file, or - for JSON Lines from stdin; --concurrency items at once (default: 4)',
      ),
  ).action(async (file: string | undefined, flags: KickoffFlags) => {
    end(await (flags.forEach === undefined ? kickoff(io, file, flags) : kickoffItems(io, file, flags.forEach, flags)));
  });

function kickoff(io: Io, file: string | undefined, flags: KickoffFlags): Promise<ExitCode> {
  return presentRun(io, flags, async (onEvent) => {
    const { crew, inputs } = await orAbort(prepare(io, file, flags), io.signal);
    const options = { ...toRunOptions(flags), ...(await toAskOptions(io, flags)) };
    await crew.kickoff(inputs, { ...options, onEvent, signal: io.signal });
  });
}

async function kickoffItems(io: Io, file: string | undefined, items: string, flags: KickoffFlags): Promise<ExitCode> {
  const { kickoffForEach } = await import('./for-each.js');
  if (items === '-' && flags.inputs === '-') throw new UsageError('stdin holds the items or the inputs, not both');
  const { path, given } = await readRequest(io, file, flags);
  return kickoffForEach(io, path, { file: items, common: given }, flags);
}

/** The crew and its inputs, with warnings said and missing inputs asked for where a person is there to answer. */
async function prepare(io: Io, file: string | undefined, flags: KickoffFlags): Promise<{ crew: Crew; inputs: Inputs }> {
  const { path, given } = await readRequest(io, file, flags);
  const { loadCrew } = await import('../crew/load-crew.js');
  const crew = await loadCrew(path, { env: io.env, workingDirectory: io.cwd, givenInputs: Object.keys(given) });
  await writeWarnings(io, crew.definition, flags);
  return { crew, inputs: io.isInteractive ? await askForInputs(io, crew, given) : given };
}

/** The definition's file, found where none is named, and the inputs as they were given. */
async function readRequest(
  io: Io,
  file: string | undefined,
  flags: KickoffFlags,
): Promise<{ readonly path: string; readonly given: Inputs }> {
  const path = await chooseDefinition(io, file, flags);
  return { path, given: await readInputs(io, flags) };
}
