import { sep } from 'node:path';

/** Folders and files that hold secrets, or whose change lets others run code: never for a model. */
const PROTECTED: readonly RegExp[] = [
  /^\.(git|crew|ssh|gnupg|aws)$/i,
  /^\.env/i,
  /^\.(npmrc|netrc|pgpass|git-credentials)$/i,
  /\.(pem|key|p12|pfx|jks|keystore)$/i,
  /^id_(rsa|dsa|ecdsa|ed25519)$/i,
];

/** The part of a relative path that nobody but the user may read or write, such as `.env` or `.git`; undefined for none. */
export function findProtectedPart(relativePath: string): string | undefined {
  return relativePath.split(sep).find((part) => PROTECTED.some((pattern) => pattern.test(part)));
}
