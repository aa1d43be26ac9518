import { messageOf } from '../errors.js';

const WORDS: Readonly<Record<string, string>> = {
  EACCES: 'no permission',
  EPERM: 'no permission',
  ENOENT: 'does not exist',
  ENOTDIR: 'a part of the path is a file, not a folder',
  EISDIR: 'is a folder, not a file',
  EEXIST: 'exists already',
  ELOOP: 'has a symbolic link in it that cannot be followed',
  ENAMETOOLONG: 'the name is too long',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the disk is read-only',
  EMFILE: 'too many files are open',
  ENFILE: 'too many files are open',
  ESTALE: 'was replaced just now; try again',
  EBUSY: 'is in use by another program',
};

/** Why a file operation failed, in words without the path; anything else keeps its own message. */
export function fileTrouble(error: unknown): string {
  const code = errorCode(error);
  return (code === undefined ? undefined : WORDS[code]) ?? messageOf(error);
}

/** The system's error code, such as `ENOENT`. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
