import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import pLimit from 'p-limit';
import { orAbort } from '../../util/or-abort.js';
import { ToolError } from '../tool-error.js';
import type { JobAnswer, JobName, JobRequest, JobResult } from './job.js';

/** Jobs at once; others wait for their turn. */
const MOST_PROCESSES = 3;
/** How long a process is kept for the next job, milliseconds. */
const IDLE_MS = 5000;
/** Memory that a process may take. */
const MOST_BYTES = 1_000_000_000;
/** More than that: a process that takes too much is ended by its watch, without the noise of V8's own end. */
const HEAP_MEGABYTES = 4000;

interface DataProcess {
  readonly child: ChildProcess;
  /** What it has loaded last. */
  holds: string | undefined;
  idleTimer: NodeJS.Timeout | undefined;
}

/** How a job is run. */
export interface RunJobOptions {
  readonly signal: AbortSignal;
  /** Name of what the job loads: a process that has loaded it already is chosen where there is one. */
  readonly holds?: string;
}

const running = new Set<DataProcess>();
const idle: DataProcess[] = [];
const takeTurn = pLimit(MOST_PROCESSES);

/**
 * Does a job in a process of its own, which is killed when the signal is aborted, and with this process; one that is idle
 * keeps nothing alive. Rejects with ToolError as the job does, or where it took too much memory.
 */
export async function runJob<Name extends JobName>(
  name: Name,
  request: JobRequest<Name>,
  { signal, holds }: RunJobOptions,
): Promise<JobResult> {
  const work = takeTurn(async () => {
    signal.throwIfAborted();
    const worker = takeProcess(holds);
    try {
      const answer = await orAbort(ask(worker, { name, request }), signal);
      worker.holds = holds ?? worker.holds;
      release(worker);
      return answer;
    } catch (error) {
      worker.child.kill('SIGKILL');
      throw error;
    }
  });
  const answer = await orAbort(work, signal);
  if (answer.ok) return answer.result;
  throw new ToolError(answer.message, answer.outside === undefined ? {} : { outside: answer.outside });
}

function takeProcess(holds: string | undefined): DataProcess {
  const fitting = idle.findIndex((worker) => holds !== undefined && worker.holds === holds);
  const [worker = start()] = idle.splice(fitting, 1);
  clearTimeout(worker.idleTimer);
  worker.child.ref();
  worker.child.channel?.ref();
  return worker;
}

function release(worker: DataProcess): void {
  worker.child.unref();
  worker.child.channel?.unref();
  idle.push(worker);
  worker.idleTimer = setTimeout(() => worker.child.kill('SIGKILL'), IDLE_MS).unref();
}

async function ask(
  { child }: DataProcess,
  message: { readonly name: JobName; readonly request: unknown },
): Promise<JobAnswer> {
  const over = new AbortController();
  const answered = once(child, 'message', { signal: over.signal }).then(([answer]) => answer as JobAnswer);
  const ended = once(child, 'exit', { signal: over.signal }).then(([code, by]): never => {
    throw endError(code as number | null, by as string | null);
  });
  try {
    child.send(message);
    return await Promise.race([answered, ended]);
  } finally {
    over.abort();
  }
}

function endError(code: number | null, by: string | null): ToolError {
  return by === 'SIGKILL'
    ? new ToolError(
        `it took more than ${MOST_BYTES / 1_000_000_000} GB of memory and was stopped; ask for less at once`,
      )
    : new ToolError(`the process that did the work ended early (${by ?? `exit ${code}`}); ask for less at once`);
}

function start(): DataProcess {
  if (running.size === 0) process.once('exit', killAll);
  const { file, execArgv } = entry();
  const child = fork(file, [String(process.pid), String(MOST_BYTES)], {
    // Where the entry's own modules are found.
    cwd: dirname(file),
    execArgv: [...execArgv, `--max-old-space-size=${HEAP_MEGABYTES}`],
    env: { TMPDIR: process.env['TMPDIR'], TZ: process.env['TZ'] },
    // The Ctrl-C of a terminal must not end it before the run has decided to stop.
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const worker: DataProcess = { child, holds: undefined, idleTimer: undefined };
  const forget = (): void => {
    running.delete(worker);
    if (idle.includes(worker)) idle.splice(idle.indexOf(worker), 1);
    if (running.size === 0) process.off('exit', killAll);
  };
  child.once('exit', forget);
  child.on('error', forget);
  running.add(worker);
  return worker;
}

function killAll(): void {
  for (const { child } of running) child.kill('SIGKILL');
}

/** The entry beside this file, or where the build puts it. */
function entry(): { readonly file: string; readonly execArgv: readonly string[] } {
  return import.meta.url.endsWith('.ts')
    ? { file: fileURLToPath(new URL('./data-process.ts', import.meta.url)), execArgv: ['--import', 'jiti/register'] }
    : { file: fileURLToPath(new URL('../tools/data/data-process.js', import.meta.url)), execArgv: [] };
}
