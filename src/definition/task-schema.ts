import { z } from 'zod';
import {
  durationSchema,
  flagSchema,
  nameListSchema,
  nameSchema,
  textSchema,
  wholeNumberSchema,
} from './field-schemas.js';
import { toolListSchema } from './tool-schema.js';

const OUTPUT_WORDS = 'a JSON Schema, the path of one (.json, .yaml), or ./file.ts#export';

const outputSchema = z.union([textSchema, z.record(z.string(), z.unknown(), { error: OUTPUT_WORDS })], {
  error: OUTPUT_WORDS,
});

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
      context: nameListSchema('a task')
        .optional()
        .describe('Names of the tasks whose outputs are given to this one. Default: all earlier tasks. []: none.'),
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
      guardrail_max_retries: wholeNumberSchema(0, 100)
        .default(3)
        .describe('How often an output that does not meet its schema may be tried again.'),
      max_execution_time: durationSchema
        .optional()
        .describe('Longest time for the task, such as 90s or 15m, or seconds: calls under way are then aborted.'),
    },
    { error: 'a map with description and expected_output' },
  )
  .meta({ id: 'Task', description: 'A task: what is to be done, what is expected, and who does it.' });

export type TaskFields = z.output<typeof taskSchema>;
