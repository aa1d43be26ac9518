import { Console } from 'node:console';
import { exit, kill, pid } from 'node:process';
import { EXIT, InterruptedError, messageOf, TaskError } from './errors.js';
import { main, reportBug } from './main.js';
import type { Io, Output } from './util/io.js';

/** Errors of a stream whose reader has gone away: `| head`, a terminal that was closed. */
const READER_GONE = new Set(['EPIPE', 'EIO', 'ECONNRESET']);

/** The real process: argv, streams and signals; the only place that ends it. */
async function runProcess(): Promise<void> {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) {
        process.removeAllListeners(name);
        kill(pid, name);
      }
      controller.abort(new InterruptedError(name));
    });
  }
  const cwd = currentDirectory();
  const stderr = toOutput(process.stderr);
  const stdout = toOutput(process.stdout);
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
  };
  sendForeignOutputToStderr();
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
  exit(exitCode);
}

/** stdout is for the result; what tools and their libraries print goes to stderr. */
function sendForeignOutputToStderr(): void {
  globalThis.console = new Console({ stdout: process.stderr, stderr: process.stderr });
  process.stdout.write = process.stderr.write.bind(process.stderr) as typeof process.stdout.write;
}

function toOutput(stream: NodeJS.WriteStream): {
  readonly output: Output;
  /** Resolves when what was written has left the process, or never will. */
  flush(): Promise<void>;
  /** Why something could not be written, but that the reader has gone. */
  trouble(): unknown;
} {
  const write = stream.write.bind(stream);
  let trouble: unknown;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (!READER_GONE.has(error.code ?? '')) trouble ??= error;
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
