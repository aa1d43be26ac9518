import { CrewError, EXIT, type ExitCode, messageOf, toErrorResult } from '../errors.js';
import type { RunEvent } from '../events.js';
import type { Reporter } from '../reporters/reporter.js';
import type { ResultStream } from '../reporters/result-stream.js';
import type { RunResult } from '../result.js';
import type { Io } from '../util/io.js';
import { jsonText } from './history.js';
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
  let ended: EndOfRun | undefined;
  let warning: string | undefined;
  let trouble: unknown;
  const stream = await openStream(io, flags);
  try {
    const reporter = await openReporter(io, flags);
    let tells = reporter !== undefined;
    const onEvent = (event: RunEvent): void => {
      if (event.type === 'run-end') ended = event;
      try {
        if (tells) reporter?.onEvent(event);
      } catch (error) {
        tells = false;
        io.stderr.write(`warning: the progress cannot be shown any more: ${messageOf(error)}\n`);
      }
      stream?.onEvent(event);
    };
    try {
      await start(onEvent);
    } finally {
      if (stream?.hasBegun) warning = stream.end(ended && (await textOf(ended)));
      reporter?.close();
    }
  } catch (error) {
    if (!ended) {
      if (error instanceof CrewError) await writeRefusal(io, flags, error);
      throw error;
    }
    // A run's own failure is in its result; what went wrong after it must not hide the result.
    if (!(error instanceof CrewError && error.name === 'RunError')) trouble = error;
  }
  if (!ended) return EXIT.done;
  if (stream?.hasBegun === false) stream.end(await textOf(ended));
  if (warning !== undefined) io.stderr.write(`warning: ${warning}\n`);
  await writeResult(io, flags, ended.result);
  if (trouble !== undefined) throw trouble;
  return ended.result.exit_code;
}

type EndOfRun = RunEvent & { type: 'run-end' };

/** The final output as text; undefined where there is none. */
async function textOf({ result, fullOutput }: EndOfRun): Promise<string | undefined> {
  if (result.exit_code !== EXIT.done) return undefined;
  const { fullOutputText, outputText } = await import('../result.js');
  return fullOutput ? fullOutputText(result) : outputText(result);
}

async function openStream(io: Io, { format, stream, quiet }: RunFlags): Promise<ResultStream | undefined> {
  if (format === 'json' && stream && !quiet) {
    io.stderr.write('note: --stream does nothing with --format json, whose result is one object\n');
  }
  if (format !== 'text') return undefined;
  const { createResultStream } = await import('../reporters/result-stream.js');
  return createResultStream(io.stdout);
}

async function openReporter(io: Io, { format, quiet, verbose = false }: RunFlags): Promise<Reporter | undefined> {
  if (format === 'jsonl') {
    const { createJsonlReporter } = await import('../reporters/jsonl-reporter.js');
    return createJsonlReporter({ output: io.stdout });
  }
  if (quiet) return undefined;
  const output = io.stderr;
  const options = { output, verbose, workingDirectory: io.cwd };
  if (!output.isTTY || io.env['CI'] || io.env['TERM'] === 'dumb') {
    const { createPlainReporter } = await import('../reporters/plain-reporter.js');
    return beside(io, format, createPlainReporter(options));
  }
  const { loadPaint } = await import('../reporters/paint.js');
  const { createPrettyReporter } = await import('../reporters/pretty-reporter.js');
  return beside(io, format, createPrettyReporter({ ...options, paint: await loadPaint(output.color) }));
}

/** The reporter, which keeps out of the way of what else is written on its terminal. */
async function beside(io: Io, format: RunFlags['format'], inner: Reporter): Promise<Reporter> {
  let reporter = inner;
  if (io.isInteractive) {
    const { holdDuringQuestions } = await import('../reporters/hold-during-questions.js');
    reporter = holdDuringQuestions(reporter);
  }
  if (format !== 'text') return reporter;
  const { besideStream } = await import('../reporters/result-stream.js');
  return besideStream(reporter, { sharesTerminal: io.stdout.isTTY && io.stderr.isTTY });
}

async function writeResult(io: Io, { format, quiet, db }: RunFlags, result: RunResult): Promise<void> {
  if (format === 'json') io.stdout.write(jsonText(result));
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
  io.stdout.write(format === 'json' ? jsonText(result) : `${JSON.stringify({ type: 'run-end', ...result })}\n`);
}
