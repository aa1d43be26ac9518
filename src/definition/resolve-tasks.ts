import { parseDuration } from '../util/duration.js';
import { suggestHint } from '../util/suggest.js';
import type { CrewShape } from './crew-shape.js';
import type { Entry } from './entries.js';
import { resolveGuardrails } from './resolve-guardrails.js';
import type { ModelResolver } from './resolve-models.js';
import { contextName, resolveContextForms } from './resolve-context.js';
import { resolveModule } from './resolve-module.js';
import { resolveOutput } from './resolve-output.js';
import { resolveOutputFiles } from './resolve-output-files.js';
import type { PathOptions } from './code-files.js';
import type { ToolResolver } from './resolve-tools.js';
import type { TaskFields } from './task-schema.js';
import type { ConditionDefinition, TaskDefinition } from './types.js';

export interface TaskOptions extends PathOptions {
  /** When the tasks run, by key; none for those that always do. */
  readonly conditions: ReadonlyMap<string, ConditionDefinition>;
  readonly tools: ToolResolver;
}

/** The tasks with their tools, agents and order; names that mean nothing are reported. Texts that are not sound are empty. */
export function resolveTasks(
  shape: CrewShape,
  models: ModelResolver['unused'],
  options: TaskOptions,
): TaskDefinition[] {
  const { tasks, agents } = shape;
  const order = new Map(tasks.map(({ key }, index) => [key, index]));
  return tasks.map((task, index) => {
    const { key, path, fields, given } = task;
    const { max_execution_time: maxExecutionTime } = fields;
    const toKeys = (names: readonly string[], field: 'context' | 'depends_on'): string[] => {
      const found = names.map((name) => name.trim()).filter((name, at) => checkTaskName(name, [...path, field, at]));
      return [...new Set(found)].toSorted((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0));
    };
    const checkTaskName = (name: string, at: Entry<TaskFields>['path']): boolean =>
      order.has(name) || reportUnknown('task', name, [...order.keys()], at, options);
    checkAgent(task, shape, options);
    const output = resolveOutput(task, options);
    return {
      key,
      position: index + 1,
      description: fields.description?.trim() ?? '',
      expectedOutput: fields.expected_output?.trim() ?? '',
      agent: fields.agent?.trim() ?? (isOnlyAgentTaken(shape, given) ? agents[0]?.key : undefined),
      context: fields.context && toKeys(fields.context.map(contextName), 'context'),
      contextForms: resolveContextForms(task, shape, options.report),
      dependsOn: toKeys(fields.depends_on ?? [], 'depends_on'),
      asyncExecution: fields.async_execution ?? false,
      tools: options.tools.resolve(fields.tools ?? [], [...path, 'tools']),
      coworkers: fields.coworkers && resolveCoworkers(task, fields.coworkers, shape, options),
      outputFile: fields.output_file?.trim(),
      output,
      guardrailMaxRetries: fields.guardrail_max_retries ?? 3,
      maxExecutionTimeMs: maxExecutionTime === undefined ? undefined : parseDuration(maxExecutionTime),
      outputs: resolveOutputFiles(task, options),
      createDirectory: fields.create_directory ?? true,
      guardrails: resolveGuardrails(task, models, options),
      humanInput: fields.human_input ?? false,
      when: options.conditions.get(key),
      runsIfSkipped: fields.on_skipped === 'run',
      callback: resolveModule(fields.callback, [...path, 'callback'], options),
      markdown: (fields.markdown ?? false) && output === undefined,
      inputFiles: [...new Set((fields.input_files ?? []).map((file) => file.trim()))],
    };
  });
}

function isOnlyAgentTaken({ crew, agents }: CrewShape, given: ReadonlySet<string>): boolean {
  return crew.process === 'sequential' && agents.length === 1 && !given.has('agent');
}

function checkAgent({ path, fields, given }: Entry<TaskFields>, shape: CrewShape, options: PathOptions): void {
  const keys = shape.agents.map(({ key }) => key);
  const agent = fields.agent?.trim();
  if (agent !== undefined) {
    if (!keys.includes(agent)) reportUnknown('agent', agent, keys, [...path, 'agent'], options);
  } else if (!given.has('agent') && shape.crew.process === 'sequential' && keys.length > 1) {
    options.report.error(path, 'agent is missing: in a sequential crew of several agents each task needs its own', {
      target: 'key',
      hint: `agents: ${keys.join(', ')}`,
    });
  }
}

function resolveCoworkers(
  { path }: Entry<TaskFields>,
  names: readonly string[],
  { agents, crew }: CrewShape,
  options: PathOptions,
): string[] {
  const keys = agents.map(({ key }) => key);
  if (crew.process === 'sequential') {
    options.report.warn([...path, 'coworkers'], 'only a hierarchical crew has coworkers to choose from', {
      target: 'key',
      hint: 'remove it, or write process: hierarchical',
    });
  }
  const isKnown = (name: string, at: number): boolean =>
    keys.includes(name) || reportUnknown('agent', name, keys, [...path, 'coworkers', at], options);
  const found = new Set(names.map((name) => name.trim()).filter(isKnown));
  return keys.filter((key) => found.has(key));
}

/** Reports a name that means nothing; false, for filters. */
function reportUnknown(
  what: 'agent' | 'task',
  name: string,
  keys: readonly string[],
  path: Entry<TaskFields>['path'],
  { report }: PathOptions,
): false {
  // Without any agent or task the missing list is the problem.
  if (keys.length > 0) {
    const hint = suggestHint(name, keys) ?? `${what}s: ${keys.join(', ')}`;
    report.error(path, `there is no ${what} "${name}"`, { hint });
  }
  return false;
}
