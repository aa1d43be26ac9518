import type { FileHandle } from 'node:fs/promises';
import type { RootPlace } from './root.js';

/** The same as long as a file stays what and as it is: what was read of it is still good. */
export async function stampOf(file: FileHandle, { path }: RootPlace): Promise<string> {
  const { dev, ino, size, mtimeNs, ctimeNs } = await file.stat({ bigint: true });
  return [dev, ino, size, mtimeNs, ctimeNs, path].join(' ');
}
