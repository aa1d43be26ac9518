import { describe, expect, it } from 'vitest';
import { decodeText, detectMedia, kindByName, textTypeOf, typeByName } from '../../src/util/media-type.js';
import { PDF, PNG } from '../helpers/sample-files.js';

const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1');

describe('detectMedia', () => {
  it.each([
    ['image/png', PNG],
    ['image/jpeg', bytes('\xff\xd8\xff\xe0\0\x10JFIF')],
    ['image/gif', bytes('GIF89a\x01\0\x01\0')],
    ['image/webp', bytes('RIFF\x24\0\0\0WEBPVP8 ')],
    ['application/pdf', PDF],
  ])('knows %s by its content', (mediaType, content) => {
    expect(detectMedia(content)).toEqual({ kind: mediaType === 'application/pdf' ? 'pdf' : 'image', mediaType });
  });

  it.each(['', 'hello', 'PNG', 'RIFF\x24\0\0\0WAVEfmt ', 'GIF88a', ' %PDF-1.4'])('knows nothing of %j', (content) => {
    expect(detectMedia(bytes(content))).toBeUndefined();
  });
});

describe('decodeText', () => {
  it('gives UTF-8 without its byte order mark', () => {
    expect(decodeText(Buffer.from('\uFEFFÄpfel 🍎\r\n'))).toBe('Äpfel 🍎\r\n');
    expect(decodeText(new Uint8Array())).toBe('');
  });

  it('gives nothing for other encodings and for binary files', () => {
    expect(decodeText(bytes('\xc4pfel'))).toBeUndefined();
    expect(decodeText(Buffer.from('a\0b'))).toBeUndefined();
    expect(decodeText(PNG)).toBeUndefined();
  });
});

it('takes the claim of a name from its ending', () => {
  expect(['a.png', 'a.JPG', 'a.jpeg', 'a.gif', 'a.webp', 'a.Pdf', 'a.svg', 'a.md', 'png'].map(kindByName)).toEqual([
    ...Array.from({ length: 5 }, () => 'image'),
    'pdf',
    undefined,
    undefined,
    undefined,
  ]);
});

it('gives text files the type of their name, and text/plain to what is called otherwise', async () => {
  const names = ['a.md', 'a.csv', 'a.json', 'a.yaml', 'a.toml', 'a.svg', 'a.ts', 'a.py', 'Makefile'];
  expect(await Promise.all(names.map(textTypeOf))).toEqual([
    'text/markdown',
    'text/csv',
    'application/json',
    'text/yaml',
    'application/toml',
    'image/svg+xml',
    'text/plain',
    'text/plain',
    'text/plain',
  ]);
  expect(await typeByName('x/data.zip')).toBe('application/zip');
  expect(await typeByName('x.zip/data')).toBeUndefined();
});
