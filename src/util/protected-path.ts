import { sep } from 'node:path';

/** Folders and files that hold secrets, or whose change lets others run code: never for a model. */
const PROTECTED: readonly RegExp[] = [
  /^\.(git|hg|svn|crew|ssh|gnupg|aws|azure|kube|docker|gcloud)$/,
  // Short names of Windows.
  /^(git|crew|env)~\d$/,
  /^\.env/,
  /^\.(npmrc|yarnrc\.yml|pypirc|pgpass|htpasswd|git-credentials|vault-token)$/,
  /^[._]netrc$/,
  /\.(pem|key|p8|p12|pfx|ppk|jks|keystore|kdbx)$/,
  /^id_(rsa|dsa|ecdsa|ed25519)(_sk)?$/,
];

/** What some file systems leave out of a name, so that another one means the same file: unseen characters, a stream of NTFS, dots and spaces at the end. */
const UNSEEN = /\p{Default_Ignorable_Code_Point}|(?<=.):.*$|[. ]+$/gu;

/** The part of a relative path that nobody but the user may read or write, such as `.env` or `.git`; undefined for none. */
export function findProtectedPart(relativePath: string): string | undefined {
  return relativePath.split(sep).find((part) => {
    // As file systems compare that know no case or forms of a letter.
    const name = part.normalize('NFKC').replaceAll(UNSEEN, '').toLowerCase();
    return PROTECTED.some((pattern) => pattern.test(name));
  });
}
