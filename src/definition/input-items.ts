import { createReadStream } from 'node:fs';
import { extname, resolve } from 'node:path';
import { messageOf, UsageError } from '../errors.js';
import { fileTrouble } from '../util/file-trouble.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../util/json.js';
import { formatProblem } from './format-problem.js';
import { readSource } from './read-source.js';
import { parseSourceDocument } from './source-document.js';
import { kindWords } from './value-words.js';

/** The inputs of one of many runs. */
export interface InputItem {
  /** Where they stand, such as `items.csv:17`. */
  readonly place: string;
  readonly inputs: Readonly<Record<string, JsonValue>>;
}

export interface InputItemsOptions {
  /** As given: `.jsonl` or `.ndjson`, `.csv`, `.yaml`, `.yml`, `.json`, or `-` for JSON Lines from stdin. */
  readonly file: string;
  /** Absolute; a relative path starts here. */
  readonly workingDirectory: string;
  readonly stdin: NodeJS.ReadableStream;
}

/**
 * The items of a file in their order. JSON Lines and CSV are read as they are asked for, however long they are; YAML and JSON
 * hold a list. An empty field of a CSV file is no value. Rejects with UsageError that names file, line and what is wrong.
 */
export function readInputItems(options: InputItemsOptions): AsyncIterable<InputItem> {
  const { file } = options;
  if (file === '-') return readJsonLines('stdin', options.stdin as AsyncIterable<Uint8Array | string>);
  switch (extname(file).toLowerCase()) {
    case '.jsonl':
    case '.ndjson':
      return readJsonLines(file, readBytes(options));
    case '.csv':
      return readCsv(options);
    case '.yaml':
    case '.yml':
    case '.json':
      return readList(options);
    default:
      throw new UsageError(`--for-each ${file}: this is none of .jsonl, .csv, .yaml and .json`, {
        hint: 'one item a line: {"topic": "solar"}, or a CSV file whose first line names the inputs',
      });
  }
}

/** The file's bytes; rejects with UsageError where it cannot be opened or read. */
async function* readBytes({ file, workingDirectory }: InputItemsOptions): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(resolve(workingDirectory, file)) as AsyncIterable<Uint8Array>;
  } catch (error) {
    throw new UsageError(`${file}: ${fileTrouble(error)}`, { cause: error });
  }
}

async function* readJsonLines(name: string, bytes: AsyncIterable<Uint8Array | string>): AsyncGenerator<InputItem> {
  let line = 0;
  for await (const text of splitLines(decode(name, bytes))) {
    line += 1;
    const place = `${name}:${line}`;
    if (text.trim() !== '') yield { place, inputs: parseLine(text, place) };
  }
}

async function* splitLines(texts: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = '';
  for await (const text of texts) {
    const lines = (rest + text).split(/\r?\n/);
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') yield rest;
}

/** The bytes as text, without a byte order mark; rejects with UsageError where they are not UTF-8. */
async function* decode(name: string, bytes: AsyncIterable<Uint8Array | string>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const decoded = (chunk?: Uint8Array): string => {
    try {
      return decoder.decode(chunk, { stream: chunk !== undefined });
    } catch (error) {
      throw new UsageError(`${name}: the text is not UTF-8`, { hint: 'Save it as UTF-8.', cause: error });
    }
  };
  for await (const chunk of bytes) yield typeof chunk === 'string' ? chunk : decoded(chunk);
  yield decoded();
}

function parseLine(text: string, place: string): JsonObject {
  let value: JsonValue;
  try {
    value = JSON.parse(text) as JsonValue;
  } catch (error) {
    throw new UsageError(`${place}: this is not JSON: ${messageOf(error)}`, { cause: error });
  }
  return checkItem(value, place);
}

async function* readCsv(options: InputItemsOptions): AsyncGenerator<InputItem> {
  const { file } = options;
  const [{ parse }, { Readable }] = await Promise.all([import('csv-parse'), import('node:stream')]);
  const parser = parse({
    columns: (names: string[]) => checkColumns(file, names),
    info: true,
    skip_empty_lines: true,
    trim: true,
  });
  const texts = Readable.from(decode(file, readBytes(options)), { objectMode: false });
  texts.once('error', (error) => parser.destroy(error));
  try {
    for await (const { record, info } of texts.pipe(parser) as AsyncIterable<CsvRecord>) {
      const filled = Object.entries(record).filter(([key, value]) => key !== '' && value !== '');
      yield { place: `${file}:${info.lines}`, inputs: Object.fromEntries(filled) };
    }
  } catch (error) {
    throw error instanceof UsageError ? error : new UsageError(`${file}: ${messageOf(error)}`, { cause: error });
  }
}

function checkColumns(file: string, names: string[]): string[] {
  const twice = names.find((name, index) => name !== '' && names.indexOf(name) !== index);
  if (twice !== undefined) throw new UsageError(`${file}: two columns have the name ${twice}`);
  return names;
}

interface CsvRecord {
  readonly record: Readonly<Record<string, string>>;
  readonly info: { readonly lines: number };
}

async function* readList({ file, workingDirectory }: InputItemsOptions): AsyncGenerator<InputItem> {
  const source = await readSource(resolve(workingDirectory, file));
  if ('trouble' in source) throw new UsageError(`${file}: ${source.trouble}`, { hint: source.hint });
  const { value, syntaxProblems } = parseSourceDocument(file, file, source.text);
  if (syntaxProblems.length > 0) throw new UsageError(syntaxProblems.map(formatProblem).join('\n\n'));
  if (!Array.isArray(value)) {
    throw new UsageError(`${file}: must hold a list of maps, not ${kindWords(value)}`, {
      hint: '- { topic: solar }\n- { topic: wind }',
    });
  }
  for (const [index, item] of value.entries()) {
    const place = `${file}[${index}]`;
    yield { place, inputs: checkItem(item as JsonValue, place) };
  }
}

function checkItem(value: JsonValue, place: string): JsonObject {
  if (isJsonObject(value)) return value;
  throw new UsageError(`${place}: must be a map of inputs, not ${kindWords(value)}`, { hint: '{"topic": "solar"}' });
}
