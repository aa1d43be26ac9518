import type { AgentDefinition, TaskDefinition } from '../definition/types.js';
import type { JsonSchema } from '../util/json.js';
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

const MANAGER_RULES =
  'You lead your coworkers: delegate the work, check each answer against the expected output, ' +
  'have it revised where it falls short, then answer with the finished result.';

/** The system message of an agent; `isManager` adds how a manager works. */
export function systemPrompt(agent: AgentDefinition, { isManager }: { readonly isManager: boolean }): string {
  return [`Role: ${agent.role}`, agent.goal && `Goal: ${agent.goal}`, agent.backstory, isManager && MANAGER_RULES]
    .filter(Boolean)
    .join('\n');
}

/** The user message that starts a task. `schema` is given where the answer has to fit it and cannot be forced to. */
export function taskPrompt(options: {
  readonly task: Pick<TaskDefinition, 'description' | 'expectedOutput'>;
  readonly context: readonly ContextEntry[];
  /** Role of the agent that the task names, for a manager. */
  readonly suggestedCoworker: string | undefined;
  readonly schema: JsonSchema | undefined;
}): string {
  const { task, context, suggestedCoworker, schema } = options;
  return paragraphs([
    `Task: ${task.description}`,
    `Expected output: ${task.expectedOutput}`,
    suggestedCoworker && `Suggested coworker: ${suggestedCoworker}`,
    context.length > 0 && `Results of earlier tasks:\n\n${context.map(contextBlock).join('\n\n')}`,
    schema ? schemaRequest(schema) : 'Answer with the complete result, nothing else.',
  ]);
}

function contextBlock({ taskKey, text }: ContextEntry): string {
  return `<result task="${taskKey}">\n${text}\n</result>`;
}

/** The user message of a coworker who was given work or a question. */
export function delegatedPrompt(options: {
  readonly kind: 'task' | 'question';
  readonly request: string;
  readonly context: string;
}): string {
  return paragraphs([
    `${options.kind === 'task' ? 'Task' : 'Question'}: ${options.request}`,
    options.context && `Context: ${options.context}`,
    'Answer with the complete result, nothing else.',
  ]);
}

/** Descriptions of the two delegation tools; only the first lists the coworkers, as both are always offered together. */
export function delegationDescriptions(
  coworkers: readonly CoworkerDescription[],
  taskToolNames: readonly string[],
): { readonly delegate: string; readonly ask: string } {
  const list = coworkers.map(({ role, goal, toolNames }) => {
    const tools = toolNames.length > 0 ? ` (tools: ${toolNames.join(', ')})` : '';
    return `- ${role}: ${goal}${tools}`;
  });
  const taskTools = taskToolNames.length > 0 ? [`Tools they get for this task: ${taskToolNames.join(', ')}`] : [];
  return {
    delegate: [
      'Give a coworker work. They know only what you write here; work for several can go out at once.',
      ...list,
      ...taskTools,
    ].join('\n'),
    ask: 'Ask a coworker a question. They know only what you write here.',
  };
}

function schemaRequest(schema: JsonSchema): string {
  return `Answer in JSON: ${shortenSchema(schema)}`;
}

/** Said when an answer does not fit its output schema. */
export function invalidOutputPrompt(reason: string, schema: JsonSchema): string {
  return `This answer does not fit: ${reason}\n${schemaRequest(schema)}`;
}

/** Said when `max_iter` is reached: the last call has no tools. */
export const FINAL_ANSWER_PROMPT = 'No more tool calls are possible. Give your best complete answer now.';

/** Said after an answer that was of no use when a run goes on that ended of it. */
export const UNUSABLE_ANSWER_PROMPT =
  'Your last answer could not be used. Give the complete result, in other words and no longer than it has to be.';

/** Said when an answer held nothing. */
export const EMPTY_ANSWER_PROMPT = 'Your answer was empty. Give the complete result.';

/** Said when an answer was cut by the provider's length limit. */
export const CONTINUE_PROMPT = 'You were cut off. Go on exactly where you stopped, without repeating anything.';

/** Added to a tool result when the same call was made again and again. */
export function repeatedCallNote(count: number): string {
  return `You have now made this same call ${count} times in a row. Use its result, or do something else.`;
}

/** Result of a call that was made so often that it is not made again. */
export function refusedRepeatResult(count: number): string {
  return `Not carried out: you made this very call ${count} times in a row. Use the results that you have, or do something else.`;
}

/** Said to a model that called a tool it does not have. */
export function unknownToolResult(name: string, available: readonly string[]): string {
  return available.length > 0
    ? `There is no tool ${name}. Available: ${available.join(', ')}.`
    : `There is no tool ${name}; answer without tools.`;
}

/** Said to a model whose tool threw. */
export function toolFailedResult(message: string): string {
  return `It failed: ${message}`;
}

/** Said to a model whose arguments do not fit. */
export function badArgumentsResult(reason: string): string {
  return `The arguments do not fit: ${reason}. Correct them and call again.`;
}

/** Said to a model that named a coworker who does not exist. */
export function unknownCoworkerResult(name: string, roles: readonly string[]): string {
  return `There is no coworker "${name}". Choose one of: ${roles.map((role) => `"${role}"`).join(', ')}.`;
}

/** Said at the end of a chain of delegations. */
export function depthLimitResult(depth: number): string {
  return `This work has been handed on ${depth} times already and cannot be delegated further: do it yourself.`;
}

/** Description of the tool by which a manager names the next task. */
export const CHOOSE_TASK_DESCRIPTION = 'Name the task to do next.';

/** Asks a manager for the next task; the answer comes through the `choose_task` tool. */
export function chooseTaskPrompt(
  tasks: readonly Pick<TaskDefinition, 'key' | 'description'>[],
  done: readonly string[],
): string {
  return paragraphs([
    done.length > 0 && `Finished: ${done.join(', ')}`,
    `Which of these tasks should be done next?\n${tasks.map(({ key, description }) => `- ${key}: ${description}`).join('\n')}`,
  ]);
}

function paragraphs(parts: readonly (string | false | undefined)[]): string {
  return parts.filter(Boolean).join('\n\n');
}
