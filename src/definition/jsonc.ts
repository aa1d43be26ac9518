/** Kinds of tokens, as jsonc-parser numbers them. */
const LINE_COMMENT = 12;
const BLOCK_COMMENT = 13;
const END = 17;

/** True for files whose comments are those of JSON with comments. */
export function isJsonFile(path: string): boolean {
  return /\.jsonc?$/i.test(path);
}

/** The text with blanks in the places of its comments; lines and columns stay. */
export async function blankComments(text: string): Promise<string> {
  // Its main file cannot be bundled. Its own stripComments moves what follows a comment.
  const { createScanner } = await import('jsonc-parser/lib/esm/main.js');
  const scanner = createScanner(text);
  let blanked = '';
  for (let kind: number = scanner.scan(); kind !== END; kind = scanner.scan()) {
    const start = scanner.getTokenOffset();
    const token = text.slice(start, start + scanner.getTokenLength());
    blanked += kind === LINE_COMMENT || kind === BLOCK_COMMENT ? token.replaceAll(/[^\r\n]/g, ' ') : token;
  }
  return blanked;
}
