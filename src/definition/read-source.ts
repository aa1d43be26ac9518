import { createReadStream } from 'node:fs';
import { errorCode, fileTrouble } from '../util/file-trouble.js';

/** Gives the bytes of a file by its absolute path; rejects as `node:fs` does. */
export type ReadFile = (path: string) => Promise<Uint8Array>;

/** Larger files are no definitions; reading them would only take time and memory. */
const MAX_BYTES = 5 * 1024 * 1024;

export type SourceText =
  | { readonly text: string }
  | {
      readonly trouble: string;
      readonly hint?: string;
      /** True where there is no file: nothing of that name, or a folder. */
      readonly isAbsent?: boolean;
    };

/** The text of a file, or in words why there is none. */
export async function readSource(path: string, readFile: ReadFile = readBytes): Promise<SourceText> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    const code = errorCode(error);
    const trouble = describeReadError(error);
    if (code === 'EISDIR') return { trouble, hint: 'name the YAML file in it', isAbsent: true };
    return { trouble, isAbsent: code === 'ENOENT' || code === 'ENOTDIR' };
  }
  if (bytes.length > MAX_BYTES) return { trouble: 'the file is too large: more than 5 MB' };
  try {
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    return { trouble: 'the file is not UTF-8 text', hint: 'save it as UTF-8' };
  }
}

/** Why a file cannot be read, as a sentence. Throws what is no trouble with a file. */
export function describeReadError(error: unknown): string {
  switch (errorCode(error)) {
    case undefined:
      throw error;
    case 'ENOENT':
    case 'ENOTDIR':
      return 'there is no such file';
    case 'EISDIR':
      return 'this is a folder, not a file';
    default:
      return `the file cannot be read: ${fileTrouble(error)}`;
  }
}

/** Reads no more than one byte beyond the limit: a device such as `/dev/zero` has no end. */
async function readBytes(path: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of createReadStream(path, { end: MAX_BYTES })) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}
