import { z } from 'zod';
import { durationSchema, flagSchema, textSchema } from './field-schemas.js';

/** A server of tools: a program with `command`, or one at an address with `url`. */
export const mcpServerSchema = z
  .strictObject(
    {
      command: textSchema.optional().describe('Program to start; it speaks MCP on stdin and stdout.'),
      args: z.array(textSchema, { error: 'a list of texts' }).optional().describe('Its arguments.'),
      env: z
        .record(z.string(), z.string({ error: 'text' }), { error: 'a map of variables' })
        .optional()
        .describe('Environment variables that it gets, beside PATH, HOME, LANG and TMPDIR: { TOKEN: "${TOKEN}" }.'),
      cwd: textSchema
        .optional()
        .describe("Folder that it runs in, relative to the definition's. Default: the definition's."),
      url: textSchema.optional().describe('Address of a server that runs already.'),
      headers: z
        .record(z.string(), textSchema, { error: 'a map of headers' })
        .optional()
        .describe('Headers of every request: { Authorization: "Bearer ${TOKEN}" }.'),
      transport: z
        .enum(['http', 'sse'], { error: 'http or sse' })
        .optional()
        .describe('How it is spoken to: streamable HTTP, or the older server-sent events. Default: http.'),
      allow_private: flagSchema
        .optional()
        .describe('Whether its address may be of this machine or a private network; a person has to agree.'),
      tools: z
        .array(textSchema, { error: 'a list of names of tools' })
        .min(1, { error: 'a list of names of tools, at least one' })
        .optional()
        .describe('Names of the only tools that are offered; * stands for any characters. Default: all.'),
      timeout: durationSchema
        .default('30s')
        .describe('Longest time for the connection, and for each call, such as 60s or 2m.'),
      required: flagSchema.default(true).describe('false: a run goes on without it where it cannot be reached.'),
    },
    { error: 'a map with command or url' },
  )
  .meta({ id: 'McpServer', description: 'A server of tools: { command, args } to start, or { url } to reach.' });

export type McpServerFields = z.output<typeof mcpServerSchema>;
