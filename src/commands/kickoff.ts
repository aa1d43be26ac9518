import { InvalidArgumentError, Option } from 'commander';
import type { Crew, Inputs } from '../crew.js';
import { CrewError, EXIT, type ExitCode, messageOf, toErrorResult } from '../errors.js';
import type { RunEvent } from '../events.js';
import type { CassetteMode } from '../journal/cassette-mode.js';
import type { RunResult } from '../result.js';
import type { Io } from '../util/io.js';
import { orAbort } from '../util/or-abort.js';
import { askForInputs } from './ask-for-inputs.js';
import { type CommandFactory, createCommand, databaseOption, formatOption } from './command.js';

interface KickoffFlags {
  readonly input?: readonly string[];
  readonly inputs?: string;
  readonly format: 'text' | 'json' | 'jsonl';
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  readonly concurrency: number;
  readonly cassette?: string;
  readonly cassetteMode: CassetteMode;
  readonly record?: string;
  readonly allowOutside?: boolean;
  readonly db?: string;
}

/** `crew kickoff`: runs a crew and prints its final output. */
export const createKickoffCommand: CommandFactory = (io, end) =>
  createCommand('kickoff', 'run a crew and print its final output')
    .argument('[file]', 'definition (default: crew.yaml, then crew/crew.yaml)')
    .addOption(
      new Option('-i, --input <name=value>', 'an input; name=@file for the text of a file (repeatable)').argParser(
        (value, values: readonly string[] = []) => [...values, value],
      ),
    )
    .option('--inputs <file>', 'inputs from a YAML or JSON file, or - for stdin')
    .addOption(formatOption(['text', 'json', 'jsonl']))
    .option('--concurrency <n>', 'most tasks at work at the same time', toCount, 10)
    .option('--record <file>', 'write what the models answered to this cassette')
    .option('--cassette <file>', 'answer model calls from this cassette: offline, without a key')
    .addOption(
      new Option('--cassette-mode <mode>', 'what to do when a request has changed: stop, or go on and warn')
        .choices(['strict', 'lenient'])
        .default('strict'),
    )
    .option('--allow-outside', 'let output_file lie outside the working directory')
    .addOption(databaseOption())
    .option('-q, --quiet', 'no progress, only the result and errors')
    .option('-v, --verbose', 'show answers, arguments and tool results in full')
    .action(async (file: string | undefined, flags: KickoffFlags) => {
      end(await kickoff(io, file, flags));
    });

async function kickoff(io: Io, file: string | undefined, flags: KickoffFlags): Promise<ExitCode> {
  let result: RunResult | undefined;
  let trouble: unknown;
  try {
    const { crew, inputs } = await orAbort(prepare(io, file, flags), io.signal);
    const reporter = await openReporter(io, flags);
    let tells = reporter !== undefined;
    const onEvent = (event: RunEvent): void => {
      if (event.type === 'run-end') result = event.result;
      try {
        if (tells) reporter?.onEvent(event);
      } catch (error) {
        tells = false;
        io.stderr.write(`warning: the progress cannot be shown any more: ${messageOf(error)}\n`);
      }
    };
    try {
      await crew.kickoff(inputs, {
        onEvent,
        signal: io.signal,
        concurrency: flags.concurrency,
        cassetteMode: flags.cassetteMode,
        allowOutside: flags.allowOutside ?? false,
        ...(flags.db !== undefined && { db: flags.db }),
        ...(flags.cassette !== undefined && { cassette: flags.cassette }),
        ...(flags.record !== undefined && { record: flags.record }),
      });
    } finally {
      reporter?.close();
    }
  } catch (error) {
    if (!result) {
      if (error instanceof CrewError) await writeRefusal(io, flags, error);
      throw error;
    }
    // A run's own failure is in its result; what went wrong after it must not hide the result.
    if (!(error instanceof CrewError && error.name === 'RunError')) trouble = error;
  }
  if (!result) return EXIT.done;
  await writeResult(io, flags, result);
  if (trouble !== undefined) throw trouble;
  return result.exit_code;
}

/** The crew and its inputs, with warnings said and missing inputs asked for where a person is there to answer. */
async function prepare(io: Io, file: string | undefined, flags: KickoffFlags): Promise<{ crew: Crew; inputs: Inputs }> {
  const { findDefinitionFile } = await import('../definition/find-definition-file.js');
  const path = file ?? (await findDefinitionFile(io.cwd));
  if (file === undefined && !flags.quiet) io.stderr.write(`using ${path}\n`);
  const { parseInputFlags } = await import('../definition/input-flags.js');
  const given = await parseInputFlags({
    flags: flags.input ?? [],
    inputsFile: flags.inputs,
    workingDirectory: io.cwd,
    stdin: io.stdin,
  });
  const { loadCrew } = await import('../crew.js');
  const crew = await loadCrew(path, { env: io.env, workingDirectory: io.cwd, givenInputs: Object.keys(given) });
  if (crew.definition.warnings.length > 0 && !flags.quiet) {
    const { formatProblem } = await import('../definition/format-problem.js');
    for (const warning of crew.definition.warnings) io.stderr.write(`${formatProblem(warning)}\n`);
  }
  return { crew, inputs: io.isInteractive ? await askForInputs(io, crew, given) : given };
}

async function openReporter(io: Io, { format, quiet, verbose = false }: KickoffFlags) {
  if (format === 'jsonl') {
    const { createJsonlReporter } = await import('../reporters/jsonl-reporter.js');
    return createJsonlReporter({ output: io.stdout });
  }
  if (quiet) return undefined;
  const output = io.stderr;
  const options = { output, verbose, workingDirectory: io.cwd };
  if (!output.isTTY || io.env['CI'] || io.env['TERM'] === 'dumb') {
    const { createPlainReporter } = await import('../reporters/plain-reporter.js');
    return createPlainReporter(options);
  }
  const { loadPaint } = await import('../reporters/paint.js');
  const { createPrettyReporter } = await import('../reporters/pretty-reporter.js');
  return createPrettyReporter({ ...options, paint: await loadPaint(output.color) });
}

async function writeResult(io: Io, { format, quiet, db }: KickoffFlags, result: RunResult): Promise<void> {
  if (format === 'json') io.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
  if (format === 'text' && result.exit_code === EXIT.done) {
    const { outputText } = await import('../result.js');
    io.stdout.write(`${outputText(result)}\n`);
  }
  const { summaryLines } = await import('../reporters/summary.js');
  const lines = summaryLines(result, { db });
  if (!quiet) io.stderr.write(`${[...lines.error, ...lines.amounts].join('\n')}\n`);
  else if (lines.error.length > 0) io.stderr.write(`${lines.error.join('\n')}\n`);
}

/** Programs get an object also when nothing was run; the error itself is reported by main. */
async function writeRefusal(io: Io, { format }: KickoffFlags, error: CrewError): Promise<void> {
  if (format === 'text') return;
  const { refusedResult } = await import('../result.js');
  const result = refusedResult(toErrorResult(error), error.exitCode);
  io.stdout.write(
    format === 'json' ? `${JSON.stringify(result, null, 2)}\n` : `${JSON.stringify({ type: 'run-end', ...result })}\n`,
  );
}

function toCount(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1) throw new InvalidArgumentError('It must be a whole number from 1.');
  return count;
}
