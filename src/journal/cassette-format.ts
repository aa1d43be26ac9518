import { z } from 'zod';

const messageSchema = z.union([
  z.strictObject({ system: z.string() }),
  z.strictObject({
    user: z.string(),
    files: z.array(z.strictObject({ name: z.string(), sha256: z.string() })).optional(),
  }),
  z.strictObject({ tool: z.string() }),
]);

const callSchema = z.strictObject({
  path: z.string(),
  agent: z.string(),
  model: z.string(),
  /** Left out by hand: the request is then not compared. */
  fingerprint: z.string().optional(),
  request: z
    .strictObject({
      messages: z.array(messageSchema),
      tools: z.array(z.string()).optional(),
    })
    .optional(),
  answer: z.strictObject({
    text: z.string().optional(),
    tool_calls: z.array(z.strictObject({ id: z.string(), name: z.string(), arguments: z.unknown() })).optional(),
    finish_reason: z.enum(['stop', 'length', 'content-filter', 'tool-calls', 'error', 'other', 'context-length']),
    usage: z
      .strictObject({
        input_tokens: z.number(),
        output_tokens: z.number(),
        cached_input_tokens: z.number().optional(),
        reasoning_tokens: z.number().optional(),
      })
      .optional(),
  }),
});

const answerSchema = z.strictObject({
  path: z.string(),
  decision: z.enum(['approve', 'revise', 'answer', 'always', 'deny']),
  text: z.string().optional(),
});

/** The file that `--record` writes and `--cassette` reads. */
export const cassetteSchema = z.strictObject(
  {
    cassette: z.literal(1, { error: 'must be 1' }),
    crew: z.string(),
    /** What agents with `inject_date` were told as today, as `formatWallTime` writes it. */
    date: z
      .string()
      .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?[+-]\d\d:\d\d$/, {
        error: 'must be a date such as 2026-01-31T14:05:09.000+01:00',
      })
      .optional(),
    calls: z.array(callSchema),
    /** What a person said. */
    answers: z.array(answerSchema).optional(),
  },
  { error: ({ code }) => (code === 'invalid_type' ? 'must be a map with cassette, crew and calls' : undefined) },
);

export type CassetteMessage = z.infer<typeof messageSchema>;
export type CassetteCall = z.infer<typeof callSchema>;
export type CassetteAnswer = z.infer<typeof answerSchema>;
export type Cassette = z.infer<typeof cassetteSchema>;
