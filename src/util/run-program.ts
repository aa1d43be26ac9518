import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { TaskError } from '../errors.js';
import { formatBytes } from './amounts.js';
import { errorCode, fileTrouble } from './file-trouble.js';
import { createProcessGroup } from './process-group.js';

/** How long what a program wrote is still read after its end, where something else holds its streams open, milliseconds. */
const DRAIN_MS = 500;
const MOST_BYTES = 64 * 1024;

export interface ProgramOptions {
  /** A name that is looked for on the PATH of `env`, or a path; a relative one starts at `cwd`. Never put through a shell. */
  readonly command: string;
  readonly args: readonly string[];
  /** Absolute. */
  readonly cwd: string;
  /** All that the program has; nothing of the process's own. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface RunProgramOptions extends ProgramOptions {
  /** What it reads from stdin. Default: nothing. */
  readonly input?: string;
  readonly signal: AbortSignal;
  /** Default: none. */
  readonly timeoutMs?: number | undefined;
  /** Most bytes of stdout that are kept, and as many of stderr; the rest is read and dropped. Default 64 KB. */
  readonly maxBytes?: number;
  /** Keeps the end of what is too long, too, and leaves out its middle. */
  readonly keepsEnd?: boolean;
}

/** How a program ended. */
export interface ProgramExit {
  /** Null where a signal ended it. */
  readonly exitCode: number | null;
  readonly signalName: NodeJS.Signals | null;
}

/** What came of a program. */
export interface ProgramEnd extends ProgramExit {
  /** It was killed because it took longer than `timeoutMs`. */
  readonly isTimeout: boolean;
  readonly stdout: string;
  readonly stderr: string;
  /** More was written to stdout or stderr than was kept. */
  readonly isCut: boolean;
}

/** A program that runs. */
export interface RunningProgram {
  readonly child: ChildProcessWithoutNullStreams;
  /** Resolves when it has ended and nothing is left of what it started; its streams may still have something to be read. */
  readonly ended: Promise<ProgramExit>;
  /** Kills it, and all that it started. */
  kill(): void;
  /**
   * Closes its stdin and gives it so many milliseconds to end, then as many again after a SIGTERM to its group; then it is
   * killed. Resolves when nothing is left of it. Never rejects; may be called twice.
   */
  stop(graceMs: number): Promise<void>;
}

/**
 * Starts a program in a process group of its own, with pipes to it. Nothing that it starts outlives it, nor this process.
 * Rejects with TaskError where it cannot be started.
 */
export async function startProgram({ command, args, cwd, env }: ProgramOptions): Promise<RunningProgram> {
  const group = createProcessGroup();
  let child: ChildProcessWithoutNullStreams;
  let exited: Promise<ProgramExit>;
  try {
    child = spawn(command, args, { cwd, env: { ...env, ...group.environment }, detached: true });
    exited = new Promise((resolve) => {
      child.once('exit', (exitCode, signalName) => resolve({ exitCode, signalName }));
    });
    // It may be gone before it is written to; a writer is told so all the same.
    child.stdin.on('error', () => undefined);
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
  } catch (error) {
    throw new TaskError(`${command} cannot be started: ${startTrouble(error, cwd)}`, { cause: error });
  }
  // After its start, an error of it is a signal that it did not get.
  child.on('error', () => undefined);
  if (child.pid !== undefined) group.begin(child.pid);
  const ended = exited.then(async (exit) => {
    await group.end();
    return exit;
  });
  const endsIn = async (graceMs: number): Promise<boolean> => {
    const waiting = new AbortController();
    const isOver = await Promise.race([
      ended.then(() => true),
      sleep(graceMs, false, { signal: waiting.signal }).catch(() => false),
    ]);
    waiting.abort();
    return isOver;
  };
  return {
    child,
    ended,
    kill: () => group.signal('SIGKILL'),
    stop: async (graceMs) => {
      child.stdin.end();
      if (await endsIn(graceMs)) return;
      group.signal('SIGTERM');
      if (await endsIn(graceMs)) return;
      group.signal('SIGKILL');
      await ended;
    },
  };
}

