import { JSONPathError, jsonpath } from 'json-p3';
import { messageOf } from '../../errors.js';
import { countOf, formatCount } from '../../util/amounts.js';
import type { RootPlace } from '../files/root.js';
import { ToolError } from '../tool-error.js';
import type { JobResult } from './job.js';
import { jsonPathOf } from './json-path.js';
import { outlineJson } from './outline-json.js';
import { readJson } from './read-json.js';

/** Characters of one value, and of all values of one result. */
const VALUE_CHARACTERS = 2000;
const MOST_CHARACTERS = 100_000;
const SYNTAX =
  'a path looks like $.items[*].name, $.items[0:10], $..id or $.items[?@.price > 10 && @.kind == "a"].name';

/** A question to a JSON file. */
export interface JsonRequest {
  readonly place: RootPlace;
  /** JSONPath (RFC 9535). Undefined: the structure is outlined. */
  readonly query?: string | undefined;
  /** Values to leave out at the beginning. */
  readonly offset: number;
  readonly maxResults: number;
}

/** The values that a JSONPath finds in a file, one a line with its place, as JSON. Rejects with ToolError. */
export async function queryJsonFile({ place, query, offset, maxResults }: JsonRequest): Promise<JobResult> {
  const root = await readJson(place);
  if (query === undefined) return outlineJson(root);
  const lines: string[] = [];
  let characters = 0;
  let count = 0;
  let isCut = false;
  try {
    for (const { value, location } of jsonpath.compile(query).lazyQuery(root)) {
      count += 1;
      if (count <= offset || lines.length >= maxResults || characters > MOST_CHARACTERS) continue;
      const json = JSON.stringify(value);
      const shown = json.length > VALUE_CHARACTERS ? `${json.slice(0, VALUE_CHARACTERS).toWellFormed()}…` : json;
      isCut ||= shown !== json;
      const line = `${jsonPathOf(location)} = ${shown}`;
      characters += line.length;
      lines.push(line);
    }
  } catch (error) {
    throw explain(error);
  }
  if (count === 0) return { text: 'nothing found', note: 'Without query the structure of the file is shown.' };
  if (lines.length === 0) throw new ToolError(`offset ${offset} is past the end: there are ${countOf(count, 'value')}`);
  const next = offset + lines.length;
  const notes = [
    ...(next < count
      ? [`${formatCount(count - next)} more of ${countOf(count, 'value')}: go on with offset ${next}.`]
      : []),
    ...(isCut ? ['Values that end with … are cut: ask for a part of them.'] : []),
  ];
  return { text: lines.join('\n'), ...(notes.length > 0 && { note: notes.join('\n') }) };
}

function explain(error: unknown): unknown {
  if (error instanceof RangeError) return new ToolError('the values are nested too deeply', { cause: error });
  if (!(error instanceof JSONPathError)) return error;
  const reason = messageOf(error);
  if (/recursion limit/.test(reason)) {
    return new ToolError('the values are nested too deeply for $..; give the way to them, such as $.a.b[*]', {
      cause: error,
    });
  }
  return new ToolError(`${reason}; ${SYNTAX}`, { cause: error });
}
