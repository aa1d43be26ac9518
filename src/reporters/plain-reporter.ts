import type { Output } from '../util/io.js';
import { NO_PAINT } from './paint.js';
import { createProgressLines, type ProgressOptions } from './progress-lines.js';
import type { Reporter } from './reporter.js';

/** Progress as plain lines, for logs and pipes. */
export function createPlainReporter({
  output,
  ...options
}: Omit<ProgressOptions, 'paint'> & { readonly output: Output }): Reporter {
  const toLines = createProgressLines({ ...options, paint: NO_PAINT });
  return {
    onEvent: (event) => {
      for (const line of toLines(event)) output.write(`${line}\n`);
    },
    close: () => undefined,
  };
}
