import { CrewError, EXIT, type ExitCode, UsageError } from '../errors.js';
import type { Io } from '../util/io.js';
import { type CommandFactory, createCommand } from './command.js';
import { errorText } from './error-text.js';
import { presentRun } from './present-run.js';
import { addResumeFlags, deciderFor, type ResumeFlags, toResumeOptions } from './resume-flags.js';

interface AllResumeFlags extends ResumeFlags {
  readonly batch?: string | true;
  readonly all?: boolean;
  readonly withCurrent?: boolean;
}

/** `crew resume`: goes on with a run where it stopped. */
export const createResumeCommand: CommandFactory = (io, end) =>
  addResumeFlags(
    createCommand('resume', 'go on with a run where it stopped; nothing that was answered is asked again')
      .argument('[run]', 'id of a run, or its beginning (default: the latest unfinished one)')
      .option('--all', 'every unfinished run, the oldest first')
      .option('--batch [id]', 'the items of a batch that are not done, failed ones too (default: the latest batch)')
      .option('--with-current', 'with the definition as it is now, as a new run that takes over what still holds'),
  ).action(async (runId: string | undefined, flags: AllResumeFlags) => {
    if (flags.batch !== undefined) end(await resumeBatch(io, runId, flags.batch, flags));
    else end(await (flags.all ? resumeAll(io, runId, flags) : resumeOne(io, runId, flags)));
  });

function resumeOne(io: Io, runId: string | undefined, flags: AllResumeFlags): Promise<ExitCode> {
  return presentRun(io, flags, async (onEvent) => {
    const options = { ...(await toResumeOptions(io, flags)), onEvent };
    if (flags.withCurrent) {
      const { resumeWithCurrent } = await import('../crew/resume.js');
      const { showPlan } = await import('./show-plan.js');
      return resumeWithCurrent(runId, { ...options, onPlan: await showPlan(io, flags) });
    }
    const { resume } = await import('../crew/resume.js');
    return resume(runId, options);
  });
}

async function resumeBatch(
  io: Io,
  runId: string | undefined,
  batch: string | true,
  flags: AllResumeFlags,
): Promise<ExitCode> {
  if (runId !== undefined || flags.all || flags.withCurrent || flags.input || flags.inputs !== undefined)
    throw new UsageError(
      '--batch takes the runs of a batch: it goes without a run id, --all, --with-current and inputs',
    );
  const { resumeForEach } = await import('./for-each.js');
  return resumeForEach(
    io,
    batch === true ? undefined : batch,
    flags,
    deciderFor({ ...io, isInteractive: false }, flags),
  );
}

/** Exits with the code of the first run that did not come to a good end; one that cannot go on does not hold up the others. */
async function resumeAll(io: Io, runId: string | undefined, flags: AllResumeFlags): Promise<ExitCode> {
  if (runId !== undefined) throw new UsageError('--all takes every unfinished run: it goes without a run id');
  if (flags.format === 'json') throw new UsageError('--all gives several results', { hint: 'Use --format jsonl.' });
  if (flags.input !== undefined || flags.inputs !== undefined)
    throw new UsageError('an input is one of a certain run: it goes without --all');
  const { listUnfinishedRuns } = await import('../crew/resume.js');
  const runIds = listUnfinishedRuns({ env: io.env, workingDirectory: io.cwd, db: flags.db });
  if (runIds.length === 0 && !flags.quiet) io.stderr.write('There is no unfinished run.\n');
  let exitCode: ExitCode = EXIT.done;
  for (const id of runIds) {
    io.signal.throwIfAborted();
    const code = await resumeOneOfMany(io, id, flags);
    if (exitCode === EXIT.done) exitCode = code;
  }
  return exitCode;
}

async function resumeOneOfMany(io: Io, runId: string, flags: AllResumeFlags): Promise<ExitCode> {
  try {
    return await resumeOne(io, runId, flags);
  } catch (error) {
    if (!(error instanceof CrewError) || io.signal.aborted) throw error;
    io.stderr.write(`run ${runId}:\n${errorText(error)}`);
    return error.exitCode;
  }
}
