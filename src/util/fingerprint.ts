import { createHash } from 'node:crypto';
import { stringify } from 'safe-stable-stringify';

/** 16 hex digits that are the same for equal JSON values, whatever the order of their keys. */
export function fingerprintOf(value: unknown): string {
  return createHash('sha256')
    .update(stringify(value) ?? '')
    .digest('hex')
    .slice(0, 16);
}

/** JSON text that is the same for equal values, whatever the order of their keys. */
export function canonicalJson(value: unknown): string {
  return stringify(value) ?? '';
}
