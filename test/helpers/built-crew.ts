import { spawn } from 'node:child_process';
import { resolve } from 'node:path';

const CREW = resolve(import.meta.dirname, '../../bin/crew.js');

export interface CrewOutcome {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunBuiltCrewOptions {
  readonly cwd: string;
  /** All that the process has in its environment beside PATH, HOME, NO_COLOR and CREW_TRUST. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs the built command (`npm run build` makes it) in a process of its own, without a terminal and without any key. */
export function runBuiltCrew(args: readonly string[], options: RunBuiltCrewOptions): Promise<CrewOutcome> {
  return runProcess(process.execPath, [CREW, ...args], options);
}

/** Runs any program the same way. */
export function runProcess(
  file: string,
  args: readonly string[],
  { cwd, env = {} }: RunBuiltCrewOptions,
): Promise<CrewOutcome> {
  const { PATH = '', HOME = cwd } = process.env;
  const child = spawn(file, args, {
    cwd,
    env: { PATH, HOME, NO_COLOR: '1', CREW_TRUST: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  return new Promise((settle, reject) => {
    child.on('error', reject);
    child.on('close', (exitCode) =>
      settle({ exitCode, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() }),
    );
  });
}
