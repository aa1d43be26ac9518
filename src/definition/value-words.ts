export type ValueKind = 'text' | 'number' | 'flag' | 'nothing' | 'list' | 'map';

/** What kind of value a plain value is. */
export function kindOf(value: unknown): ValueKind {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'list';
  if (typeof value === 'string') return 'text';
  if (typeof value === 'number' || typeof value === 'bigint') return 'number';
  return typeof value === 'boolean' ? 'flag' : 'map';
}

/** The kind of a value as a sentence names it: `a list`, `text`. */
export function kindWords(value: unknown): string {
  const kind = kindOf(value);
  if (kind === 'flag') return String(value);
  return kind === 'text' || kind === 'nothing' ? kind : `a ${kind}`;
}

/** A value as a sentence quotes it: `"abc"`, `-5`; lists and maps by their kind. */
export function valueWords(value: unknown): string {
  const kind = kindOf(value);
  if (kind === 'text') {
    const text = String(value);
    if (text === '') return 'an empty text';
    return JSON.stringify(text.length > 60 ? `${text.slice(0, 59)}…` : text);
  }
  if (Array.isArray(value) && value.length === 0) return 'an empty list';
  return kind === 'number' ? String(value) : kindWords(value);
}
