import { z } from 'zod';
import {
  callsPerMinuteSchema,
  configSchema,
  durationSchema,
  flagSchema,
  moduleSchema,
  nameSchema,
  textSchema,
  tokensPerMinuteSchema,
  wholeNumberSchema,
} from './field-schemas.js';
import { guardrailListSchema, guardrailSchema } from './guardrail-schema.js';
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
      max_tpm: tokensPerMinuteSchema
        .optional()
        .describe('Most tokens of this agent in any 60 seconds. The max_tpm of the crew holds too.'),
      max_retry_limit: wholeNumberSchema(0, 100)
        .optional()
        .describe('How often one model call that failed for a passing reason is made again. Default: of the model.'),
      function_calling_llm: modelReferenceSchema
        .optional()
        .describe("Model of the turns that offer tools; the answer itself is the llm's. Default: the crew's."),
      cache: flagSchema
        .optional()
        .describe("Whether results of its tools are kept and used again. Default: the crew's."),
      step_callback: moduleSchema.optional().describe('./file.ts#export that is called after each step of the agent.'),
      guardrail: guardrailSchema.optional().describe('What every answer of the agent has to meet.'),
      guardrails: guardrailListSchema.default([]).describe('Several guardrails; all are checked on every attempt.'),
      guardrail_llm: modelReferenceSchema
        .optional()
        .describe("Model that judges guardrails which are sentences. Default: the agent's."),
      guardrail_max_retries: wholeNumberSchema(0, 100)
        .default(3)
        .describe('How often an answer that does not meet a guardrail may be tried again.'),
      system_template: textSchema.optional().describe('Text around the system message, which stands at {{ .System }}.'),
      prompt_template: textSchema.optional().describe('Text around the user message, which stands at {{ .Prompt }}.'),
      response_template: textSchema
        .optional()
        .describe(
          'Text around the answer, which stands at {{ .Response }}: what is before it ends the prompt, what is after it the answer.',
        ),
      use_system_prompt: flagSchema
        .default(true)
        .describe('false: the system text stands in the first user message, for models without system messages.'),
      respect_context_window: flagSchema
        .default(true)
        .describe('Whether a conversation that is too long for the model is summarised. false: the task then fails.'),
      inject_date: flagSchema.default(false).describe('Whether the agent is told today’s date.'),
      date_format: textSchema.default('%Y-%m-%d').describe('Form of the date, as strftime writes it.'),
      reasoning: flagSchema.default(false).describe('Whether the agent thinks its work over before it begins.'),
      max_reasoning_attempts: wholeNumberSchema(1, 20)
        .default(3)
        .describe('How often it may think again where it is not ready yet.'),
      multimodal: flagSchema.default(false).describe('Whether the model can be given images and PDF files.'),
      verbose: flagSchema.default(false).describe('Whether its answers, arguments and results are shown in full.'),
      config: configSchema.optional().describe('Fields of the agent; those beside it win. A map, or JSON of one.'),
      settings: configSchema.optional().describe('config, as agents/*.jsonc of crewAI call it.'),
      type: textSchema
        .regex(/^[Aa]gent$/, { error: 'agent' })
        .optional()
        .describe('Kind of the agent in files of crewAI: always agent.'),
    },
    { error: 'a map with role, goal and backstory' },
  )
  .meta({ id: 'Agent', description: 'An agent: a role with goal, backstory, model and tools.' });

export type AgentFields = z.output<typeof agentSchema>;
