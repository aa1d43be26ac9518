import { z } from 'zod';
import { agentSchema } from './agent-schema.js';
import {
  callsPerMinuteSchema,
  configSchema,
  flagSchema,
  moduleListSchema,
  moduleSchema,
  textSchema,
  tokensPerMinuteSchema,
} from './field-schemas.js';
import { inputSchema } from './input-schema.js';
import { limitsSchema } from './limits-schema.js';
import { mcpServerSchema } from './mcp-schema.js';
import { modelReferenceSchema } from './model-schema.js';
import { permissionsSchema } from './permissions-schema.js';
import { taskSchema } from './task-schema.js';
import { toolMapSchema } from './tool-schema.js';

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
      tools: toolMapSchema
        .default({})
        .describe('Tools with settings, by the name that agents, tasks and models use; it wins over a built-in one.'),
      mcp_servers: z
        .record(z.string(), mcpServerSchema, { error: 'a map of servers' })
        .default({})
        .describe('Servers of tools by name; agents have their tools as mcp:name or mcp:name/tool.'),
      permissions: permissionsSchema.optional(),
      manager_llm: modelReferenceSchema.optional().describe('Model of the manager of a hierarchical crew.'),
      manager_agent: z
        .union([agentSchema, textSchema], {
          error: 'a map with role, goal and backstory, or the path of a file with one',
        })
        .optional()
        .describe(
          'The manager of a hierarchical crew, instead of manager_llm: an agent, or the path of a file with one.',
        ),
      extends: z
        .union([textSchema, z.array(textSchema)], { error: 'the path of a file, or a list of paths' })
        .optional()
        .describe(
          'Files whose agents, tasks, models, inputs, limits and settings are taken too; what stands here wins over them, by name.',
        ),
      agents: z
        .union(
          [
            z.record(z.string(), agentSchema),
            z.array(z.union([textSchema, agentSchema.required({ name: true })])),
            textSchema,
          ],
          { error: 'a map of agents, a list of agents with `name`, or the path of a file with them' },
        )
        .optional()
        .describe(
          'The agents by name, as a list with `name`, or the path of a file with them. A name in a list is that of an extended file, or of agents/<name>.jsonc, .json or .yaml.',
        ),
      tasks: z
        .union([z.record(z.string(), taskSchema), z.array(taskSchema.required({ name: true })), textSchema], {
          error: 'a map of tasks, a list of tasks with `name`, or the path of a file with them',
        })
        .optional()
        .describe('The tasks by name in their order, as a list with `name`, or the path of a file with them.'),
      config: configSchema
        .optional()
        .describe('A map, or JSON of one, with the agents and tasks, where they are not at the top.'),
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
        .describe('Whether max_rpm and max_tpm count the calls of all runs with this setting on the same database.'),
      max_tpm: tokensPerMinuteSchema
        .optional()
        .describe('Most tokens of a run in any 60 seconds, those of requests and answers together.'),
      function_calling_llm: modelReferenceSchema
        .optional()
        .describe('Model of the turns that offer tools, for all agents without their own.'),
      planning: flagSchema.default(false).describe('Whether a plan for all tasks is made before the first.'),
      planning_llm: modelReferenceSchema
        .optional()
        .describe(
          'Model that makes the plan. Default: CREW_MODEL, MODEL, OPENAI_MODEL_NAME, else openai/gpt-4.1-mini.',
        ),
      chat_llm: modelReferenceSchema.optional().describe('Model of `crew chat`. Default: as for planning_llm.'),
      step_callback: moduleSchema
        .optional()
        .describe('./file.ts#export that is called after each step of every agent.'),
      task_callback: moduleSchema.optional().describe('./file.ts#export that is called with the result of each task.'),
      manager_callbacks: moduleListSchema
        .default([])
        .describe('./file.ts#export, or a list, called after each step of the manager.'),
      before_kickoff: moduleListSchema
        .default([])
        .describe('./file.ts#export, or a list, called with the inputs before a run; may give other inputs.'),
      before_kickoff_callbacks: moduleListSchema.optional().describe('before_kickoff, as crewAI calls it too.'),
      after_kickoff: moduleListSchema
        .default([])
        .describe('./file.ts#export, or a list, called with the result of a run that is done.'),
      after_kickoff_callbacks: moduleListSchema.optional().describe('after_kickoff, as crewAI calls it too.'),
      language: textSchema.optional().describe('Language in which the agents work and answer, such as French.'),
      language_file: textSchema.optional().describe('prompt_file, as crewAI calls it too.'),
      prompt_file: textSchema
        .optional()
        .describe('YAML or JSON file with texts for named pieces of the prompts; `crew schema --prompts` lists them.'),
      cache: flagSchema
        .default(false)
        .describe('Whether results of tools without effects are kept in the database and used again.'),
      full_output: flagSchema.default(false).describe("Whether the text form of the result holds every task's output."),
      output_log_file: z
        .union([flagSchema, textSchema], { error: 'true, or a file' })
        .optional()
        .describe('File that the run is logged to as it goes on: true is logs.txt; *.json holds one object a line.'),
      verbose: flagSchema.default(false).describe('Whether answers, arguments and results are shown in full.'),
      stream: flagSchema.default(false).describe('Whether the text of the final task is told as it comes.'),
      share_crew: flagSchema
        .optional()
        .describe('crewAI sends crews to its makers with it. Nothing is ever sent here.'),
    },
    { error: 'a map with agents and tasks' },
  )
  .meta({ title: 'Crew', description: 'A crew of agents, its tasks, and how they are run.' });

export type CrewFields = z.output<typeof crewSchema>;
