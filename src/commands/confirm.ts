import type { Io } from '../util/io.js';
import { readLine } from './read-line.js';

/** Asks a person a question that is answered with y or n; anything but yes, also no answer at all, is false. */
export async function confirm(io: Io, question: string): Promise<boolean> {
  io.stderr.write(`${question} [y/N] `);
  const answer = (await readLine(io)) ?? '';
  io.signal.throwIfAborted();
  return /^y(es)?$/i.test(answer.trim());
}
