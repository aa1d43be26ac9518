import { CrewError, EXIT, type ExitCode, messageOf, toErrorResult } from '../errors.js';
import type { RunEvent } from '../events.js';
import type { RunResult } from '../result.js';
import type { Io } from '../util/io.js';
import type { RunFlags } from './run-flags.js';

/**
 * Shows a run while it goes on and prints its result, as the flags ask for; gives back the exit code. `start` gets the
 * listener to run with. Rejects with what kept the run from beginning, or went wrong after its end.
 */
export async function presentRun(
  io: Io,
  flags: RunFlags,
  start: (onEvent: (event: RunEvent) => void) => Promise<unknown>,
): Promise<ExitCode> {
  let result: RunResult | undefined;
  let trouble: unknown;
  try {
    const reporter = await openReporter(io, flags);
    let tells = reporter !== undefined;
    const onEvent = (event: RunEvent): void => {
      if (event.type === 'run-end') result = event.result;
      try {
        if (tells) reporter?.onEvent(event);
      } catch (error) {
        tells = false;
        io.stderr.write(`warning: the progress cannot be shown any more: ${messageOf(error)}\n`);
      }
    };
    try {
      await start(onEvent);
    } finally {
      reporter?.close();
    }
  } catch (error) {
    if (!result) {
      if (error instanceof CrewError) await writeRefusal(io, flags, error);
      throw error;
    }
    // A run's own failure is in its result; what went wrong after it must not hide the result.
    if (!(error instanceof CrewError && error.name === 'RunError')) trouble = error;
  }
  if (!result) return EXIT.done;
  await writeResult(io, flags, result);
  if (trouble !== undefined) throw trouble;
  return result.exit_code;
}

async function openReporter(io: Io, { format, quiet, verbose = false }: RunFlags) {
  if (format === 'jsonl') {
    const { createJsonlReporter } = await import('../reporters/jsonl-reporter.js');
    return createJsonlReporter({ output: io.stdout });
  }
  if (quiet) return undefined;
  const output = io.stderr;
  const options = { output, verbose, workingDirectory: io.cwd };
  if (!output.isTTY || io.env['CI'] || io.env['TERM'] === 'dumb') {
    const { createPlainReporter } = await import('../reporters/plain-reporter.js');
    return createPlainReporter(options);
  }
  const { loadPaint } = await import('../reporters/paint.js');
  const { createPrettyReporter } = await import('../reporters/pretty-reporter.js');
  return createPrettyReporter({ ...options, paint: await loadPaint(output.color) });
}

async function writeResult(io: Io, { format, quiet, db }: RunFlags, result: RunResult): Promise<void> {
  if (format === 'json') io.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
  if (format === 'text' && result.exit_code === EXIT.done) {
    const { outputText } = await import('../result.js');
    io.stdout.write(`${outputText(result)}\n`);
  }
  const { summaryLines } = await import('../reporters/summary.js');
  const lines = summaryLines(result, { db });
  if (!quiet) io.stderr.write(`${[...lines.error, ...lines.amounts].join('\n')}\n`);
  else if (lines.error.length > 0) io.stderr.write(`${lines.error.join('\n')}\n`);
}

/** Programs get an object also when nothing was run; the error itself is reported by main. */
export async function writeRefusal(io: Io, { format }: RunFlags, error: CrewError): Promise<void> {
  if (format === 'text') return;
  const { refusedResult } = await import('../result.js');
  const result = refusedResult(toErrorResult(error), error.exitCode);
  io.stdout.write(
    format === 'json' ? `${JSON.stringify(result, null, 2)}\n` : `${JSON.stringify({ type: 'run-end', ...result })}\n`,
  );
}