/**
 * Runs a program to its end and gives what it wrote. Nothing that it started outlives it. Rejects with TaskError where it
 * cannot be started, and with the signal's reason when that is aborted: then nothing is left of it.
 */
export async function runProgram(options: RunProgramOptions): Promise<ProgramEnd> {
  const { input = '', signal, timeoutMs, maxBytes = MOST_BYTES, keepsEnd = false } = options;
  signal.throwIfAborted();
  const { child, ended, kill } = await startProgram(options);
  let isTimeout = false;
  const timeOut = (): void => {
    isTimeout = true;
    kill();
  };
  const timer = timeoutMs === undefined ? undefined : setTimeout(timeOut, timeoutMs);
  signal.addEventListener('abort', kill, { once: true });
  if (signal.aborted) kill();
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const [stdout, stderr] = [
    collect(child.stdout, { maxBytes, keepsEnd }),
    collect(child.stderr, { maxBytes, keepsEnd }),
  ];
  child.stdin.end(input);
  try {
    const exit = await ended;
    const drained = new AbortController();
    await Promise.race([closed, sleep(DRAIN_MS, undefined, { signal: drained.signal }).catch(() => undefined)]);
    drained.abort();
    signal.throwIfAborted();
    return {
      ...exit,
      isTimeout,
      stdout: stdout.text(),
      stderr: stderr.text(),
      isCut: stdout.isCut() || stderr.isCut(),
    };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', kill);
    child.stdout.destroy();
    child.stderr.destroy();
  }
}

/** Reads a stream to its end and keeps no more of it than is asked for. */
function collect(
  stream: Readable,
  { maxBytes, keepsEnd }: { readonly maxBytes: number; readonly keepsEnd: boolean },
): { readonly text: () => string; readonly isCut: () => boolean } {
  const headBytes = keepsEnd ? Math.ceil(maxBytes / 2) : maxBytes;
  const tailBytes = maxBytes - headBytes;
  const head: Buffer[] = [];
  let tail: Buffer[] = [];
  let bytes = 0;
  let bytesOfTail = 0;
  stream.on('data', (chunk: Buffer) => {
    const room = Math.max(0, headBytes - bytes);
    bytes += chunk.length;
    if (room > 0) head.push(chunk.subarray(0, room));
    if (tailBytes === 0 || chunk.length <= room) return;
    tail.push(chunk.subarray(room));
    bytesOfTail += chunk.length - room;
    // Not at every chunk: joining them takes time.
    if (bytesOfTail < 2 * tailBytes) return;
    tail = [Buffer.concat(tail).subarray(-tailBytes)];
    bytesOfTail = tailBytes;
  });
  return {
    isCut: () => bytes > maxBytes,
    text: () => {
      const start = Buffer.concat(head);
      const end = Buffer.concat(tail).subarray(-tailBytes || undefined);
      if (bytes <= maxBytes) return Buffer.concat([start, end]).toString();
      if (tailBytes === 0) return withoutHalfEnd(start);
      return `${withoutHalfEnd(start)}\n[… ${formatBytes(bytes - maxBytes)} left out …]\n${withoutHalfStart(end)}`;
    },
  };
}

/** The text of what was cut off at its end, which may be in the middle of a character. */
function withoutHalfEnd(bytes: Buffer): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes, { stream: true });
}

/** The same for what was cut off at its start. */
function withoutHalfStart(bytes: Buffer): string {
  const first = bytes.findIndex((byte) => (byte & 0b1100_0000) !== 0b1000_0000);
  return bytes.subarray(Math.max(0, first)).toString();
}

function startTrouble(error: unknown, cwd: string): string {
  switch (errorCode(error)) {
    case 'ENOENT':
    case 'ENOTDIR':
      return isFolder(cwd) ? 'there is no such program' : `there is no folder ${cwd}`;
    case 'EACCES':
      return 'it is no file that may be executed';
    case 'E2BIG':
      return 'its arguments are too long';
    case 'ERR_INVALID_ARG_VALUE':
      return 'its name, arguments and environment must not hold a zero byte';
    default:
      return fileTrouble(error);
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
