import type { Crew } from '../crew/load-crew.js';
import type { Inputs } from '../crew/run-options.js';
import type { Io } from '../util/io.js';

/** The given inputs and, for each required one that has no value, what a person answers. */
export async function askForInputs(io: Io, crew: Crew, given: Inputs): Promise<Inputs> {
  const missing = crew.missingInputs(given);
  if (missing.length === 0) return given;
  const [{ readLine }, { coerceInput }] = await Promise.all([
    import('./read-line.js'),
    import('../definition/input-values.js'),
  ]);
  const answers: Record<string, Inputs[string]> = {};
  for (const input of missing) {
    const about = input.description === undefined ? '' : ` (${input.description})`;
    for (;;) {
      io.stderr.write(`${input.name}${about}: `);
      const line = await readLine(io);
      io.signal.throwIfAborted();
      if (line === undefined) return { ...given, ...answers };
      const coerced = coerceInput(input, line.trim());
      if (coerced.ok && line.trim() !== '') {
        answers[input.name] = coerced.value;
        break;
      }
      io.stderr.write(`${coerced.ok ? `input ${input.name} needs a value` : coerced.reason}\n`);
    }
  }
  return { ...given, ...answers };
}
