import { resolve } from 'node:path';
import { UsageError } from '../errors.js';
import { isJsonObject, type JsonValue } from '../util/json.js';
import { PLACEHOLDER_NAME } from './placeholders.js';
import { readSource, type ReadFile } from './read-source.js';
import { parseSourceDocument } from './source-document.js';
import { formatProblem } from './format-problem.js';
import { kindWords } from './value-words.js';

export interface InputFlagsOptions {
  /** What stood after each `-i`: `name=value`, `name=@file` (the file's text), `name=@@value` (a value that starts with @). */
  readonly flags: readonly string[];
  /** What stood after `--inputs`: a YAML or JSON file with a map, or `-` for stdin. */
  readonly inputsFile?: string | undefined;
  /** Absolute; relative paths start here. */
  readonly workingDirectory: string;
  readonly stdin: AsyncIterable<Uint8Array | string>;
  readonly readFile?: ReadFile | undefined;
}

/** The inputs of a command line by name; flags win over the file, the last flag of a name over the ones before. Throws UsageError. */
export async function parseInputFlags(options: InputFlagsOptions): Promise<Readonly<Record<string, JsonValue>>> {
  const fromFile = options.inputsFile === undefined ? {} : await readInputsFile(options.inputsFile, options);
  const fromFlags = await Promise.all(options.flags.map((flag) => parseFlag(flag, options)));
  return { ...fromFile, ...Object.fromEntries(fromFlags) };
}

async function parseFlag(flag: string, options: InputFlagsOptions): Promise<[string, JsonValue]> {
  const equals = flag.indexOf('=');
  const name = flag.slice(0, equals).trim();
  if (equals < 0 || !PLACEHOLDER_NAME.test(name)) {
    throw new UsageError(`--input ${flag}: this is not name=value`, {
      hint: 'write --input topic=solar, or --input topic=@file for the text of a file',
    });
  }
  const value = flag.slice(equals + 1);
  if (value.startsWith('@@')) return [name, value.slice(1)];
  if (!value.startsWith('@')) return [name, value];
  const text = await readText(value.slice(1), `--input ${flag}`, options);
  return [name, text.replace(/^\uFEFF/, '').replace(/\r?\n$/, '')];
}

async function readInputsFile(file: string, options: InputFlagsOptions): Promise<Readonly<Record<string, JsonValue>>> {
  const text = file === '-' ? await readStdin(options.stdin) : await readText(file, `--inputs ${file}`, options);
  const name = file === '-' ? 'stdin' : file;
  // A key is a value like any other here: what is stored of it is redacted.
  const { value, syntaxProblems } = parseSourceDocument(name, file, text);
  if (syntaxProblems.length > 0) throw new UsageError(syntaxProblems.map(formatProblem).join('\n\n'));
  if (value === null || value === '') return {};
  if (isJsonObject(value)) return value;
  throw new UsageError(`--inputs ${file}: must hold a map of names to values, not ${kindWords(value)}`, {
    hint: 'one line for each input, such as topic: solar',
  });
}

async function readText(
  file: string,
  what: string,
  { workingDirectory, readFile }: InputFlagsOptions,
): Promise<string> {
  const source = await readSource(resolve(workingDirectory, file), readFile);
  if ('trouble' in source) throw new UsageError(`${what}: ${source.trouble}`, { hint: source.hint });
  return source.text;
}

async function readStdin(stdin: InputFlagsOptions['stdin']): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stdin) chunks.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
  return Buffer.concat(chunks).toString('utf8');
}
