import { basename } from 'node:path';

/** What a model is given of a file: its text, or the file itself. */
export type FileKind = 'text' | 'image' | 'pdf';

const PDF = 'application/pdf';
/** Formats of images that models take, by the beginning of their files. */
const IMAGES: readonly (readonly [mediaType: string, beginning: RegExp])[] = [
  ['image/png', /^\x89PNG\r\n/],
  ['image/jpeg', /^\xff\xd8\xff/],
  ['image/gif', /^GIF8[79]a/],
  ['image/webp', /^RIFF[^]{4}WEBP/],
];
/** Bytes that tell a format. */
const BEGINNING = 16;

/** The kind that a file's name claims: only images and PDF have names that say so. */
export function kindByName(path: string): 'image' | 'pdf' | undefined {
  if (/\.pdf$/i.test(path)) return 'pdf';
  return /\.(?:png|jpe?g|gif|webp)$/i.test(path) ? 'image' : undefined;
}

/** The kind and media type of an image or a PDF file, from its content; undefined for anything else. */
export function detectMedia(
  bytes: Uint8Array,
): { readonly kind: 'image' | 'pdf'; readonly mediaType: string } | undefined {
  const beginning = Buffer.from(bytes.subarray(0, BEGINNING)).toString('latin1');
  if (beginning.startsWith('%PDF-')) return { kind: 'pdf', mediaType: PDF };
  const image = IMAGES.find(([, pattern]) => pattern.test(beginning));
  return image && { kind: 'image', mediaType: image[0] };
}

/** The content as text, without a byte order mark; undefined where it is not UTF-8, or has a NUL in it. */
export function decodeText(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return text.includes('\0') ? undefined : text;
  } catch {
    return undefined;
  }
}

/** The media type that belongs to the name of a text file; `text/plain` where the name says nothing, or something else. */
export async function textTypeOf(path: string): Promise<string> {
  const type = await typeByName(path);
  return type !== undefined && /^text\/|[/+](?:json|yaml|xml|toml)$/.test(type) ? type : 'text/plain';
}

/** The media type that belongs to a file's name; undefined for an unknown one. */
export async function typeByName(path: string): Promise<string | undefined> {
  const { default: mime } = await import('mime');
  return mime.getType(basename(path)) ?? undefined;
}
