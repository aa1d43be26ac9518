import { Worker } from 'node:worker_threads';
import pLimit from 'p-limit';
import { formatTimeLimit } from '../../util/amounts.js';
import { orAbort } from '../../util/or-abort.js';
import type { Answer, DocumentText, Job } from './document-worker.js';
import { ToolError } from '../tool-error.js';

/** What one document may take. */
export interface ExtractLimits {
  readonly timeoutMs: number;
  /** Objects of the thread. */
  readonly heapMb: number;
  /** The whole process, more than before: buffers do not count for the thread's own limit. */
  readonly growthMb: number;
}

const LIMITS: ExtractLimits = { timeoutMs: 30_000, heapMb: 512, growthMb: 1000 };
/** How often memory is looked at, milliseconds. */
const LOOK_MS = 50;

/** The thread that waits for the next document; undefined before the first one, and after one that had to be ended. */
let waiting: Reader | undefined;
const oneAtATime = pLimit(1);

/**
 * The text of a document, read in a thread of its own that is ended where it takes too long or too much memory: files from
 * strangers may be made to do that. Rejects with ToolError that names the document, and with the signal's reason.
 */
export async function extractText(
  job: Job,
  {
    name,
    signal,
    limits = LIMITS,
  }: { readonly name: string; readonly signal: AbortSignal; readonly limits?: ExtractLimits },
): Promise<DocumentText> {
  const answer = await orAbort(
    oneAtATime(() => readOne(job, signal, limits)),
    signal,
  );
  if ('trouble' in answer) throw new ToolError(`${name} ${answer.trouble}`);
  return answer;
}

/** The pages of a PDF file as one text, each begun with `[page 1]` and the like; empty where none has text. */
export function joinPages(pages: readonly string[]): string {
  if (pages.every((page) => page.trim() === '')) return '';
  return pages.map((page, index) => `[page ${index + 1}]\n${page}`).join('\n\n');
}

async function readOne(job: Job, signal: AbortSignal, limits: ExtractLimits): Promise<Answer> {
  signal.throwIfAborted();
  const reader = waiting ?? (await startReader(limits));
  waiting = undefined;
  let [look, timer]: NodeJS.Timeout[] = [];
  const tooMuch = new Promise<Answer>((resolve) => {
    const most = process.memoryUsage.rss() + limits.growthMb * 1024 ** 2;
    look = setInterval(() => {
      if (process.memoryUsage.rss() > most) resolve({ trouble: TOO_LARGE });
    }, LOOK_MS);
    timer = setTimeout(
      () => resolve({ trouble: `takes longer than ${formatTimeLimit(limits.timeoutMs)} to read` }),
      limits.timeoutMs,
    );
  });
  try {
    return await orAbort(Promise.race([reader.read(job), tooMuch]), signal);
  } finally {
    clearInterval(look);
    clearTimeout(timer);
    if (reader.isIdle()) waiting = reader;
    else await reader.end();
  }
}

interface Reader {
  /** Never rejects. To be called when it is idle. */
  read(job: Job): Promise<Answer>;
  /** False where it still works, or has ended. */
  isIdle(): boolean;
  end(): Promise<unknown>;
}

const TOO_LARGE = 'takes too much memory to read';

async function startReader({ heapMb }: ExtractLimits): Promise<Reader> {
  // Not above: the bundle must keep the program of the thread in a file of its own.
  const { IS_WORKER, WORKER_URL } = await import('./document-worker.js');
  const worker = new Worker(new URL(WORKER_URL), {
    workerData: IS_WORKER,
    // It needs no variables, and has nothing to say on the streams of the command.
    env: {},
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: heapMb },
    // From source, as in tests.
    execArgv: WORKER_URL.endsWith('.ts') ? ['--import', import.meta.resolve('jiti/register')] : [],
  });
  worker.stdout.resume();
  worker.stderr.resume();
  let isIdle = true;
  let settle: (answer: Answer) => void = () => undefined;
  worker.on('message', (answer: Answer) => {
    isIdle = true;
    worker.unref();
    settle(answer);
  });
  worker.on('error', (error: { readonly code?: unknown }) =>
    settle({ trouble: error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? TOO_LARGE : 'cannot be read' }),
  );
  worker.on('exit', () => {
    isIdle = false;
    settle({ trouble: 'cannot be read' });
  });
  return {
    read: (job) =>
      new Promise((resolve) => {
        settle = resolve;
        isIdle = false;
        worker.ref();
        // oxlint-disable-next-line require-post-message-target-origin -- it is a thread, not a window
        worker.postMessage(job);
      }),
    isIdle: () => isIdle,
    end: () => worker.terminate(),
  };
}
