import { countOf } from '../../util/amounts.js';
import { excerpt } from '../../util/excerpt.js';
import { isJsonObject, type JsonValue } from '../../util/json.js';
import type { JobResult } from './job.js';
import { pathSegment } from './json-path.js';

/** Lines of one outline, keys that an object is shown with, items of a list that are looked at, and how deep. */
const MOST_LINES = 200;
const MOST_KEYS = 50;
const SAMPLE_ITEMS = 200;
const MOST_DEPTH = 12;
const EXAMPLE_CHARACTERS = 60;

/**
 * How a JSON value is built, one place a line with its JSONPath, types and an example: `$.items[*].id: number, such as 7`. Lists
 * are described by the items at their beginning.
 */
export function outlineJson(root: JsonValue): JobResult {
  const lines: string[] = [];
  const outline = (path: string, values: readonly JsonValue[], depth: number, isOptional: boolean): void => {
    if (lines.length > MOST_LINES) return;
    lines.push(`${path}: ${describe(values)}${isOptional ? ' (not always there)' : ''}`);
    if (depth >= MOST_DEPTH) return;
    const items = values.filter((value) => Array.isArray(value)).flatMap((list) => list.slice(0, SAMPLE_ITEMS));
    if (items.length > 0) outline(`${path}[*]`, items.slice(0, SAMPLE_ITEMS), depth + 1, false);
    const objects = values.filter(isJsonObject);
    const keys = [...new Set(objects.flatMap((object) => Object.keys(object)))];
    for (const key of keys.slice(0, MOST_KEYS)) {
      const holders = objects.filter((object) => Object.hasOwn(object, key));
      const found = holders.map((object) => object[key] as JsonValue);
      outline(`${path}${pathSegment(key)}`, found, depth + 1, holders.length < objects.length);
    }
    if (keys.length > MOST_KEYS) lines.push(`${path}: ${countOf(keys.length - MOST_KEYS, 'more key')}`);
  };
  outline('$', [root], 0, false);
  const shown = lines.slice(0, MOST_LINES);
  const note = lines.length > shown.length ? 'There is more: give a query for one part, such as $.key.*' : undefined;
  return { text: shown.join('\n'), ...(note !== undefined && { note }) };
}

/** The types of the values that stand at one place, and one of them. */
function describe(values: readonly JsonValue[]): string {
  const types = [...new Set(values.map(typeOf))];
  const lists = values.filter((value) => Array.isArray(value));
  const [first] = lists;
  const only = lists.length === 1 && first ? ` of ${countOf(first.length, 'item')}` : '';
  const objects = values.filter(isJsonObject);
  const keys = objects.length === 1 && objects[0] ? ` with ${countOf(Object.keys(objects[0]).length, 'key')}` : '';
  const named = types.map((type) => (type === 'list' ? `list${only}` : type === 'object' ? `object${keys}` : type));
  const example = values.find((value) => value !== null && typeof value !== 'object');
  const such = example === undefined ? '' : `, such as ${excerpt(JSON.stringify(example), EXAMPLE_CHARACTERS)}`;
  return `${named.join(' or ')}${such}`;
}

function typeOf(value: JsonValue): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'list' : typeof value;
}
