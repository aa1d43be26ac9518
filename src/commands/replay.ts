import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Option } from 'commander';
import type { ReplayOptions } from '../crew/replay.js';
import { CrewError, EXIT, type ExitCode, UsageError } from '../errors.js';
import { fileTrouble } from '../util/file-trouble.js';
import type { Io } from '../util/io.js';
import { toAskOptions } from './ask-options.js';
import { type CommandFactory, createCommand } from './command.js';
import { jsonText } from './history.js';
import { presentRun, writeRefusal } from './present-run.js';
import {
  addRunFlags,
  collect,
  type InputFlags,
  inputOption,
  readInputs,
  type RunFlags,
  toRunOptions,
} from './run-flags.js';
import { agreeToEffects, showPlan } from './show-plan.js';

interface ReplayFlags extends RunFlags, InputFlags {
  readonly task?: string;
  readonly run?: string;
  readonly file?: string;
  readonly asRecorded?: boolean;
  readonly setOutput?: readonly string[];
  readonly auto?: boolean;
  readonly force?: boolean;
  readonly keepDelegations?: boolean;
  readonly askAgain?: boolean;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
}

/** `crew replay`: runs a task of an earlier run again, with everything that follows. */
export const createReplayCommand: CommandFactory = (io, end) =>
  addRunFlags(
    createCommand('replay', 'run a task of an earlier run again, and what follows; earlier outputs are reused')
      .option('-t, --task <task>', 'task id, a unique beginning of one, or key or number of a task of the latest run')
      .option('--run <id>', 'the run to replay (default: that of the task, else the latest)')
      .option('--auto', 'run again exactly what has changed, and what depends on it')
      .option('--force', 'reuse outputs also where what made them has changed')
      .option('--dry-run', 'only say what would be reused and what would run again')
      .addOption(inputOption())
      .option('--inputs <file>', 'inputs from a YAML or JSON file, or - for stdin; they replace those of the run')
      .addOption(
        new Option(
          '--set-output <task=text>',
          'an output to use instead; task=@file for a file (repeatable)',
        ).argParser(collect),
      )
      .option('--keep-delegations', 'reuse delegations of what runs again, where the manager asks the same')
      .option('--ask-again', 'ask a person again what was answered in the earlier run')
      .option('--yes', 'cause effects on the outside again, such as mails that tools sent, without being asked')
      .option('--file <file>', 'the definition (default: the file of the run, as it is now)')
      .addOption(new Option('--as-recorded', 'use the definition as the run has it recorded').conflicts('file')),
  ).action(async (flags: ReplayFlags) => {
    end(await (flags.dryRun ? showPlanOnly(io, flags) : replayNow(io, flags)));
  });

function replayNow(io: Io, flags: ReplayFlags): Promise<ExitCode> {
  return presentRun(io, flags, async (onEvent) => {
    const options = await toReplayOptions(io, flags);
    const { replay } = await import('../crew/replay.js');
    return replay({
      ...options,
      onEvent,
      onPlan: await showPlan(io, flags),
      agreeToEffects: agreeToEffects(io, flags),
    });
  });
}

async function showPlanOnly(io: Io, flags: ReplayFlags): Promise<ExitCode> {
  const [{ previewReplay }, { replayRefusalError }, { renderReplayPlan, toReplayPlanJson }, { loadPaint }] =
    await Promise.all([
      import('../crew/replay.js'),
      import('../replay/replay-plan.js'),
      import('../reporters/replay-plan.js'),
      import('../reporters/paint.js'),
    ]);
  const plan = await toReplayOptions(io, flags)
    .then(previewReplay)
    .catch(async (error: unknown) => {
      if (error instanceof CrewError) await writeRefusal(io, flags, error);
      throw error;
    });
  if (flags.format === 'text') io.stdout.write(renderReplayPlan(plan, await loadPaint(io.stdout.color)));
  else if (flags.format === 'json') io.stdout.write(jsonText(toReplayPlanJson(plan)));
  else io.stdout.write(`${JSON.stringify(toReplayPlanJson(plan))}\n`);
  if (plan.refusals.length > 0) throw replayRefusalError(plan, { isAsRecorded: flags.asRecorded ?? false });
  return EXIT.done;
}

async function toReplayOptions(io: Io, flags: ReplayFlags): Promise<ReplayOptions> {
  const { task, run, file, auto, force, asRecorded, keepDelegations, askAgain } = flags;
  return {
    ...toRunOptions(flags),
    ...(await toAskOptions(io, flags)),
    env: io.env,
    workingDirectory: io.cwd,
    signal: io.signal,
    inputs: await readInputs(io, flags),
    outputs: await readOutputs(io, flags.setOutput ?? []),
    isAuto: auto ?? false,
    isForced: force ?? false,
    asRecorded: asRecorded ?? false,
    keepsDelegations: keepDelegations ?? false,
    asksAgain: askAgain ?? false,
    ...(task !== undefined && { task }),
    ...(run !== undefined && { run }),
    ...(file !== undefined && { file }),
  };
}

/** The texts of `--set-output`, by task key. Rejects with UsageError for one that names no task or no file. */
async function readOutputs(io: Io, flags: readonly string[]): Promise<Record<string, string>> {
  const entries = flags.map(async (flag): Promise<[string, string]> => {
    const equals = flag.indexOf('=');
    if (equals < 1) {
      throw new UsageError(`--set-output ${flag}: write it as <task>=<text> or <task>=@<file>`);
    }
    const [key, text] = [flag.slice(0, equals), flag.slice(equals + 1)];
    if (!text.startsWith('@')) return [key, text];
    const content = await readFile(resolve(io.cwd, text.slice(1)), 'utf8').catch((error: unknown) => {
      throw new UsageError(`--set-output ${flag}: ${fileTrouble(error)}`, { cause: error });
    });
    return [key, content.trimEnd()];
  });
  return Object.fromEntries(await Promise.all(entries));
}
