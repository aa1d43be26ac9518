import { join } from 'node:path';
import { parse } from 'dotenv';
import { readSource } from './read-source.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The environment with what `.env` in `directory` adds to it; a variable that is already set keeps its value.
 * `trouble` says in words why a `.env` that exists was not read. A folder of that name is left alone.
 */
export async function readEnvironment(
  directory: string,
  env: Environment,
): Promise<{ readonly environment: Environment; readonly trouble?: string }> {
  const source = await readSource(join(directory, '.env'));
  if ('trouble' in source)
    return source.isAbsent ? { environment: env } : { environment: env, trouble: source.trouble };
  const set = Object.entries(env).filter(([, value]) => value !== undefined);
  return { environment: { ...parse(source.text), ...Object.fromEntries(set) } };
}
