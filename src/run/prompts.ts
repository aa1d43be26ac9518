import { replacePlaceholders } from '../definition/placeholders.js';
import type { PromptPieceName, PromptTexts } from '../definition/prompt-pieces.js';
import type { AgentDefinition, TaskDefinition } from '../definition/types.js';
import type { JsonSchema } from '../util/json.js';
import type { AttachedFiles } from './attached-files.js';
import { shortenSchema } from './short-schema.js';

/** An earlier task's output as a prompt shows it. */
export interface ContextEntry {
  readonly taskKey: string;
  readonly text: string;
}

/** A coworker as the delegation tools describe it. */
export interface CoworkerDescription {
  readonly role: string;
  readonly goal: string;
  readonly toolNames: readonly string[];
}

/** What starts a task. `schema` is given where the answer has to fit it and cannot be forced to. */
export interface TaskPromptParts {
  readonly task: Pick<TaskDefinition, 'description' | 'expectedOutput' | 'markdown'>;
  readonly context: readonly ContextEntry[];
  /** Role of the agent that the task names, for a manager. */
  readonly suggestedCoworker: string | undefined;
  readonly schema: JsonSchema | undefined;
  /** The task's part of the crew's plan. */
  readonly plan?: string | undefined;
  /** Today, as the agent wants it. */
  readonly date?: string | undefined;
  readonly unseenFiles?: AttachedFiles['unseen'];
}

/** What a piece of work is asked with: before the ending stands what the agent has thought out. */
export interface WorkPrompt {
  readonly body: string;
  readonly ending: string;
}

/** A task as the model that plans is told it. */
export interface PlannedTask {
  readonly task: Pick<TaskDefinition, 'key' | 'description' | 'expectedOutput' | 'context'>;
  /** Role of the agent that the task names or, in a sequential crew, that does it. */
  readonly agentRole: string | undefined;
  readonly toolNames: readonly string[];
  /** Roles of the only ones that the manager may give it to. */
  readonly coworkerRoles: readonly string[];
}

/** Every text that a run says to its models, made of the crew's pieces. */
export type Prompts = ReturnType<typeof createPrompts>;

