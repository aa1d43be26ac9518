import { isAlias, isPair, isScalar, LineCounter, parseDocument, visit, type Document } from 'yaml';
import { messageOf } from '../errors.js';
import { locate, pathAt, type Range, type Target } from './locate.js';
import { formatPath, type ValuePath as Path } from '../util/format-path.js';
import { describeSyntaxError, type SyntaxTrouble } from './syntax-words.js';
import type { Problem } from './types.js';
import { findWrittenKeys, maskRanges, maskWrittenKeys } from './written-keys.js';

/** One file of a definition, parsed. */
export interface SourceDocument {
  /** As problems name it. */
  readonly file: string;
  /** Absolute. */
  readonly path: string;
  readonly text: string;
  /** As plain JSON values; undefined where the file could not be parsed. */
  readonly value: unknown;
  /** True where a path of the file has nothing after its key; false for a `null` that is written. */
  isEmpty(innerPath: Path): boolean;
  /** What is wrong with it as YAML. */
  readonly syntaxProblems: readonly Problem[];
  /** API keys that are written in it. */
  readonly keyProblems: readonly Problem[];
  /** A problem with its place in this file. */
  problemAt(facts: ProblemFacts & { readonly innerPath: Path }): Problem;
}

export interface ProblemFacts {
  readonly severity: Problem['severity'];
  /** From the top of the definition. */
  readonly path: Path;
  readonly message: string;
  readonly hint?: string | undefined;
  /** Default: the value. */
  readonly target?: Target | undefined;
  /** A text inside the value to point at. */
  readonly find?: string | undefined;
}

/**
 * Parses a YAML or JSON text. Keys that are written in it appear in no problem, neither in message nor source line.
 * `readable` is the same text with blanks where it has what YAML does not know, such as comments of JSON.
 */
export function parseSourceDocument(
  file: string,
  path: string,
  source: string,
  readable: string = source,
): SourceDocument {
  const text = withoutMark(source);
  const lineCounter = new LineCounter();
  const yaml = parseDocument(withoutMark(readable), {
    merge: true,
    stringKeys: true,
    lineCounter,
    prettyErrors: false,
    logLevel: 'error',
  });
  const keys = findWrittenKeys(text);
  const literals = findLiteralApiKeys(yaml).filter(
    ({ start, end }) => !keys.some((key) => key.start < end && start < key.end),
  );
  const secrets = [...keys, ...literals].toSorted((a, b) => a.start - b.start);
  const shown = maskRanges(text, secrets);

  const problemIn = (range: Range, facts: Omit<ProblemFacts, 'target' | 'find'>): Problem => {
    const { line, col } = lineCounter.linePos(range.start);
    const lineStart = lineCounter.lineStarts[line - 1] ?? 0;
    const sourceLine = (shown.slice(lineStart).match(/^[^\r\n]*/) ?? [''])[0];
    const end = Math.min(range.end, lineStart + sourceLine.length);
    return {
      severity: facts.severity,
      file,
      line,
      column: countCharacters(sourceLine.slice(0, col - 1)) + 1,
      path: maskWrittenKeys(formatPath(facts.path)),
      message: maskWrittenKeys(facts.message),
      hint: facts.hint === undefined ? undefined : maskWrittenKeys(facts.hint),
      sourceLine,
      length: Math.max(1, countCharacters(shown.slice(range.start, end))),
    };
  };

  const { value, errors } = readValue(yaml, text);
  // Where the file could not be parsed, what the parser made of it is no path.
  const pathOf = (range: Range): Path => (value === undefined ? [] : pathAt(yaml, range.start));
  const keyProblems = secrets.map((range) =>
    problemIn(range, { severity: 'error', path: pathOf(range), message: KEY_MESSAGE, hint: KEY_HINT }),
  );
  const syntaxProblems = errors.map(({ range, message, hint }) =>
    problemIn(range, { severity: 'error', path: pathOf(range), message, hint }),
  );
  return {
    file,
    path,
    text,
    value,
    syntaxProblems,
    keyProblems,
    isEmpty: (innerPath) => {
      const node = yaml.getIn(innerPath, true);
      return isScalar(node) && node.source === '';
    },
    problemAt: ({ innerPath, target = 'value', find, ...facts }) =>
      problemIn(locate(yaml, text, innerPath, target, find), facts),
  };
}

/** Without the mark that some editors put at the beginning of a file. */
function withoutMark(text: string): string {
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}

const KEY_MESSAGE = 'an API key is written in the file';
const KEY_HINT = 'put it into an environment variable or .env, and write ${NAME} here';

/** Code points: what an editor counts as columns, but for characters that are made of several. */
function countCharacters(text: string): number {
  return Array.from(text).length;
}

function readValue(yaml: Document.Parsed, text: string): { value: unknown; errors: SyntaxTrouble[] } {
  const errors: SyntaxTrouble[] = [];
  for (const error of [...yaml.errors, ...yaml.warnings]) {
    // After one syntax error the others are mostly its echo.
    if (error.code !== 'DUPLICATE_KEY' && errors.length > 0) continue;
    errors.push(describeSyntaxError(yaml, error, text));
  }
  const isBroken = [...yaml.errors, ...yaml.warnings].some(({ code }) => code !== 'DUPLICATE_KEY');
  if (isBroken) return { value: undefined, errors };
  const aliasError = findAliasError(yaml);
  if (aliasError) return { value: undefined, errors: [...errors, aliasError] };
  try {
    return { value: yaml.toJS(), errors };
  } catch (error) {
    const message = /alias count/i.test(messageOf(error)) ? 'aliases are nested too deeply' : messageOf(error);
    return { value: undefined, errors: [...errors, { range: { start: 0, end: 1 }, message, hint: undefined }] };
  }
}

function findAliasError(yaml: Document.Parsed): SyntaxTrouble | undefined {
  let found: SyntaxTrouble | undefined;
  visit(yaml, {
    Alias(_key, alias) {
      const range = { start: alias.range?.[0] ?? 0, end: alias.range?.[1] ?? 1 };
      const anchored = alias.resolve(yaml);
      if (!anchored) {
        found = { range, message: `no anchor &${alias.source} stands before this alias`, hint: undefined };
      } else if (anchored.range && anchored.range[0] <= range.start && range.start < anchored.range[2]) {
        found = { range, message: `the alias *${alias.source} stands inside its own anchor`, hint: undefined };
      }
      return found ? visit.BREAK : undefined;
    },
  });
  return found;
}

/** Every `api_key` that is not taken from a variable. */
function findLiteralApiKeys(yaml: Document.Parsed): Range[] {
  const ranges: Range[] = [];
  visit(yaml, {
    Pair(_key, pair) {
      if (!isPair(pair) || !isScalar(pair.key) || pair.key.value !== 'api_key' || isAlias(pair.value)) return;
      if (!isScalar(pair.value) || pair.value.value === null || !pair.value.range) return;
      if (/^\$\{[^{}]+\}$/.test(String(pair.value.value).trim())) return;
      ranges.push({ start: pair.value.range[0], end: pair.value.range[1] });
    },
  });
  return ranges;
}
