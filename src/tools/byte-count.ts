import { formatCount } from '../util/amounts.js';
/** A size in words: `1 byte`, `1,234 bytes`. */
export function byteCount(bytes: number): string {
  return `${formatCount(bytes)} ${bytes === 1 ? 'byte' : 'bytes'}`;
}
