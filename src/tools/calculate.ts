import type { BuiltinTool } from './builtin-tool.js';

/** A calculation that takes longer is a mistake, milliseconds. */
const TIMEOUT_MS = 10_000;

/** Calculates with decimals, units, lists and complex numbers; runs no code. */
export const calculateTool: BuiltinTool<'calculate'> = {
  description: 'Calculates exactly: (1200 * 1.19) / 12, sqrt(2), 15% * 80, mean(1, 2, 4), 5 km to mile.',
  effects: 'none',
  timeoutMs: TIMEOUT_MS,
  parameters: {
    type: 'object',
    properties: { expression: { type: 'string' } },
    required: ['expression'],
    additionalProperties: false,
  },
  prepare: () =>
    Promise.resolve(async ({ expression }, { signal }) => {
      const { runJob } = await import('./data/run-job.js');
      return runJob('calculate', { expression: expression as string }, { signal });
    }),
};
