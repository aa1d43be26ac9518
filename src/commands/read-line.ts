import { createInterface } from 'node:readline';
import type { Io } from '../util/io.js';

/** The next line of stdin; undefined where it ends, or the process is told to stop, before there is one. */
export function readLine({ stdin, signal }: Io): Promise<string | undefined> {
  const lines = createInterface({ input: stdin, signal });
  return new Promise((resolve) => {
    lines.once('line', (line) => {
      resolve(line);
      lines.close();
    });
    lines.once('close', () => resolve(undefined));
  });
}
