import { Readable } from 'node:stream';
import { Command } from 'commander';
import type { CommandFactory } from '../../src/commands/command.js';
import { CrewError, type ExitCode } from '../../src/errors.js';
import type { Io, Output } from '../../src/util/io.js';

export interface CommandOutcome {
  readonly exitCode: ExitCode | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunCommandOptions {
  readonly cwd: string;
  /** What a person types; without it there is no terminal. */
  readonly typed?: string;
  readonly color?: boolean;
  /** Added to `CREW_TRUST=1`. */
  readonly env?: Io['env'];
}

/** Runs one command in this process; an error of ours is written to stderr as `error` and `hint`. */
export async function runCommand(
  createCommand: CommandFactory,
  args: readonly string[],
  { cwd, typed, color = false, env = {} }: RunCommandOptions,
): Promise<CommandOutcome> {
  const stdout = createOutput(color);
  const stderr = createOutput(color);
  const io: Io = {
    stdout,
    stderr,
    stdin: Readable.from(typed === undefined ? [] : [typed]),
    isInteractive: typed !== undefined,
    env: { CREW_TRUST: '1', ...env },
    cwd,
    signal: new AbortController().signal,
  };
  let exitCode: ExitCode | undefined;
  const command = createCommand(io, (code) => (exitCode = code));
  command.configureOutput({ writeOut: stdout.write, writeErr: stderr.write });
  try {
    await new Command('crew')
      .exitOverride()
      .addCommand(command)
      .parseAsync([command.name(), ...args], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CrewError)) throw error;
    stderr.write(`error: ${error.message}\n${error.hint === undefined ? '' : `hint: ${error.hint}\n`}`);
    exitCode = error.exitCode;
  }
  return { exitCode, stdout: stdout.text(), stderr: stderr.text() };
}

function createOutput(color: boolean): Output & { readonly text: () => string } {
  const parts: string[] = [];
  return { write: (text) => void parts.push(text), isTTY: color, color, columns: 80, text: () => parts.join('') };
}
