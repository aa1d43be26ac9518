import { createInterface } from 'node:readline';
import type { Io } from '../util/io.js';

/** What a user writes, line by line. */
export interface ChatLines {
  /** The next line; undefined at the end, which is also Ctrl-D and Ctrl-C of a person at the prompt. */
  next(): Promise<string | undefined>;
  close(): void;
}

const PROMPT = '> ';

/** The lines of a person at a terminal, with a prompt and what was typed before; else those of stdin. */
export function openChatLines(io: Io): ChatLines {
  return io.isInteractive && 'isTTY' in io.stdin ? fromTerminal(io) : fromStream(io);
}

/** The terminal is only held while a line is typed: in between it belongs to the run, and Ctrl-C is a signal. */
function fromTerminal({ stdin, signal }: Io): ChatLines {
  let history: string[] = [];
  return {
    next: () =>
      new Promise((resolve) => {
        const lines = createInterface({
          input: stdin,
          output: process.stderr,
          terminal: true,
          prompt: PROMPT,
          history,
          signal,
        });
        lines.on('history', (entries) => (history = entries));
        lines.once('line', (line) => {
          lines.removeAllListeners('close');
          lines.close();
          resolve(line);
        });
        lines.once('close', () => {
          process.stderr.write('\n');
          resolve(undefined);
        });
        lines.prompt();
      }),
    close: () => undefined,
  };
}

function fromStream({ stdin, signal }: Io): ChatLines {
  const reader = createInterface({ input: stdin, signal });
  // From the start on, as lines that nobody waits for would be lost.
  const lines = reader[Symbol.asyncIterator]();
  return {
    async next() {
      const { done, value } = await lines.next();
      return done ? undefined : value;
    },
    close: () => reader.close(),
  };
}
