import { expect, it } from 'vitest';
import { createRedactingStream } from '../../src/util/redact-stream.js';
import { createRedactor } from '../../src/util/redact.js';

const redactor = createRedactor([
  { name: 'PASSWORD', value: 'correct horse battery' },
  { name: 'TOKEN', value: 'abcdef秘密' },
]);

function pieces(text: string, length: number): string[] {
  const stream = createRedactingStream(redactor);
  const given: string[] = [];
  for (let at = 0; at < text.length; at += length) given.push(stream.push(text.slice(at, at + length)));
  return [...given, stream.end()];
}

const KEY = `sk-${'a1b2'.repeat(8)}`;
const PEM = `-----BEGIN RSA PRIVATE KEY-----\nMIIabc\ndef==\n-----END RSA PRIVATE KEY-----`;

it.each([
  'no secret at all, only words.',
  'say correct horse battery aloud',
  'say correct horse, or correct horse batteries',
  'it is abcdef秘密 and 日本語のテキスト',
  `the key is ${KEY}.`,
  `Authorization: Bearer ${'x1'.repeat(12)} and on`,
  'postgres://user:pa55wörd@host/db and on',
  `before\n${PEM}\nafter it`,
  `before ${PEM.slice(0, 50)}`,
  `-----BEGIN CERTIFICATE-----\nMIIabc\n-----END CERTIFICATE-----\nafter`,
])('gives what redacting the whole gives: %j', (text) => {
  for (const length of [1, 2, 5, 1000]) expect(pieces(text, length).join('')).toBe(redactor.text(text));
});

it('holds back no more than a word of ordinary text, and nothing of a script without words', () => {
  expect(pieces('The sun is', 4)).toEqual(['The ', 'sun ', '', 'is']);
  expect(pieces('日本語の', 2)).toEqual(['日本', '語の', '']);
});
