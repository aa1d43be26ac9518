import { randomInt } from 'node:crypto';

/** Without letters and digits that are easily taken for one another. */
const ALPHABET = '23456789abcdefghjkmnpqrstuvwxyz';

/** A new run id: eight characters that are easy to read and type, one of 8 × 10¹¹. */
export function createRunId(): string {
  return Array.from({ length: 8 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
}
