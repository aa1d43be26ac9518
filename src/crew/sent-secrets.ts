import type { CrewDefinition } from '../definition/types.js';

/** Shorter values are too likely to be a part of something else. */
const FEWEST_CHARACTERS = 6;

/** What to say of environment variables whose values stand in `values`, which are sent `to` somebody. */
export function describeSentSecrets(
  { to, values }: { readonly to: string; readonly values: readonly string[] },
  { secretVariables, environment }: Pick<CrewDefinition, 'secretVariables' | 'environment'>,
): string[] {
  const sent = secretVariables.filter((name) => {
    const value = environment[name] ?? '';
    return value.length >= FEWEST_CHARACTERS && values.some((text) => text.includes(value));
  });
  return sent.length === 0 ? [] : [`sends ${sent.join(', ')} of the environment to ${to}`];
}
