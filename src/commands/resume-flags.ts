import { type Command, Option } from 'commander';
import type { ResumeOptions } from '../crew/resume.js';
import type { DecideUnknown, UnknownDecision } from '../crew/unknown-steps.js';
import type { StepRecord } from '../store/records.js';
import type { Io } from '../util/io.js';
import { toAskOptions } from './ask-options.js';
import { addRunFlags, collect, type InputFlags, readInputs, type RunFlags, toRunOptions } from './run-flags.js';

/** The flags of every command that goes on with a run. */
export interface ResumeFlags extends RunFlags, InputFlags {
  readonly allowRepeat?: boolean;
  readonly assumeDone?: boolean;
}

/** The command with the flags of `ResumeFlags`. */
export function addResumeFlags(command: Command): Command {
  return addRunFlags(
    command
      .option('--allow-repeat', 'make calls again of which it is not known whether they were done')
      .addOption(new Option('--assume-done', 'take calls of which it is not known as done').conflicts('allowRepeat'))
      .addOption(
        new Option(
          '-i, --input <name=value>',
          'an input that was stored without its secret; name=@file for the text of a file (repeatable)',
        ).argParser(collect),
      )
      .option('--inputs <file>', 'such inputs from a YAML or JSON file, or - for stdin'),
  );
}

/** The flags as the library takes them, with the place and whoever can be asked. */
export async function toResumeOptions(io: Io, flags: ResumeFlags): Promise<ResumeOptions> {
  return {
    ...toRunOptions(flags),
    ...(await toAskOptions(io, flags)),
    env: io.env,
    workingDirectory: io.cwd,
    signal: io.signal,
    decideUnknown: deciderFor(io, flags),
    inputs: await readInputs(io, flags),
  };
}

/** Who decides about calls of which it is not known whether they were done: the flags, else the person at the terminal. */
export function deciderFor(io: Io, { allowRepeat, assumeDone }: ResumeFlags): DecideUnknown {
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
