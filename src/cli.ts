import { Console } from 'node:console';
import { closeSync, readFileSync } from 'node:fs';
import { exit } from 'node:process';
import { isatty } from 'node:tty';
import { EXIT, type ExitCode, InterruptedError, messageOf, TaskError } from './errors.js';
import { main, reportBug } from './main.js';
import type { Io, Output } from './util/io.js';

/** Errors of a stream whose reader has gone away: `| head`, a terminal that was closed. */
const READER_GONE = new Set(['EPIPE', 'EIO', 'ECONNRESET']);

/**
 * Signals that follow the first one within this time are the same stop, milliseconds: the kernel, the shell and npx each
 * pass a Ctrl-C or a closed terminal on.
 */
const SAME_STOP_MS = 500;

/** The real process: argv, streams and signals; the only place that ends it. */
async function runProcess(): Promise<void> {
  const controller = new AbortController();
  const takeInterrupt = stopOnSignals(controller);
  const cwd = currentDirectory();
  const stderr = toOutput(process.stderr);
  // A run that nobody listens to any more would spend money for nothing. One that has ended is not changed by it.
  const stdout = toOutput(process.stdout, () => controller.abort(new InterruptedError('SIGPIPE')));
  if (cwd === undefined) {
    stderr.output.write('error: the working directory does not exist any more\n');
    process.exitCode = EXIT.usage;
    return;
  }
  const io: Io = {
    stdout: stdout.output,
    stderr: stderr.output,
    stdin: process.stdin,
    isInteractive: process.stdin.isTTY === true && process.stderr.isTTY === true && !process.env['CI'],
    env: process.env,
    cwd,
    signal: controller.signal,
    takeInterrupt,
  };
  sendForeignOutputToStderr();
  keepForeignCodeFromExiting();
  // A tool may fail outside of its call, where nothing waits for it: the run then ends as one that failed.
  let stray: unknown;
  process.on('uncaughtException', (error) => {
    stray ??= error;
    controller.abort(
      new TaskError(`something failed where nothing waited for it: ${messageOf(error)}`, {
        hint: 'Most likely a tool of your own starts work that it does not await.',
        cause: error,
      }),
    );
  });
  // A tool may wait for what never comes, with nothing that holds the process; it is not over for that.
  const alive = setInterval(() => undefined, 60_000);
  let exitCode = await main(process.argv.slice(2), io);
  clearInterval(alive);
  if (stray !== undefined && exitCode === EXIT.done) exitCode = reportBug(stray, io);
  await Promise.all([stdout.flush(), stderr.flush()]);
  if (stdout.trouble() !== undefined && exitCode === EXIT.done) {
    stderr.output.write(`error: the result could not be written: ${messageOf(stdout.trouble())}\n`);
    await stderr.flush();
    exitCode = EXIT.failed;
  }
  // What is idle or does not listen to its signal (a kept-alive connection, a tool) must not hold the process back.
  endProcess(exitCode);
}

/** Ends the process. At its end Node puts terminals back as they were, and crashes where one has gone: such a one is closed. */
function endProcess(exitCode: ExitCode): never {
  for (const stream of [process.stdin, process.stdout, process.stderr]) if (hasGone(stream)) closeSync(stream.fd);
  exit(exitCode);
}

/** True for a terminal that was closed. */
function hasGone({ isTTY, fd }: { readonly isTTY: boolean; readonly fd: number }): boolean {
  return isTTY && !isatty(fd);
}

/**
 * The first signal lets the run end in order; the next one ends the process at once, whichever it is. Gives back the way to
 * take a Ctrl-C out of that.
 */
function stopOnSignals(controller: AbortController): NonNullable<Io['takeInterrupt']> {
  // Whoever waits for an answer must not take the end of the terminal, which comes before its signal, for one.
  process.stdin.on('end', () => {
    if (hasGone(process.stdin)) controller.abort(new InterruptedError('SIGHUP'));
  });
  let stoppedAt: number | undefined;
  let taken: (() => void) | undefined;
  let takenAt = Number.NEGATIVE_INFINITY;
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (name === 'SIGHUP' && isUnderNohup()) return;
      if (name === 'SIGINT' && performance.now() - takenAt <= SAME_STOP_MS) return;
      if (name === 'SIGINT' && taken) {
        takenAt = performance.now();
        const listener = taken;
        taken = undefined;
        listener();
        return;
      }
      const reason = new InterruptedError(name);
      stoppedAt ??= performance.now();
      if (performance.now() - stoppedAt > SAME_STOP_MS) endProcess(reason.exitCode);
      controller.abort(reason);
    });
  }
  return (listener) => {
    taken = listener;
    return () => {
      if (taken === listener) taken = undefined;
    };
  };
}

/**
 * True where `nohup` has put a file that cannot be read in place of the terminal's stdin. Node forgets at its start that
 * SIGHUP is to be ignored, so this is what is left to tell. Linux only; false elsewhere.
 */
function isUnderNohup(): boolean {
  try {
    // Octal; the last digit is the access mode, and 1 is write only.
    return /^flags:\s*\d*1$/m.test(readFileSync('/proc/self/fdinfo/0', 'utf8'));
  } catch {
    return false;
  }
}

/** stdout is for the result; what tools and their libraries print goes to stderr. */
function sendForeignOutputToStderr(): void {
  globalThis.console = new Console({ stdout: process.stderr, stderr: process.stderr });
  process.stdout.write = process.stderr.write.bind(process.stderr) as typeof process.stdout.write;
}

/** Code of a crew that ends the process would leave the run half done, with an exit code of its own. */
function keepForeignCodeFromExiting(): void {
  process.exit = (code) => {
    throw new Error(`it called process.exit(${code ?? ''}), which would end the whole run`);
  };
}

function toOutput(
  stream: NodeJS.WriteStream,
  onReaderGone: () => void = () => undefined,
): {
  readonly output: Output;
  /** Resolves when what was written has left the process, or never will. */
  flush(): Promise<void>;
  /** Why something could not be written, but that the reader has gone. */
  trouble(): unknown;
} {
  const write = stream.write.bind(stream);
  let trouble: unknown;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (READER_GONE.has(error.code ?? '')) onReaderGone();
    else trouble ??= error;
  });
  // A terminal without a width (under `script`, some CI) is no place for a spinner: it would draw without end.
  const isTTY = stream.isTTY === true && stream.columns > 0;
  return {
    output: {
      write: (text) => void write(text),
      isTTY,
      color: isTTY && !process.env['NO_COLOR'] && !process.env['CI'] && !process.argv.includes('--no-color'),
      columns: stream.columns || 80,
    },
    flush: () => new Promise((resolve) => write('', () => resolve())),
    trouble: () => trouble,
  };
}

function currentDirectory(): string | undefined {
  try {
    return process.cwd();
  } catch {
    return undefined;
  }
}

await runProcess();
