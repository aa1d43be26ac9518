import { isAlias, isCollection, isMap, isScalar, isSeq, type Document, type Node, type Pair, type YAMLMap } from 'yaml';
import type { ValuePath as Path } from '../util/format-path.js';

/** Offsets into the text of a document, end exclusive. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** What a problem points at: the key of an entry, or its value. */
export type Target = 'key' | 'value';

/**
 * Where a path stands in a document. Where the document does not go as deep, the deepest part that it has. A value that
 * spans lines is pointed at by its key. `find` narrows a value down to the first place where it holds that text.
 */
export function locate(yaml: Document.Parsed, text: string, path: Path, target: Target, find?: string): Range {
  let node: unknown = yaml.contents;
  let key: Range | undefined;
  for (const part of path) {
    const container = resolveNode(yaml, node);
    const step = stepInto(yaml, container, part);
    if (!step) return key ?? valueRange(text, node) ?? { start: 0, end: 0 };
    node = step.value;
    key = step.key ? (sourceRange(step.key) ?? key) : valueRange(text, step.value);
  }
  if (target === 'key' && key) return key;
  const value = sourceRange(node);
  const found = find === undefined || !value ? -1 : text.slice(0, value.end).indexOf(find, value.start);
  if (find !== undefined && found >= 0) return { start: found, end: found + find.length };
  return valueRange(text, node) ?? key ?? { start: 0, end: 0 };
}

/** The path of the innermost entry whose key or value holds an offset. */
export function pathAt(yaml: Document.Parsed, offset: number): Path {
  const path: (string | number)[] = [];
  let node: unknown = yaml.contents;
  for (;;) {
    if (isMap(node)) {
      const pair = node.items.find((item) => holds(item.key, offset) || holds(item.value, offset));
      if (!pair || !isScalar(pair.key)) return path;
      path.push(String(pair.key.source ?? pair.key.value));
      node = holds(pair.value, offset) ? pair.value : undefined;
    } else if (isSeq(node)) {
      const index = node.items.findIndex((item) => holds(item, offset));
      if (index < 0) return path;
      path.push(index);
      node = node.items[index];
    } else return path;
  }
}

function stepInto(
  yaml: Document.Parsed,
  container: Node | undefined,
  part: string | number,
): { readonly key?: unknown; readonly value: unknown } | undefined {
  if (isSeq(container))
    return container.items.length > Number(part) ? { value: container.items[Number(part)] } : undefined;
  if (!isMap(container)) return undefined;
  return findPair(yaml, container, String(part));
}

/** The pair of a key; one that comes in by `<<` counts when the map has none of its own. */
function findPair(yaml: Document.Parsed, map: YAMLMap, key: string): Pair | undefined {
  const own = map.items.findLast((pair) => isScalar(pair.key) && pair.key.value === key);
  if (own) return own;
  for (const pair of map.items) {
    if (!isScalar(pair.key) || pair.key.source !== '<<') continue;
    const merged = resolveNode(yaml, pair.value);
    for (const source of isSeq(merged) ? merged.items : [merged]) {
      const sourceMap = resolveNode(yaml, source);
      const found = isMap(sourceMap) ? findPair(yaml, sourceMap, key) : undefined;
      if (found) return found;
    }
  }
  return undefined;
}

function resolveNode(yaml: Document.Parsed, node: unknown): Node | undefined {
  if (isAlias(node)) return node.resolve(yaml);
  return isCollection(node) || isScalar(node) ? node : undefined;
}

function sourceRange(node: unknown): Range | undefined {
  const range = isCollection(node) || isScalar(node) || isAlias(node) ? node.range : undefined;
  return range && range[1] > range[0] ? { start: range[0], end: range[1] } : undefined;
}

/** The range of a value that stands on one line. */
function valueRange(text: string, node: unknown): Range | undefined {
  const range = sourceRange(node);
  return range && !text.slice(range.start, range.end).trimEnd().includes('\n') ? range : undefined;
}

function holds(node: unknown, offset: number): boolean {
  const range = sourceRange(node);
  return range !== undefined && range.start <= offset && offset < range.end;
}
