import type { FileHandle } from 'node:fs/promises';
import { formatBytes } from '../../util/amounts.js';
import { ToolError } from '../tool-error.js';

/** The bytes from `offset` on, as many as are there, at most `length`. */
export async function readBytes(file: FileHandle, offset: number, length: number): Promise<Buffer<ArrayBuffer>> {
  const bytes = Buffer.allocUnsafeSlow(length);
  let count = 0;
  for (let read = -1; read !== 0 && count < length; count += read) {
    read = (await file.read(bytes, count, length - count, offset + count)).bytesRead;
  }
  return bytes.subarray(0, count);
}

/** How many bytes a file has that is read whole. Rejects with ToolError for more than `mostBytes`. */
export async function sizeWithin(file: FileHandle, name: string, mostBytes: number): Promise<number> {
  const { size } = await file.stat();
  if (size <= mostBytes) return size;
  throw new ToolError(`${name} has ${formatBytes(size)}; such files can be read up to ${formatBytes(mostBytes)}`);
}
