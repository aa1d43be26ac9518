import { decodeWindows } from '../../util/text-encoding.js';

/** Where HTML says its own encoding: among the first bytes (https://html.spec.whatwg.org/#determining-the-character-encoding). */
const META_BYTES = 1024;
const META = /<meta\b[^>]{0,500}?\bcharset\s*=\s*["']?\s*([\w:.-]{1,40})/i;
const XML = /^\s*<\?xml\b[^>]{0,200}?\bencoding\s*=\s*["']([\w:.-]{1,40})/i;

/**
 * The text of an answer, by its byte order mark, the charset that `contentType` has, or what the text says itself; what says
 * nothing, or names no encoding, is UTF-8 or, where it is not valid as such, the old one of Windows. Bytes that are no
 * characters become U+FFFD. The bytes may end within a character where they are cut.
 */
export function decodeText(
  bytes: Uint8Array,
  { contentType, isCut }: { readonly contentType: string; readonly isCut: boolean },
): string {
  const decode = (label: string, fatal: boolean): string =>
    label === 'windows-1252'
      ? decodeWindows(bytes)
      : new TextDecoder(label, { fatal }).decode(bytes, { stream: isCut });
  const label = markOf(bytes) ?? known(charsetOf(contentType)) ?? known(saidIn(bytes));
  if (label !== undefined) return decode(label, false);
  try {
    return decode('utf-8', true);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return decodeWindows(bytes);
  }
}

/** The name of the encoding that a label such as `latin1` means; undefined for none. */
function known(label: string | undefined): string | undefined {
  if (label === undefined) return undefined;
  try {
    return new TextDecoder(label).encoding;
  } catch {
    return undefined;
  }
}

function markOf([first, second, third]: Uint8Array): string | undefined {
  if (first === 0xef && second === 0xbb && third === 0xbf) return 'utf-8';
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  return first === 0xfe && second === 0xff ? 'utf-16be' : undefined;
}

function charsetOf(contentType: string): string | undefined {
  return /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(contentType)?.[1];
}

function saidIn(bytes: Uint8Array): string | undefined {
  const beginning = Buffer.from(bytes.subarray(0, META_BYTES)).toString('latin1');
  const said = (XML.exec(beginning) ?? META.exec(beginning))?.[1];
  // It could not have been read in UTF-16.
  return said !== undefined && /^utf-?16/i.test(said) ? 'utf-8' : said;
}
