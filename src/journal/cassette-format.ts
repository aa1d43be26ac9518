import { z } from 'zod';

const messageSchema = z.union([
  z.strictObject({ system: z.string() }),
  z.strictObject({ user: z.string() }),
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
    finish_reason: z.enum(['stop', 'length', 'content-filter', 'tool-calls', 'error', 'other']),
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

/** The file that `--record` writes and `--cassette` reads. */
export const cassetteSchema = z.strictObject(
  {
    cassette: z.literal(1, { error: 'must be 1' }),
    crew: z.string(),
    calls: z.array(callSchema),
  },
  { error: ({ code }) => (code === 'invalid_type' ? 'must be a map with cassette, crew and calls' : undefined) },
);

export type CassetteMessage = z.infer<typeof messageSchema>;
export type CassetteCall = z.infer<typeof callSchema>;
export type Cassette = z.infer<typeof cassetteSchema>;
