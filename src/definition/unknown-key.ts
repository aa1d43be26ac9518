import type { ValuePath as Path } from '../util/format-path.js';
import { suggest } from '../util/suggest.js';
import type { Report } from './report.js';
import { findReplacement, isSwitchedOff, KEY_ALIASES, type Level } from './unsupported-keys.js';

export interface UnknownKey {
  readonly key: string;
  readonly value: unknown;
  /** The keys that the map may have. */
  readonly names: readonly string[];
  /** Of the map. */
  readonly path: Path;
  readonly level: Level | 'tool' | undefined;
}

/**
 * Reports a key that a map may not have, but for one that switches off what is not there. Gives back the key that was
 * probably meant.
 */
export function reportUnknownKey({ key, value, names, path, level }: UnknownKey, report: Report): string | undefined {
  const at = [...path, key];
  const replacement = level === undefined || level === 'tool' ? undefined : findReplacement(level, key);
  if (replacement !== undefined) {
    if (!isSwitchedOff(value)) {
      report.error(at, 'not supported in this version', { target: 'key', hint: replacement });
    }
    return undefined;
  }
  if (/\s/.test(key)) {
    const hint = 'a text with a comma or a colon in it has to be in quotes';
    report.error(at, 'unknown key', { target: 'key', hint });
    return undefined;
  }
  const alias = level === undefined ? undefined : KEY_ALIASES[level][key];
  const meant = (alias !== undefined && names.includes(alias) ? alias : undefined) ?? suggest(key, names);
  const hint = meant === undefined ? `known keys: ${names.filter((name) => name !== '$schema').join(', ')}` : undefined;
  report.error(at, 'unknown key', { target: 'key', hint: hint ?? `did you mean "${meant}"?` });
  return meant;
}
