import { z } from 'zod';
import { agentSchema } from './agent-schema.js';
import { callsPerMinuteSchema, flagSchema, textSchema } from './field-schemas.js';
import { inputSchema } from './input-schema.js';
import { limitsSchema } from './limits-schema.js';
import { modelReferenceSchema } from './model-schema.js';
import { taskSchema } from './task-schema.js';

/** The whole definition: the one source of checks, JSON Schema and types. */
export const crewSchema = z
  .strictObject(
    {
      $schema: z.string({ error: 'text' }).optional().describe('JSON Schema for editors; ignored here.'),
      name: textSchema
        .optional()
        .describe("Name of the crew. Default: the file's name, or its folder's for crew.yaml."),
      process: z
        .enum(['sequential', 'hierarchical'], { error: 'sequential or hierarchical' })
        .default('sequential')
        .describe('sequential: each task by its agent. hierarchical: a manager delegates every task.'),
      inputs: z
        .record(z.string(), inputSchema, { error: 'a map of inputs' })
        .default({})
        .describe('Values that are put in where a text says {name}.'),
      models: z
        .record(z.string(), modelReferenceSchema, { error: 'a map of models' })
        .default({})
        .describe('Models with settings, by a name that agents use as their llm.'),
      manager_llm: modelReferenceSchema.optional().describe('Model of the manager of a hierarchical crew.'),
      manager_agent: z
        .union([agentSchema, textSchema], {
          error: 'a map with role, goal and backstory, or the path of a file with one',
        })
        .optional()
        .describe(
          'The manager of a hierarchical crew, instead of manager_llm: an agent, or the path of a file with one.',
        ),
      agents: z
        .union([z.record(z.string(), agentSchema), z.array(agentSchema.required({ name: true })), textSchema], {
          error: 'a map of agents, a list of agents with `name`, or the path of a file with them',
        })
        .describe('The agents by name, as a list with `name`, or the path of a file with them.'),
      tasks: z
        .union([z.record(z.string(), taskSchema), z.array(taskSchema.required({ name: true })), textSchema], {
          error: 'a map of tasks, a list of tasks with `name`, or the path of a file with them',
        })
        .describe('The tasks by name in their order, as a list with `name`, or the path of a file with them.'),
      task_order: z
        .enum(['file', 'manager'], { error: 'file or manager' })
        .default('file')
        .describe('manager: the manager of a hierarchical crew chooses the next task. Default: the order of the file.'),
      limits: limitsSchema.optional(),
      max_rpm: callsPerMinuteSchema
        .optional()
        .describe(
          'Most model calls of a run in any 60 seconds: limits.max_rpm as crewAI writes it; the smaller one holds.',
        ),
      share_rate_limit: flagSchema
        .default(false)
        .describe('Whether max_rpm counts the calls of all runs with this setting that use the same database.'),
    },
    { error: 'a map with agents and tasks' },
  )
  .meta({ title: 'Crew', description: 'A crew of agents, its tasks, and how they are run.' });

export type CrewFields = z.output<typeof crewSchema>;
