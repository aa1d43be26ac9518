export type ValuePath = readonly (string | number)[];

/** A place inside a JSON value as people write it, such as `items[0].name`; empty for the value itself. */
export function formatPath(path: ValuePath): string {
  return path.map((key, index) => (typeof key === 'number' ? `[${key}]` : index === 0 ? key : `.${key}`)).join('');
}
