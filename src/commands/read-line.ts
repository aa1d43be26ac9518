import { createInterface } from 'node:readline';
import type { Io } from '../util/io.js';

/**
 * The next line of stdin; undefined where it ends, or the process is told to stop, before there is one. Then the line of
 * the question is ended, so that what is said next begins on its own.
 */
export function readLine({ stdin, stderr, signal }: Io): Promise<string | undefined> {
  const lines = createInterface({ input: stdin, signal });
  return new Promise((resolve) => {
    const onClose = (): void => {
      stderr.write('\n');
      resolve(undefined);
    };
    lines.once('line', (line) => {
      lines.off('close', onClose);
      lines.close();
      resolve(line);
    });
    lines.once('close', onClose);
  });
}