/** The prompts of a crew, with its own pieces and in its language. What is put into a piece is never looked at again. */
export function createPrompts({
  texts,
  language,
}: {
  readonly texts: PromptTexts;
  readonly language: string | undefined;
}) {
  const say = (name: PromptPieceName, values: Readonly<Record<string, string | number>> = {}): string =>
    replacePlaceholders(texts[name], (slot) => (Object.hasOwn(values, slot) ? String(values[slot]) : undefined));
  const quoted = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(', ');
  const schemaRequest = (schema: JsonSchema): string => say('json_result', { schema: shortenSchema(schema) });
  const withTools = (text: string, toolNames: readonly string[]): string =>
    toolNames.length > 0 ? `${text} ${say('coworker_tools', { names: toolNames.join(', ') })}` : text;
  const delegationList = (coworkers: readonly CoworkerDescription[]): string[] =>
    coworkers.map(({ role, goal, toolNames }) => `- ${withTools(`${role}: ${goal}`, toolNames)}`);

  return {
    say,

    /** The system message of an agent; `isManager` adds how a manager works, `readsOutside` what results of its tools are. */
    system(
      { role, goal, backstory }: AgentDefinition,
      { isManager, readsOutside = false }: { readonly isManager: boolean; readonly readsOutside?: boolean },
    ): string {
      return lines([
        say('role', { role }),
        goal && say('goal', { goal }),
        backstory && say('backstory', { backstory }),
        isManager && say('manager_rules'),
        readsOutside && say('outside_data'),
        language !== undefined && say(isManager ? 'manager_language' : 'language', { language }),
      ]);
    },

    /** What starts a task. */
    task({ task, context, suggestedCoworker, schema, plan, date, unseenFiles }: TaskPromptParts): WorkPrompt {
      const body = paragraphs([
        say('task', { description: task.description }),
        say('expected_output', { expected_output: task.expectedOutput }),
        suggestedCoworker && say('suggested_coworker', { role: suggestedCoworker }),
        plan && say('plan', { plan }),
        date && say('date', { date }),
        context.length > 0 && paragraphs([say('results'), ...context.map(contextBlock)]),
        unseenFiles && say('unseen_files', { ...unseenFiles }),
        task.markdown && say('markdown'),
      ]);
      return { body, ending: schema ? schemaRequest(schema) : say('complete_result') };
    },

    /** What a coworker is asked with who was given work or a question. */
    delegated(options: {
      readonly kind: 'task' | 'question';
      readonly request: string;
      readonly context: string;
      readonly date?: string | undefined;
      readonly unseenFiles?: AttachedFiles['unseen'];
    }): WorkPrompt {
      const body = paragraphs([
        say(options.kind, { description: options.request }),
        options.context && say('context', { context: options.context }),
        options.date && say('date', { date: options.date }),
        options.unseenFiles && say('unseen_files', { ...options.unseenFiles }),
      ]);
      return { body, ending: say('complete_result') };
    },

    /** The user message that starts a piece of work; `plan` is what the agent has thought out for it, empty for nothing. */
    work: ({ body, ending }: WorkPrompt, plan: string): string =>
      paragraphs([body, plan && say('own_plan', { plan }), ending]),

    /** Asks an agent to think its work over, in an answer of that form. */
    thinking(
      { body }: WorkPrompt,
      tools: readonly { readonly name: string; readonly description?: string | undefined }[],
      schema: JsonSchema,
    ): string {
      const list = tools.map(({ name, description }) =>
        `- ${name}${description ? `: ${description}` : ''}`.replaceAll('\n', '\n  '),
      );
      return paragraphs([
        body,
        list.length > 0 && say('think_tools', { tools: list.join('\n') }),
        say('think_first'),
        schemaRequest(schema),
      ]);
    },

    /** The system message of the model that plans. */
    planner: (): string => lines([say('planner_rules'), language !== undefined && say('language', { language })]),

    /** Asks for the plan of these tasks, in an answer of that form; a crew with a manager has a team. */
    plan({
      tasks,
      finished,
      team,
      schema,
    }: {
      readonly tasks: readonly PlannedTask[];
      readonly finished: readonly string[];
      readonly team: readonly CoworkerDescription[] | undefined;
      readonly schema: JsonSchema;
    }): string {
      return paragraphs([
        finished.length > 0 && say('finished_tasks', { names: finished.join(', ') }),
        ...tasks.map(({ task, agentRole, toolNames, coworkerRoles }) =>
          lines([
            `<task name="${task.key}">`,
            task.description,
            say('expected_output', { expected_output: task.expectedOutput }),
            agentRole !== undefined &&
              withTools(say(team ? 'suggested_coworker' : 'planned_agent', { role: agentRole }), toolNames),
            coworkerRoles.length > 0 && say('planned_coworkers', { names: coworkerRoles.join(', ') }),
            task.context && task.context.length > 0 && say('planned_context', { names: task.context.join(', ') }),
            '</task>',
          ]),
        ),
        team && [say('planned_team'), ...delegationList(team)].join('\n'),
        say(team ? 'make_team_plan' : 'make_plan'),
        schemaRequest(schema),
      ]);
    },

    /** Said when a plan lacks something. */
    misplanned: (reason: string, schema: JsonSchema): string =>
      `${say('misplanned', { reason })}\n${schemaRequest(schema)}`,

    /** Descriptions of the two delegation tools; only the first lists the coworkers, as both are always offered together. */
    delegation(
      coworkers: readonly CoworkerDescription[],
      taskToolNames: readonly string[],
      fileNames: readonly string[] = [],
    ): { readonly delegate: string; readonly ask: string } {
      const taskTools = taskToolNames.length > 0 ? [say('task_tools', { names: taskToolNames.join(', ') })] : [];
      const files = fileNames.length > 0 ? [say('task_files', { names: fileNames.join(', ') })] : [];
      return {
        delegate: [say('delegate_work'), ...delegationList(coworkers), ...taskTools, ...files].join('\n'),
        ask: say('ask_question'),
      };
    },

    /** Said when an answer does not fit its output schema. */
    misfit: (reason: string, schema: JsonSchema): string => `${say('misfit', { reason })}\n${schemaRequest(schema)}`,

    /** Said to a model that called a tool it does not have. */
    unknownTool: (name: string, available: readonly string[]): string =>
      available.length > 0 ? say('unknown_tool', { name, names: available.join(', ') }) : say('no_tools', { name }),

    /** Said to a model whose call a rule forbids, or no rule allows. */
    denied: (rule: string | undefined): string => (rule === undefined ? say('not_allowed') : say('denied', { rule })),

    /** Said to a model whose call a person did not agree to. */
    deniedByPerson: (reason: string): string =>
      reason === '' ? say('denied_by_person') : say('denied_because', { reason }),

    /** Said to a model that named a coworker who does not exist. */
    unknownCoworker: (name: string, roles: readonly string[]): string =>
      say('unknown_coworker', { name, names: quoted(roles) }),

    /** Asks a manager for the next task; the answer comes through the `choose_task` tool. */
    chooseTask(tasks: readonly Pick<TaskDefinition, 'key' | 'description'>[], done: readonly string[]): string {
      const list = tasks.map(({ key, description }) => `- ${key}: ${description}`).join('\n');
      return paragraphs([
        done.length > 0 && say('finished_tasks', { names: done.join(', ') }),
        say('next_task', { tasks: list }),
      ]);
    },
  };
}

/** Cassettes know an earlier task's output by the first line. No output can end its block, or begin another. */
function contextBlock({ taskKey, text }: ContextEntry): string {
  const inside = text.replaceAll(/<(?=\/result\s*>|result\s+task=)/gi, '[');
  return `<result task="${taskKey}">\n${inside}\n</result>`;
}

function lines(parts: readonly (string | false | undefined)[]): string {
  return parts.filter(Boolean).join('\n');
}

function paragraphs(parts: readonly (string | false | undefined)[]): string {
  return parts.filter(Boolean).join('\n\n');
}
