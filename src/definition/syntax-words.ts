import { isNode, visit, type Document, type YAMLError } from 'yaml';
import type { Range } from './locate.js';

const WORDS: Partial<Record<YAMLError['code'], readonly [message: string, advice?: string]>> = {
  TAB_AS_INDENT: ['a tab is used for indentation', 'use spaces'],
  BAD_INDENT: ['the indentation does not fit the lines above'],
  BAD_SCALAR_START: ['a text cannot start with this character', 'put the text in quotes'],
  BLOCK_AS_IMPLICIT_KEY: ['a second `: ` on one line', 'put a text that holds `: ` in quotes'],
  MULTILINE_IMPLICIT_KEY: ['a key, or its `:`, is missing'],
  MISSING_CHAR: ['a `:` after a key, or another closing character, is missing'],
  UNEXPECTED_TOKEN: ['this does not fit what stands before it'],
  MULTIPLE_DOCS: ['a second document starts here', 'a definition is one document: write each crew in its own file'],
  TAG_RESOLVE_FAILED: ['tags such as this one are not understood', 'write the value without the tag'],
};

/** What is wrong with a file as YAML, and where. */
export interface SyntaxTrouble {
  readonly range: Range;
  readonly message: string;
  readonly hint: string | undefined;
}

/** A parser's error in our words, with its own words in the hint. What is not closed is shown where it opens. */
export function describeSyntaxError(yaml: Document.Parsed, error: YAMLError, text: string): SyntaxTrouble {
  const [start, end] = error.pos;
  if (error.code === 'DUPLICATE_KEY') {
    const key = (/^"[^"\n]*"|^'[^'\n]*'|^[^\s:#,}]+/.exec(text.slice(start)) ?? [''])[0];
    const message = `${key.replaceAll(/^["']|["']$/g, '')} is written twice in the same map`;
    return { range: { start, end: start + key.length }, message, hint: undefined };
  }
  const parserWords = `the YAML parser says: ${shorten(error.message)}`;
  const unclosed = /^Missing closing (["'])|end with a ([\]}])$/.exec(error.message);
  if (unclosed) {
    const opening = unclosed[1] ?? (unclosed[2] === ']' ? '[' : '{');
    const at = findOpening(yaml, text, start, opening) ?? start;
    const message = `not valid YAML: the closing ${unclosed[1] ?? unclosed[2]} is missing`;
    return { range: { start: at, end: at + 1 }, message, hint: parserWords };
  }
  const [message, own] = WORDS[error.code] ?? ['this cannot be read'];
  const advice = /flow-(?:map|seq)-start/.test(error.message) ? 'put a text that holds { or [ in quotes' : own;
  return {
    range: { start, end },
    message: `not valid YAML: ${message}`,
    hint: advice ? `${advice} (${parserWords})` : parserWords,
  };
}

/** The offset of the innermost text or collection that begins with `opening` and goes as far as `offset`. */
function findOpening(yaml: Document.Parsed, text: string, offset: number, opening: string): number | undefined {
  let found: number | undefined;
  visit(yaml, (_key, node) => {
    if (!isNode(node) || !node.range || text[node.range[0]] !== opening) return;
    if (node.range[0] < offset && node.range[2] >= offset) found = node.range[0];
  });
  return found;
}

function shorten(words: string): string {
  const sentence = (words.split('\n')[0] ?? '').split('; please')[0] ?? '';
  return sentence.length > 120 ? `${sentence.slice(0, 119)}…` : sentence;
}
