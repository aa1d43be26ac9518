/** A document that is no plain text, but whose text can be read. */
export type DocumentKind = 'pdf' | 'docx' | 'html';

/** How many bytes of a file tell what it is. */
export const BEGINNING = 16;

/** PDF by the first bytes; DOCX, which is a ZIP archive like many others, by them and its name; undefined for others. */
export function documentKindOf(name: string, beginning: Uint8Array): Exclude<DocumentKind, 'html'> | undefined {
  const signature = Buffer.from(beginning).toString('latin1');
  if (signature.startsWith('%PDF-')) return 'pdf';
  return signature.startsWith('PK\x03\x04') && /\.do[ct][xm]$/i.test(name) ? 'docx' : undefined;
}
