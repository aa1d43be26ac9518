import type { CrewDefinition } from '../definition/types.js';
import { createRedactor, type Redactor } from '../util/redact.js';

/** What takes out the secrets that a definition uses, and whatever looks like a key. */
export function redactorOf({
  secretVariables,
  environment,
}: Pick<CrewDefinition, 'secretVariables' | 'environment'>): Redactor {
  const secrets = secretVariables.flatMap((name) => {
    const value = environment[name];
    return value === undefined ? [] : [{ name, value }];
  });
  return createRedactor(secrets);
}
