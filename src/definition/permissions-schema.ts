import { z } from 'zod';
import { textSchema } from './field-schemas.js';

const RULES_WORDS = 'a list of rules such as write_file or write_file(path=out/**)';
const rulesSchema = z.array(textSchema, { error: RULES_WORDS });

/** What agents may do with their tools. */
export const permissionsSchema = z
  .strictObject(
    {
      allow: rulesSchema.optional().describe('What may be done without being asked about; then nothing else may be.'),
      ask: rulesSchema.optional().describe('What a person is asked about each time.'),
      deny: rulesSchema.optional().describe('What is refused, whatever else allows it.'),
    },
    { error: 'a map with allow, ask or deny' },
  )
  .describe(
    'Rules for calls of tools: a name or mcp:server/tool, with * for any characters, and perhaps an argument: write_file(path=out/**).',
  );

export type PermissionLists = z.output<typeof permissionsSchema>;
