import type { CrewError } from '../errors.js';

/** An error as a person reads it, with its hint. */
export function errorText({ code, message, hint }: Pick<CrewError, 'code' | 'message' | 'hint'>): string {
  // Problems of a definition begin with their place, each on a line that editors understand.
  const head = code === 'definition' ? '' : 'error: ';
  return `${head}${message}\n${hint === undefined ? '' : `hint: ${hint}\n`}`;
}
