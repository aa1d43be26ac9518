import { z } from 'zod';
import { callsPerMinuteSchema, durationSchema, wholeNumberSchema } from './field-schemas.js';

const BUDGET_WORDS = 'an amount in US dollars, above 0';

/** What a run may take at most. */
export const limitsSchema = z
  .strictObject(
    {
      budget_usd: z
        .number({ error: BUDGET_WORDS })
        .positive({ error: BUDGET_WORDS })
        .optional()
        .describe('Most US dollars for the model calls of a run.'),
      timeout: durationSchema
        .optional()
        .describe('Longest time for a run, such as 90s or 15m, or seconds: calls under way are then aborted.'),
      max_model_calls: wholeNumberSchema(1)
        .optional()
        .describe('Most model calls of a run; a call that is retried counts once.'),
      max_tokens: wholeNumberSchema(1, Number.MAX_SAFE_INTEGER)
        .optional()
        .describe('Most tokens of a run, those of requests and answers together.'),
      max_rpm: callsPerMinuteSchema
        .optional()
        .describe('Most model calls of a run in any 60 seconds, of all agents together, retries included.'),
    },
    { error: 'a map with budget_usd, timeout, max_model_calls, max_tokens or max_rpm' },
  )
  .describe(
    'What a run may take at most; before each model call it is checked with the worst case that it could cost.',
  );
