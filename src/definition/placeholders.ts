/** What a name in braces looks like: an input's name. */
export const PLACEHOLDER_NAME = /^[A-Za-z_][A-Za-z0-9_-]*$/;

/** `{{name}}`, which stands for a literal `{name}`, or `{name}`. */
const PLACEHOLDER = /\{\{([A-Za-z_][A-Za-z0-9_-]*)\}\}|\{([A-Za-z_][A-Za-z0-9_-]*)\}/g;

/**
 * The text with `{name}` replaced by `valueOf(name)`, or left as it is where that is undefined, and `{{name}}` by `{name}`.
 * One pass: what is put in is not looked at again.
 */
export function replacePlaceholders(text: string, valueOf: (name: string) => string | undefined): string {
  if (!text.includes('{')) return text;
  return text.replaceAll(PLACEHOLDER, (written: string, literal: string | undefined, name: string | undefined) =>
    literal === undefined ? (valueOf(name ?? '') ?? written) : `{${literal}}`,
  );
}

/** The names that a text has in single braces, each as often as it stands there. */
export function findPlaceholders(text: string): { readonly name: string; readonly isVariable: boolean }[] {
  return [...text.matchAll(PLACEHOLDER)].flatMap((match) =>
    match[2] === undefined ? [] : [{ name: match[2], isVariable: text[match.index - 1] === '$' }],
  );
}
