import { Readable } from 'node:stream';
import type { Io, Output } from '../../src/util/io.js';

/** The outside of a command that nobody watches and that is handed nothing. */
export function silentIo(stdout: Output = createOutput()): Io {
  return {
    stdout,
    stderr: createOutput(),
    stdin: Readable.from([]),
    isInteractive: false,
    env: {},
    cwd: '/',
    signal: new AbortController().signal,
  };
}

function createOutput(): Output {
  return { write: () => undefined, isTTY: false, color: false, columns: 80 };
}
