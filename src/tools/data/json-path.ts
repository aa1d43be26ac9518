/** The place of a value as JSONPath writes it (RFC 9535): `$.store.books[0]["a title"]`. */
export function jsonPathOf(location: readonly (string | number)[]): string {
  return `$${location.map(pathSegment).join('')}`;
}

/** The part of a path that leads to a key or an item. */
export function pathSegment(key: string | number): string {
  if (typeof key === 'number') return `[${key}]`;
  return /^[a-z_]\w*$/i.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}
