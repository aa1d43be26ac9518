import { expect, it } from 'vitest';
import { findProtectedPart } from '../../src/util/protected-path.js';

it.each([
  '.env',
  '.env.production',
  '.envrc',
  '.git',
  '.hg',
  '.crew',
  '.ssh',
  '.aws',
  '.kube',
  '.npmrc',
  '_netrc',
  'server.pem',
  'private.key',
  'AuthKey.p8',
  'passwords.kdbx',
  'id_rsa',
  'id_ed25519_sk',
])('finds %s wherever it stands in a path', (name) => {
  expect(findProtectedPart(name)).toBe(name);
  expect(findProtectedPart(`a/${name}/b`)).toBe(name);
  expect(findProtectedPart(name.toUpperCase())).toBe(name.toUpperCase());
});

it.each([
  ['with a long s, as macOS compares', '.\u017f\u017fh'],
  ['with a Kelvin sign', 'private.\u212Aey'],
  ['with a character that HFS+ leaves out', '.g\u200cit'],
  ['with a soft hyphen', '.e\u00adnv'],
  ['with dots and spaces at the end, as Windows leaves them out', '.git . .'],
  ['as a stream of NTFS', '.env::$DATA'],
  ['as a short name of Windows', 'GIT~1'],
])('finds a name %s', (_title, name) => {
  expect(findProtectedPart(`a/${name}/b`)).toBe(name);
});

it.each([
  'a.env',
  'environment.md',
  '.github',
  '.gitignore',
  'keys.md',
  'key',
  'monkey',
  'id_rsa.pub',
  'a:b',
  '..',
  '.',
])('lets %s be', (name) => {
  expect(findProtectedPart(`docs/${name}`)).toBeUndefined();
});
