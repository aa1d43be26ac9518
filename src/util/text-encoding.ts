/** Encodings that a byte order mark tells; anything else is UTF-8, or the old one of Windows where it is not valid as such. */
export type TextEncoding = 'utf-8' | 'utf-16le' | 'utf-16be';

/** Control characters that no text has. */
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const BINARY = /[\0-\x08\x0e-\x19\x1c-\x1f]/;

/** The encoding of a file, from its first bytes. */
export function encodingOf(beginning: Uint8Array): TextEncoding {
  const [first, second] = beginning;
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  return first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
}

/** Bytes to skip where a part does not start with a whole character; `offset` is where it starts in the file. */
export function characterStart(bytes: Uint8Array, encoding: TextEncoding, offset: number): number {
  if (offset === 0) return 0;
  if (encoding === 'utf-8') {
    const start = bytes.findIndex((byte) => (byte & 0xc0) !== 0x80);
    return start >= 1 && start <= 3 ? start : 0;
  }
  const start = offset % 2;
  const high = bytes[start + (encoding === 'utf-16le' ? 1 : 0)] ?? 0;
  // The second half of a surrogate pair.
  return (high & 0xfc) === 0xdc ? start + 2 : start;
}

export interface DecodedPart {
  /** With the byte order mark, where it has one. */
  readonly text: string;
  /** How many bytes of the file a beginning of the text takes up. */
  sizeOf(beginning: string): number;
}

/** A part of a file that starts with a whole character, as text; undefined for what is no text. A character cut off by its end is left out, unless that is the file's end. */
export function decodePart(
  bytes: Uint8Array,
  encoding: TextEncoding,
  { isEnd }: { readonly isEnd: boolean },
): DecodedPart | undefined {
  const decode = (label: string, fatal: boolean): string =>
    new TextDecoder(label, { fatal, ignoreBOM: true }).decode(bytes, { stream: !isEnd });
  const part = ((): DecodedPart => {
    if (encoding !== 'utf-8') return { text: decode(encoding, false), sizeOf: (text) => text.length * 2 };
    try {
      return { text: decode('utf-8', true), sizeOf: (text) => Buffer.byteLength(text) };
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      return { text: decodeWindows(bytes), sizeOf: (text) => text.length };
    }
  })();
  return isBinary(part.text) ? undefined : part;
}

/** True for what has control characters in it that no text has. */
export function isBinary(text: string): boolean {
  return BINARY.test(text);
}

/** What windows-1252 has at 0x80 to 0x9F: https://encoding.spec.whatwg.org/index-windows-1252.txt */
const WINDOWS = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ';

/** The text in windows-1252. Not by TextDecoder, which in Node 20 takes it for Latin-1 (https://github.com/nodejs/node/issues/56542). */
export function decodeWindows(bytes: Uint8Array): string {
  return latin1ToWindows(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1'));
}

/** What was read as Latin-1, but is windows-1252: nobody writes the control characters that Latin-1 has in its place. */
export function latin1ToWindows(text: string): string {
  return text.replaceAll(/[\x80-\x9f]/g, (character) => WINDOWS.charAt(character.charCodeAt(0) - 0x80));
}
