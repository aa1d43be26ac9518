import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';

/** Most bytes of one message, whichever way it comes. */
export const MOST_MESSAGE_BYTES = 10_000_000;

/** The way to a server for one connection. */
export interface ServerLink {
  readonly transport: Transport;
  /**
   * What may explain why it does not work, in words: how the program ended, what it wrote to stderr, each line of that on a
   * line of its own. Empty for nothing.
   */
  trouble(): string;
  /** Ends it, and the program behind it. Never rejects; may be called twice. */
  close(): Promise<void>;
}
