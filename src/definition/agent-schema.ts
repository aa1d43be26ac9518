import { z } from 'zod';
import {
  callsPerMinuteSchema,
  durationSchema,
  flagSchema,
  nameSchema,
  textSchema,
  wholeNumberSchema,
} from './field-schemas.js';
import { modelReferenceSchema } from './model-schema.js';
import { toolListSchema } from './tool-schema.js';

/** One agent. `name` is for lists; in a map the key is the name. */
export const agentSchema = z
  .strictObject(
    {
      name: nameSchema.optional().describe('Name of the agent in this file, where agents are a list.'),
      role: textSchema.describe(
        'What the agent is, in a few words: Senior research analyst. Coworkers are found by it.',
      ),
      goal: textSchema.describe('What the agent is there to reach.'),
      backstory: textSchema.describe('Who the agent is and how it works.'),
      llm: modelReferenceSchema
        .optional()
        .describe('Model of the agent. Default: CREW_MODEL, MODEL, OPENAI_MODEL_NAME, else openai/gpt-4.1-mini.'),
      tools: toolListSchema.default([]).describe('Tools that the agent can use.'),
      allow_delegation: flagSchema
        .default(false)
        .describe('Whether the agent can delegate work to its coworkers and ask them.'),
      max_iter: wholeNumberSchema(1, 10_000)
        .default(25)
        .describe('Most model calls for one task; then a last one asks for the best final answer.'),
      max_rpm: callsPerMinuteSchema
        .optional()
        .describe(
          'Most model calls of this agent in any 60 seconds, retries included. The max_rpm of the crew holds too.',
        ),
      max_execution_time: durationSchema
        .optional()
        .describe(
          'Longest time for one piece of work, such as 90s or 15m, or seconds: calls under way are then aborted.',
        ),
    },
    { error: 'a map with role, goal and backstory' },
  )
  .meta({ id: 'Agent', description: 'An agent: a role with goal, backstory, model and tools.' });

export type AgentFields = z.output<typeof agentSchema>;
