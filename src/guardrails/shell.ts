import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { GuardrailDefinition } from '../definition/types.js';
import { messageOf, TaskError } from '../errors.js';
import { excerpt } from '../util/excerpt.js';
import { errorCode } from '../util/file-trouble.js';
import { fingerprintOf } from '../util/fingerprint.js';
import type { Guardrail, GuardrailVerdict } from './guardrail.js';

/** Most time for one check, milliseconds. */
const TIMEOUT_MS = 60_000;
/** How long what a command wrote is still read after its end, where something else holds its streams open, milliseconds. */
const DRAIN_MS = 500;
/** Bytes of what a command writes that are kept; the rest is read and dropped. */
const MOST_BYTES = 64 * 1024;
const REASON_CHARACTERS = 2000;
/** What a command is told of the environment: no keys. */
const VARIABLES = ['PATH', 'HOME', 'LANG', 'TMPDIR'];
/** The shell's own: the command cannot be run, or is not there (POSIX, 2.8.2 Exit Status for Commands). */
const CANNOT_RUN = new Set([126, 127]);

export interface ShellOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly timeoutMs?: number;
}

/**
 * `shell`: a command of the definition that is given the output on stdin and runs in the working directory. Exit 0 passes;
 * else what it wrote to stderr, or to stdout, is the reason. None of what it started outlives the check.
 */
export function createShellGuardrail(
  { name, command }: GuardrailDefinition & { readonly kind: 'shell' },
  { environment, timeoutMs = TIMEOUT_MS }: ShellOptions,
): Guardrail {
  const kept = Object.fromEntries(VARIABLES.map((variable) => [variable, environment[variable]]));
  return {
    name,
    digest: fingerprintOf({ command }),
    async check({ text, taskKey }, { signal, runId, workingDirectory }) {
      signal.throwIfAborted();
      const child = spawn('/bin/sh', ['-c', command], {
        cwd: workingDirectory,
        env: { ...kept, CREW_RUN_ID: runId, CREW_TASK: taskKey },
        detached: true,
      });
      const end = await endOf(child, { text, signal, timeoutMs }).catch((error: unknown) => {
        throw new TaskError(`guardrail ${name} cannot be run: ${messageOf(error)}`, { cause: error });
      });
      signal.throwIfAborted();
      return verdictOf(name, end, timeoutMs);
    },
  };
}

interface CommandEnd {
  /** Null where a signal ended it. */
  readonly exitCode: number | null;
  readonly signalName: NodeJS.Signals | null;
  readonly isTimeout: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** Feeds the command and waits for its end. Rejects where it could not be started. */
async function endOf(
  child: ChildProcessWithoutNullStreams,
  { text, signal, timeoutMs }: { readonly text: string; readonly signal: AbortSignal; readonly timeoutMs: number },
): Promise<CommandEnd> {
  const kill = (): void => killGroup(child.pid);
  let isTimeout = false;
  const timer = setTimeout(() => {
    isTimeout = true;
    kill();
  }, timeoutMs);
  signal.addEventListener('abort', kill, { once: true });
  // It is in a group of its own, which a terminal's Ctrl-C does not reach.
  process.once('exit', kill);
  const [stdout, stderr] = [collect(child.stdout), collect(child.stderr)];
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  // A command that does not read its stdin may be gone before it is written.
  child.stdin.on('error', () => undefined);
  child.stdin.end(text);
  try {
    const [exitCode, signalName] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, name) => resolve([code, name]));
    });
    kill();
    const drained = new AbortController();
    await Promise.race([closed, sleep(DRAIN_MS, undefined, { signal: drained.signal }).catch(() => undefined)]);
    drained.abort();
    return { exitCode, signalName, isTimeout, stdout: stdout(), stderr: stderr() };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', kill);
    process.off('exit', kill);
    child.stdout.destroy();
    child.stderr.destroy();
  }
}

/** Kills what the command started, with it. Does nothing where all of it is gone. */
function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if (errorCode(error) !== 'ESRCH') throw error;
  }
}

/** Reads a stream to its end and gives the beginning of what came. */
function collect(stream: Readable): () => string {
  const chunks: Buffer[] = [];
  let bytes = 0;
  stream.on('data', (chunk: Buffer) => {
    if (bytes < MOST_BYTES) chunks.push(chunk.subarray(0, MOST_BYTES - bytes));
    bytes += chunk.length;
  });
  return () => Buffer.concat(chunks).toString();
}

function verdictOf(name: string, end: CommandEnd, timeoutMs: number): GuardrailVerdict {
  const { exitCode, signalName, isTimeout, stdout, stderr } = end;
  if (exitCode === 0) return { passed: true };
  const words = excerpt(stderr.trim() || stdout.trim(), REASON_CHARACTERS);
  const said = words === '' ? '' : `: ${words}`;
  if (isTimeout) throw new TaskError(`guardrail ${name} took longer than ${timeoutMs / 1000} s${said}`);
  if (exitCode === null) throw new TaskError(`guardrail ${name} was ended by ${signalName}${said}`);
  if (CANNOT_RUN.has(exitCode)) {
    throw new TaskError(`guardrail ${name} cannot be run: exit ${exitCode}${said}`, {
      hint: 'It runs with /bin/sh in the working directory.',
    });
  }
  return { passed: false, reason: words === '' ? `exit ${exitCode}` : words };
}
