import { fingerprintOf } from '../util/fingerprint.js';

/** One thing that decides a task's output: its name and a readable text, or a digest, which starts with `#`. */
export type Part = readonly [name: string, value: string];

/** Longer texts and lists become digests: a fingerprint is stored with each task. */
const MOST_READABLE_CHARACTERS = 120;
/** Enough to tell a part from what it was before. */
const DIGEST_CHARACTERS = 8;

/** How the ids of tools of MCP servers begin. */
export const MCP_ID = 'mcp:';

/** The digest of any JSON value: `#` and 8 hex digits. */
export function digestOf(value: unknown): string {
  return `#${fingerprintOf(value).slice(0, DIGEST_CHARACTERS)}`;
}

/** The text, or its digest where it is long. */
export function readable(text: string): string {
  return text.length <= MOST_READABLE_CHARACTERS ? text : digestOf(text);
}

/** Names as the value of a part, before it is made readable, without those that are empty; empty for none. */
export function listText(names: readonly string[]): string {
  return names.filter(Boolean).join(', ');
}

/** The part for a list of names; no part for an empty one. */
export function listPart(name: string, names: readonly string[]): Part[] {
  return names.length === 0 ? [] : [[name, readable(listText(names))]];
}

/** The names of a list's value, or undefined where only their digest is known; none for undefined. */
export function listOf(value: string | undefined): readonly string[] | undefined {
  if (value === undefined) return [];
  return isDigest(value) ? undefined : value.split(', ');
}

/** True where a part's value is not for people. */
export function isDigest(value: string): boolean {
  return value.startsWith('#');
}
