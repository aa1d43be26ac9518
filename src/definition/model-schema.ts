import { z } from 'zod';
import { durationSchema, textSchema, wholeNumberSchema } from './field-schemas.js';

const PRICE_WORDS = 'a price in US dollars per million tokens';

const numberBetween = (min: number, max: number): z.ZodNumber => {
  const error = `a number from ${min} to ${max}`;
  return z.number({ error }).min(min, { error }).max(max, { error });
};

const dollars = z.number({ error: PRICE_WORDS }).min(0, { error: PRICE_WORDS });

/** What the tokens of a model cost. */
const priceSchema = z
  .strictObject(
    {
      input: dollars.describe('US dollars per million input tokens.'),
      output: dollars.describe('US dollars per million output tokens.'),
      cached_input: dollars.optional().describe('US dollars per million input tokens that came from the cache.'),
    },
    { error: 'a map with input, output and cached_input' },
  )
  .describe('What the tokens of this model cost, instead of the built-in price table.');

/** One model with its settings. */
const modelSchema = z
  .strictObject(
    {
      model: textSchema.describe(
        'The model as provider/model, such as openai/gpt-4.1-mini. Without a provider: openai.',
      ),
      base_url: z
        .string({ error: 'a URL' })
        .regex(/^https?:\/\/\S+$/, { error: 'a URL that starts with http:// or https://' })
        .optional()
        .describe('Address of the server. Any OpenAI-compatible server works.'),
      api_key: textSchema
        .optional()
        .describe('The key, as ${NAME} of an environment variable. Default: the variable of the provider.'),
      headers: z
        .record(z.string(), z.string({ error: 'text' }), { error: 'a map of header names to texts' })
        .optional()
        .describe('HTTP headers that are sent with each call.'),
      api: z
        .enum(['chat', 'responses'], { error: 'chat or responses' })
        .optional()
        .describe('Which API of OpenAI is called. Default: chat (chat completions).'),
      temperature: numberBetween(0, 2).optional().describe('Randomness of the answers, from 0 to 2.'),
      top_p: numberBetween(0, 1).optional().describe('Nucleus sampling, from 0 to 1.'),
      max_tokens: wholeNumberSchema(1, 100_000_000).optional().describe('Most tokens of one answer.'),
      seed: wholeNumberSchema(0, Number.MAX_SAFE_INTEGER)
        .optional()
        .describe('Seed for repeatable answers, where the provider supports it.'),
      stop: z
        .union([z.string(), z.array(z.string({ error: 'text' }))], { error: 'a text or a list of texts' })
        .optional()
        .describe('One or more texts that end an answer.'),
      timeout: durationSchema.optional().describe('Longest time for one call, such as 60s or 2m, or seconds.'),
      max_retries: wholeNumberSchema(0, 100)
        .optional()
        .describe('How often a call that failed for a passing reason is made again.'),
      context_window: wholeNumberSchema(1, 1_000_000_000)
        .optional()
        .describe('Tokens that a request and its answer have room in. Default: of the built-in table.'),
      options: z
        .record(z.string(), z.unknown(), { error: 'a map' })
        .optional()
        .describe('More settings, passed to the provider as they are.'),
      price: priceSchema.optional(),
    },
    { error: 'a map of model settings' },
  )
  .meta({ id: 'Model', description: 'A model with its settings.' });

const ONE_MODEL_WORDS = 'a model: provider/model, a name under `models`, or a map with `model`';
const MODEL_WORDS = 'a model: provider/model, a name under `models`, a map with `model`, or a list of these';

/** A model, or several of which each stands in for the ones before it. */
export const modelReferenceSchema = z
  .union(
    [
      textSchema,
      modelSchema,
      z
        .array(z.union([textSchema, modelSchema], { error: ONE_MODEL_WORDS }), {
          error: MODEL_WORDS,
        })
        .min(1, { error: 'a list with at least one model' }),
    ],
    { error: MODEL_WORDS },
  )
  .meta({
    id: 'ModelReference',
    description:
      'provider/model, a name under `models`, a map with settings, or a list: the next one is taken when a provider is down or over quota.',
  });

export type ModelFields = z.output<typeof modelSchema>;
export type ModelReferenceValue = z.output<typeof modelReferenceSchema>;
