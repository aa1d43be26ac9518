import { z } from 'zod';
import {
  configSchema,
  durationSchema,
  flagSchema,
  moduleSchema,
  nameListSchema,
  nameSchema,
  textSchema,
  wholeNumberSchema,
} from './field-schemas.js';
import { guardrailListSchema, guardrailSchema } from './guardrail-schema.js';
import { modelReferenceSchema } from './model-schema.js';
import { outputSchema } from './output-field-schema.js';
import { contextSchema } from './context-schema.js';
import { toolListSchema } from './tool-schema.js';

/** One task. `name` is for lists; in a map the key is the name. */
export const taskSchema = z
  .strictObject(
    {
      name: nameSchema.optional().describe('Name of the task in this file, where tasks are a list.'),
      description: textSchema.describe('What is to be done.'),
      expected_output: textSchema.describe('What a good answer looks like.'),
      agent: textSchema
        .optional()
        .describe('Name of the agent that does it. In a hierarchical crew a suggestion to the manager.'),
      context: contextSchema
        .optional()
        .describe(
          'Tasks whose outputs are given to this one: names, or maps { task, as, max_tokens } where as is full, summary or json.<path>. Default: all earlier tasks. []: none.',
        ),
      depends_on: nameListSchema('a task')
        .default([])
        .describe('Names of tasks that must be finished first, without being given their outputs.'),
      async_execution: flagSchema
        .default(false)
        .describe(
          'Does not hold up what follows: with task_order: manager the next task is chosen meanwhile; otherwise a task only ever waits for its context and depends_on.',
        ),
      tools: toolListSchema.default([]).describe('More tools for the agent that does this task.'),
      coworkers: nameListSchema('an agent')
        .min(1, { error: 'a list with at least one agent' })
        .optional()
        .describe('Names of the only agents that the manager may give this task to (hierarchical).'),
      output_file: textSchema
        .optional()
        .describe('File that the output is written to, relative to the working directory. {input} works in it.'),
      output_json: outputSchema
        .optional()
        .describe('JSON Schema that the output must meet: inline, a path, or ./file.ts#export. Shown as json_dict.'),
      output_pydantic: outputSchema
        .optional()
        .describe('JSON Schema that the output must meet: inline, a path, or ./file.ts#export. Shown as pydantic.'),
      response_model: outputSchema.optional().describe('The same as output_pydantic.'),
      outputs: z
        .record(z.string(), z.enum(['raw', 'json'], { error: 'raw or json' }), { error: 'a map of files' })
        .default({})
        .describe('More files for the output: { report.md: raw, data.json: json }. {input} works in their names.'),
      create_directory: flagSchema
        .default(true)
        .describe('Whether the folders of output files are made where they are not there.'),
      guardrail: guardrailSchema
        .optional()
        .describe(
          'What the output has to meet: a sentence that a model judges, ./file.ts#export, or { max_words: 200 }.',
        ),
      guardrails: guardrailListSchema.default([]).describe('Several guardrails; all are checked on every attempt.'),
      guardrail_llm: modelReferenceSchema
        .optional()
        .describe("Model that judges guardrails which are sentences. Default: the agent's."),
      guardrail_max_retries: wholeNumberSchema(0, 100)
        .default(3)
        .describe('How often an output that does not meet its schema or a guardrail may be tried again.'),
      human_input: flagSchema.default(false).describe('Whether a person has to approve the output.'),
      when: z
        .union([textSchema, flagSchema], { error: 'an expression, or ./file.ts#export' })
        .optional()
        .describe(
          'The task runs only if this is true: an expression over inputs and tasks.<name>.raw, .json_dict, .status, or ./file.ts#export.',
        ),
      condition: moduleSchema.optional().describe('when, as crewAI calls it: ./file.ts#export.'),
      on_skipped: z
        .enum(['skip', 'run'], { error: 'skip or run' })
        .default('skip')
        .describe('What to do where every task that this one depends on was skipped.'),
      callback: moduleSchema.optional().describe('./file.ts#export that is called with the result of the task.'),
      markdown: flagSchema.default(false).describe('Whether the answer is asked for in Markdown.'),
      input_files: z
        .array(textSchema, { error: 'a list of files' })
        .default([])
        .describe('Images, PDF and text files that the model is given, relative to the working directory.'),
      max_execution_time: durationSchema
        .optional()
        .describe('Longest time for the task, such as 90s or 15m, or seconds: calls under way are then aborted.'),
      config: configSchema.optional().describe('Fields of the task; those beside it win. A map, or JSON of one.'),
      type: textSchema
        .regex(/^([Tt]ask|[Cc]onditional(_?[Tt]ask)?)$/, { error: 'task, or ConditionalTask with a condition' })
        .optional()
        .describe('Kind of the task in files of crewAI: task or ConditionalTask; the condition decides.'),
    },
    { error: 'a map with description and expected_output' },
  )
  .meta({ id: 'Task', description: 'A task: what is to be done, what is expected, and who does it.' });

export type TaskFields = z.output<typeof taskSchema>;
