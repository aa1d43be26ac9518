import { isAbsolute, posix, relative, resolve, sep } from 'node:path';
import { canonicalJson } from '../util/fingerprint.js';
import { isInside } from '../util/real-path.js';
import type { JsonValue } from '../util/json.js';

/** Parts of a path that are looked at from its end. */
const MOST_PARTS = 64;

/** The ways in which the value of an argument can be written: for rules that refuse, and for rules that allow. */
export interface ArgumentForms {
  /** Every way that means, or may mean, the same. */
  readonly every: readonly string[];
  /** Only those that mean nothing else: a path that leads through `..` stands as what it leads to. */
  readonly plain: readonly string[];
}

/** A value of an argument as text: texts as they are, everything else as JSON. */
export function textOfValue(value: JsonValue): string {
  return typeof value === 'string' ? value : canonicalJson(value);
}

/**
 * The forms of a text that may be a path or an address. Paths are made plain as text, without a look at the disk; those in the
 * working directory also stand as seen from there.
 */
export function formsOf(text: string, workingDirectory: string): ArgumentForms {
  return /^\s*[a-z][a-z\d+.-]*:[\\/]{2}/i.test(text) ? formsOfAddress(text) : formsOfPath(text, workingDirectory);
}

function formsOfAddress(text: string): ArgumentForms {
  if (!URL.canParse(text)) return { every: [text], plain: [] };
  const url = new URL(text);
  url.username = '';
  url.password = '';
  if (url.hostname.endsWith('.')) url.hostname = url.hostname.slice(0, -1);
  const { href } = url;
  const isWhole = url.pathname === '/' && url.search === '' && url.hash === '';
  const plain = isWhole ? [href, href.slice(0, -1)] : [href];
  return { every: [text, ...plain], plain };
}

function formsOfPath(text: string, workingDirectory: string): ArgumentForms {
  const slashed = text.replaceAll('\\', '/');
  const leadsUp = /(?:^|\/)\.\.(?:\/|$)/.test(slashed);
  const normal = normalForms(sep === '\\' ? slashed : text, workingDirectory);
  const trimmed = slashed.trim();
  const absolute = resolve(workingDirectory, trimmed);
  const every = [
    text,
    trimmed,
    ...normal,
    ...normalForms(trimmed, workingDirectory),
    ...normalForms(absolute, workingDirectory),
    ...(leadsUp || isAbsolute(trimmed) ? endsOf(posix.normalize(trimmed)) : []),
  ];
  if (!leadsUp) return { every, plain: [text, ...normal] };
  // What takes backslashes for slashes would go elsewhere than what does not.
  return { every, plain: sep === '/' && text.includes('\\') ? [] : normal };
}

/** A tool may have a folder of its own where its paths start: then an end of the path is what is meant. */
function endsOf(path: string): string[] {
  const parts = path.split('/').slice(-MOST_PARTS);
  return parts.map((_, index) => parts.slice(index).join('/'));
}

function normalForms(text: string, workingDirectory: string): string[] {
  if (text === '') return [];
  const normal = posix.normalize(text);
  const path = normal.length > 1 && normal.endsWith('/') ? normal.slice(0, -1) : normal;
  if (!isAbsolute(path)) return [path, `./${path}`];
  if (!isInside(workingDirectory, path)) return [path];
  const near = relative(workingDirectory, path).replaceAll(sep, '/') || '.';
  return [path, near, `./${near}`];
}
