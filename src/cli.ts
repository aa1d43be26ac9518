import { exit, kill, pid } from 'node:process';
import { EXIT, InterruptedError, messageOf, TaskError } from './errors.js';
import { main, reportBug } from './main.js';
import type { Io, Output } from './util/io.js';

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
  const io: Io = {
    stdout: toOutput(process.stdout),
    stderr: toOutput(process.stderr),
    stdin: process.stdin,
    isInteractive: process.stdin.isTTY === true && process.stderr.isTTY === true && !process.env['CI'],
    env: process.env,
    cwd: process.cwd(),
    signal: controller.signal,
  };
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
  const exitCode = await main(process.argv.slice(2), io);
  if (stray !== undefined && exitCode === EXIT.done) reportBug(stray, io);
  process.exitCode = stray === undefined || exitCode !== EXIT.done ? exitCode : EXIT.bug;
  // What is idle or does not listen to its signal (a kept-alive connection, a tool) must not hold the process back.
  process.stdout.write('', () => process.stderr.write('', () => exit()));
}

function toOutput(stream: NodeJS.WriteStream): Output {
  // A reader that has gone away (`| head`) is no error of ours: what is still to be said is dropped.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  // A terminal without a width (under `script`, some CI) is no place for a spinner: it would draw without end.
  const isTTY = stream.isTTY === true && stream.columns > 0;
  return {
    write: (text) => void stream.write(text),
    isTTY,
    color: isTTY && !process.env['NO_COLOR'] && !process.env['CI'] && !process.argv.includes('--no-color'),
    columns: stream.columns || 80,
  };
}

await runProcess();
