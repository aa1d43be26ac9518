import { describe, expect, it } from 'vitest';
import { decodeText } from '../../../src/tools/web/decode-text.js';

const LATIN1 = Buffer.from('Grüße', 'latin1');
/** In windows-1252, which Latin-1 means on the web. */
const QUOTED = Buffer.from([0x93, 0x35, 0x20, 0x80, 0x94]);
const decode = (bytes: Uint8Array, contentType = '', isCut = false): string =>
  decodeText(bytes, { contentType, isCut });
const join = (...parts: (string | Buffer)[]): Buffer =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part)));

describe('the encoding', () => {
  it('is that of the byte order mark, whatever else is said', () => {
    const utf16 = Buffer.from('\ufeffGrüße', 'utf16le');
    expect(decode(utf16, 'text/html; charset=utf-8')).toBe('Grüße');
    expect(decode(Buffer.from(utf16).swap16())).toBe('Grüße');
    expect(decode(Buffer.from('\ufeffGrüße'), 'text/html; charset=iso-8859-1')).toBe('Grüße');
  });

  it('is that of the header, else that which the page names', () => {
    expect(decode(LATIN1, 'text/html; charset="ISO-8859-1"')).toBe('Grüße');
    expect(decode(Buffer.from([0x83, 0x65]), 'text/plain;charset=Shift_JIS')).toBe('テ');
    expect(decode(join('<html><meta charset=windows-1252>', LATIN1))).toContain('Grüße');
    expect(decode(join(`<?xml version="1.0" encoding="ISO-8859-1"?>`, LATIN1))).toContain('Grüße');
    const meta = '<meta http-equiv="Content-Type" content="text/html; charset=koi8-r">';
    expect(decode(join(meta, Buffer.from([0xc1])))).toBe(`${meta}а`);
  });

  it('is UTF-8 where nothing is said, or the old one of Windows where it is not valid as such', () => {
    expect(decode(Buffer.from('Grüße'))).toBe('Grüße');
    expect(decode(LATIN1)).toBe('Grüße');
    expect(decode(QUOTED)).toBe('“5 €”');
    expect(decode(QUOTED, 'text/html; charset=iso-8859-1')).toBe('“5 €”');
    expect(decode(Buffer.from('Grü').subarray(0, 3), '', true)).toBe('Gr');
  });

  it('that is wrong or unknown does no harm', () => {
    expect(decode(LATIN1, 'text/html; charset=utf-8')).toBe('Gr\ufffd\ufffde');
    expect(decode(Buffer.from('Grüße'), 'text/html; charset=klingon')).toBe('Grüße');
    expect(decode(Buffer.from('<meta charset="utf-16">Grüße'))).toContain('Grüße');
    expect(decode(Buffer.from([0xff, 0x00, 0xd8]), 'text/plain; charset=utf-16')).toBeTypeOf('string');
    expect(decode(Buffer.from([]), 'text/html; charset=')).toBe('');
  });
});
