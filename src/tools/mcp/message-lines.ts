import { deserializeMessage } from '@modelcontextprotocol/sdk/shared/stdio.js';
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import { excerpt } from '../../util/excerpt.js';
import { printableLine } from '../../util/printable.js';
import { MOST_MESSAGE_BYTES } from './server-link.js';

/** Lines that are no messages, after which a stream is given up. */
const MOST_STRAY_LINES = 1000;
/** Of such a line, for people. */
const MOST_LINE_CHARACTERS = 200;

/** What reads messages out of a stream. */
export interface MessageLines {
  /** Takes the next chunk; false where the stream is to be given up. */
  take(chunk: Buffer): boolean;
  /** What was wrong with the stream so far, in words; empty for nothing. */
  trouble(): string;
}

/** Tells of the messages in a stream, one a line. What is none is passed over: some programs write banners there. */
export function createMessageLines(onMessage: (message: JSONRPCMessage) => void): MessageLines {
  let begun: Buffer[] = [];
  let begunBytes = 0;
  let strayLines = 0;
  let firstStray = '';
  const takeLine = (line: string): void => {
    if (line.trim() === '') return;
    const message = parseMessage(line);
    if (message) return onMessage(message);
    strayLines += 1;
    if (strayLines === 1) firstStray = excerpt(printableLine(line), MOST_LINE_CHARACTERS);
  };
  return {
    take(chunk) {
      let from = 0;
      for (let end = chunk.indexOf('\n'); end !== -1; end = chunk.indexOf('\n', from)) {
        takeLine(Buffer.concat([...begun, chunk.subarray(from, end)]).toString());
        if (strayLines >= MOST_STRAY_LINES) return false;
        begun = [];
        begunBytes = 0;
        from = end + 1;
      }
      begun.push(chunk.subarray(from));
      begunBytes += chunk.length - from;
      return begunBytes <= MOST_MESSAGE_BYTES;
    },
    trouble() {
      if (begunBytes > MOST_MESSAGE_BYTES) return 'it wrote a message of more than 10 MB';
      return strayLines === 0 ? '' : `it writes to stdout what is no message of MCP: ${firstStray}`;
    },
  };
}

function parseMessage(line: string): JSONRPCMessage | undefined {
  try {
    return deserializeMessage(line);
  } catch {
    return undefined;
  }
}
