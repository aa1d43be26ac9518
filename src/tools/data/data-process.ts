// Entry of the process that jobs are done in; run-job.ts starts it with the process id of its parent and the most bytes of
// memory as arguments, and sends it one job at a time.

import { Worker } from 'node:worker_threads';
import { messageOf } from '../../errors.js';
import { ToolError } from '../tool-error.js';
import { type JobAnswer, type JobMessage, JOBS } from './job.js';

/** Runs in a thread, because a job can keep the process from doing anything else for as long as it lasts. */
const WATCH = `
const { parentId, maxBytes } = require('node:worker_threads').workerData;
setInterval(() => {
  if (process.ppid !== parentId || process.memoryUsage.rss() > maxBytes) process.kill(process.pid, 'SIGKILL');
}, 50);`;

const [parentId, maxBytes] = process.argv.slice(2).map(Number);
const resourceLimits = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 4 };
new Worker(WATCH, { eval: true, execArgv: [], workerData: { parentId, maxBytes }, resourceLimits }).unref();

process.on('message', (message: JobMessage) => {
  void answerTo(message).then((answer) => process.send?.(answer));
});

async function answerTo({ name, request }: JobMessage): Promise<JobAnswer> {
  try {
    return { ok: true, result: await JOBS[name](request as never) };
  } catch (error) {
    return { ok: false, message: messageOf(error), outside: error instanceof ToolError ? error.outside : undefined };
  }
}
