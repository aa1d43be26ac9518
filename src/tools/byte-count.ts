/** A size in words: `1 byte`, `1,234 bytes`. */
export function byteCount(bytes: number): string {
  return `${bytes.toLocaleString('en-US')} ${bytes === 1 ? 'byte' : 'bytes'}`;
}
