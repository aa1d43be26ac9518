import type { Redactor } from './redact.js';

/** Redacts a text that comes in pieces. */
export interface RedactingStream {
  /** What of the text so far is certain to hold no part of a secret, but for what was given before. */
  push(piece: string): string;
  /** The rest. */
  end(): string;
}

/** A stream that holds back, mostly a word, what may be the beginning of a secret. */
export function createRedactingStream(redactor: Redactor): RedactingStream {
  let held = '';
  return {
    push(piece) {
      held += piece;
      const length = redactor.safeLength(held);
      const safe = redactor.text(held.slice(0, length));
      held = held.slice(length);
      return safe;
    },
    end() {
      const rest = redactor.text(held);
      held = '';
      return rest;
    },
  };
}
