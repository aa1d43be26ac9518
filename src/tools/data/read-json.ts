import type { FileHandle } from 'node:fs/promises';
import { messageOf } from '../../errors.js';
import type { JsonValue } from '../../util/json.js';
import { parseJson } from '../../util/parse-json.js';
import { stampOf } from '../files/file-stamp.js';
import { sizeWithin } from '../files/read-bytes.js';
import { openRegularFile, orToolError, type RootPlace } from '../files/root.js';
import { ToolError } from '../tool-error.js';

/** Bytes of a file; its value takes several times as much memory. */
const MOST_BYTES = 50_000_000;
const LINES_EXTENSION = /\.(?:jsonl|ndjson)$/i;

/** The file that was read last, for the next query. */
let kept: { readonly stamp: string; readonly value: JsonValue } | undefined;

/** The value that a JSON file holds; for JSON Lines the list of its lines. Rejects with ToolError. */
export async function readJson(place: RootPlace): Promise<JsonValue> {
  const file = await openRegularFile(place);
  try {
    await sizeWithin(file, place.name, MOST_BYTES);
    const stamp = await stampOf(file, place);
    if (kept?.stamp !== stamp) {
      kept = undefined;
      kept = { stamp, value: parse(await read(file, place.name), place.name) };
    }
    return kept.value;
  } finally {
    await file.close();
  }
}

async function read(file: FileHandle, name: string): Promise<string> {
  const bytes = await orToolError(name, () => file.readFile());
  return bytes.toString().replace(/^\uFEFF/, '');
}

function parse(text: string, name: string): JsonValue {
  if (text.trim() === '') throw new ToolError(`${name} is empty`);
  if (LINES_EXTENSION.test(name)) return parseLines(text, name);
  try {
    return JSON.parse(text) as JsonValue;
  } catch (error) {
    // One value a line is also found in files that are called otherwise.
    const [first = '', second = ''] = text.split('\n', 2);
    if ([first, second].every((line) => parseJson(line) !== undefined)) return parseLines(text, name);
    throw new ToolError(`${name} is not JSON:`, { outside: messageOf(error), cause: error });
  }
}

function parseLines(text: string, name: string): JsonValue[] {
  return text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return [];
    try {
      return [JSON.parse(line) as JsonValue];
    } catch (error) {
      throw new ToolError(`line ${index + 1} of ${name} is not JSON:`, { outside: messageOf(error), cause: error });
    }
  });
}
