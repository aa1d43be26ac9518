/** What every program may be told of the environment: nothing of it is a key. */
const USUAL = ['PATH', 'HOME', 'LANG', 'TMPDIR'];

/** The variables that a program is started with: the usual four, and those that are named, as far as they are set. */
export function programVariables(
  environment: Readonly<Record<string, string | undefined>>,
  names: readonly string[] = [],
): Record<string, string> {
  const entries = [...USUAL, ...names].map((name) => [name, environment[name]] as const);
  return Object.fromEntries(entries.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}
