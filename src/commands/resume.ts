import { Option } from 'commander';
import type { Inputs } from '../crew/run-options.js';
import type { DecideUnknown, UnknownDecision } from '../crew/unknown-steps.js';
import { CrewError, EXIT, type ExitCode, UsageError } from '../errors.js';
import type { StepRecord } from '../store/records.js';
import type { Io } from '../util/io.js';
import { type CommandFactory, createCommand } from './command.js';
import { errorText } from './error-text.js';
import { presentRun } from './present-run.js';
import { addRunFlags, collect, type RunFlags, toRunOptions } from './run-flags.js';

interface ResumeFlags extends RunFlags {
  readonly all?: boolean;
  readonly allowRepeat?: boolean;
  readonly assumeDone?: boolean;
  readonly withCurrent?: boolean;
  readonly input?: readonly string[];
  readonly inputs?: string;
}

/** `crew resume`: goes on with a run where it stopped. */
export const createResumeCommand: CommandFactory = (io, end) =>
  addRunFlags(
    createCommand('resume', 'go on with a run where it stopped; nothing that was answered is asked again')
      .argument('[run]', 'id of a run, or its beginning (default: the latest unfinished one)')
      .option('--all', 'every unfinished run, the oldest first')
      .option('--with-current', 'with the definition as it is now, as a new run that takes over what still holds')
      .option('--allow-repeat', 'make calls again of which it is not known whether they were done')
      .addOption(new Option('--assume-done', 'take calls of which it is not known as done').conflicts('allowRepeat'))
      .addOption(
        new Option(
          '-i, --input <name=value>',
          'an input that was stored without its secret; name=@file for the text of a file (repeatable)',
        ).argParser(collect),
      )
      .option('--inputs <file>', 'such inputs from a YAML or JSON file, or - for stdin'),
  ).action(async (runId: string | undefined, flags: ResumeFlags) => {
    end(await (flags.all ? resumeAll(io, runId, flags) : resumeOne(io, runId, flags)));
  });

function resumeOne(io: Io, runId: string | undefined, flags: ResumeFlags): Promise<ExitCode> {
  return presentRun(io, flags, async (onEvent) => {
    const place = { env: io.env, workingDirectory: io.cwd };
    const options = {
      ...toRunOptions(flags),
      ...place,
      onEvent,
      signal: io.signal,
      decideUnknown: deciderFor(io, flags),
      inputs: await readInputs(io, flags),
    };
    if (flags.withCurrent) {
      const { resumeWithCurrent } = await import('../crew/resume.js');
      const { showPlan } = await import('./show-plan.js');
      return resumeWithCurrent(runId, { ...options, onPlan: await showPlan(io, flags) });
    }
    const { resume } = await import('../crew/resume.js');
    return resume(runId, options);
  });
}

async function readInputs(io: Io, { input = [], inputs }: ResumeFlags): Promise<Inputs> {
  if (input.length === 0 && inputs === undefined) return {};
  const { parseInputFlags } = await import('../definition/input-flags.js');
  return parseInputFlags({ flags: input, inputsFile: inputs, workingDirectory: io.cwd, stdin: io.stdin });
}

/** Exits with the code of the first run that did not come to a good end; one that cannot go on does not hold up the others. */
async function resumeAll(io: Io, runId: string | undefined, flags: ResumeFlags): Promise<ExitCode> {
  if (runId !== undefined) throw new UsageError('--all takes every unfinished run: it goes without a run id');
  if (flags.format === 'json') throw new UsageError('--all gives several results', { hint: 'Use --format jsonl.' });
  if (flags.input !== undefined || flags.inputs !== undefined)
    throw new UsageError('an input is one of a certain run: it goes without --all');
  const { listUnfinishedRuns } = await import('../crew/resume.js');
  const place = { env: io.env, workingDirectory: io.cwd };
  const runIds = listUnfinishedRuns({ ...place, ...(flags.db !== undefined && { db: flags.db }) });
  if (runIds.length === 0 && !flags.quiet) io.stderr.write('There is no unfinished run.\n');
  let exitCode: ExitCode = EXIT.done;
  for (const id of runIds) {
    io.signal.throwIfAborted();
    const code = await resumeOneOfMany(io, id, flags);
    if (exitCode === EXIT.done) exitCode = code;
  }
  return exitCode;
}

async function resumeOneOfMany(io: Io, runId: string, flags: ResumeFlags): Promise<ExitCode> {
  try {
    return await resumeOne(io, runId, flags);
  } catch (error) {
    if (!(error instanceof CrewError) || io.signal.aborted) throw error;
    io.stderr.write(`run ${runId}:\n${errorText(error)}`);
    return error.exitCode;
  }
}

function deciderFor(io: Io, { allowRepeat, assumeDone }: ResumeFlags): DecideUnknown {
  if (allowRepeat) return () => 'repeat';
  if (assumeDone) return () => 'done';
  return io.isInteractive ? (steps) => askAboutUnknown(io, steps) : () => 'stop';
}

async function askAboutUnknown(io: Io, steps: readonly StepRecord[]): Promise<UnknownDecision> {
  const [{ readLine }, { describeUnknown }] = await Promise.all([
    import('./read-line.js'),
    import('../crew/unknown-steps.js'),
  ]);
  io.stderr.write(`${describeUnknown(steps)}\nMake it again (r), take it as done (d), or stop (s)? [r/d/S] `);
  const answer = (await readLine(io))?.trim().toLowerCase() ?? '';
  io.signal.throwIfAborted();
  if (/^r(epeat)?$/.test(answer)) return 'repeat';
  return /^d(one)?$/.test(answer) ? 'done' : 'stop';
}
