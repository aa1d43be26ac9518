import { DefinitionError } from './definition-error.js';
import type { CrewDefinition } from './types.js';

type Keys = Pick<CrewDefinition, 'missingKeys' | 'missingToolKeys'>;

/** Throws DefinitionError where keys of models or tools are missing. A cassette stands in for models, not for tools. */
export function requireKeys({ missingKeys, missingToolKeys }: Keys, { isOffline = false } = {}): void {
  const missing = isOffline ? missingToolKeys : [...missingKeys, ...missingToolKeys];
  if (missing.length > 0) throw new DefinitionError(missing);
}

/** The same where only tools are needed yet; keys of models that are missing too are told with theirs. */
export function requireToolKeys(keys: Keys, options: { readonly isOffline: boolean }): void {
  if (keys.missingToolKeys.length > 0) requireKeys(keys, options);
}
