import { resolve } from 'node:path';
import type { Expression } from '../definition/expression.js';
import type { ConditionDefinition, CrewDefinition, ModuleReference } from '../definition/types.js';
import { messageOf, TaskError } from '../errors.js';
import type { TaskResult } from '../result.js';
import { digestSource } from '../tools/own/source-digest.js';
import { orAbort } from '../util/or-abort.js';
import { describeValue } from '../util/to-json.js';
import { loadFunction } from './callbacks.js';
import type { ConditionContext } from './user-functions.js';

/** Decides whether a task runs. */
export interface Condition {
  /** As the file has it: an expression, or `./file.ts#export`. */
  readonly text: string;
  /** The same for what decides the same: the expression, or a digest of the code. */
  readonly identity: string;
  /** Names of the inputs that it is known to look at. */
  readonly inputs: readonly string[];
  /** Rejects with TaskError where it fails, or gives neither true nor false. */
  holds(previous: TaskResult | null, context: ConditionContext): Promise<boolean>;
}

/** The conditions of a crew by task key, ready to decide. Rejects with UsageError where code of the user cannot be loaded. */
export async function loadConditions({ tasks, source }: CrewDefinition): Promise<ReadonlyMap<string, Condition>> {
  const conditions = new Map<string, Condition>();
  for (const { key, when } of tasks) {
    if (when) conditions.set(key, await loadCondition(when, source.directory));
  }
  return conditions;
}

function loadCondition(when: ConditionDefinition, directory: string): Promise<Condition> {
  return when.kind === 'module' ? loadModuleCondition(when, directory) : loadExpression(when);
}

async function loadModuleCondition(module: ModuleReference, directory: string): Promise<Condition> {
  const { name, call, exportName } = await loadFunction('condition', module, directory);
  const code = await digestSource(resolve(directory, module.path));
  return {
    text: name,
    identity: `${code} ${exportName}`,
    inputs: [],
    async holds(previous, context) {
      const { signal } = context;
      const decided = await orAbort(call(previous, context), signal).catch((error: unknown) => {
        signal.throwIfAborted();
        throw new TaskError(`condition ${name} failed: ${messageOf(error)}`, {
          hint: `It is code of the crew: mend it, then crew resume ${context.runId} goes on.`,
          cause: error,
        });
      });
      return requireBoolean(decided, name);
    },
  };
}

async function loadExpression({ text, inputs }: ConditionDefinition & { kind: 'expression' }): Promise<Condition> {
  const { parseExpression } = await import('../definition/expression.js');
  const parsed = parseExpression(text);
  if ('trouble' in parsed) throw new TypeError(`${text}: ${parsed.trouble.reason}`);
  const { expression } = parsed;
  return {
    text,
    identity: text,
    inputs,
    holds: async (_previous, context) => requireBoolean(evaluate(expression, text, context), text),
  };
}

function evaluate(expression: Expression, text: string, { inputs, tasks, runId }: ConditionContext): unknown {
  const results = Object.entries(tasks).map(([key, result]) => [key, expressionValue(result)]);
  const outcome = expression.evaluate({ inputs, tasks: Object.fromEntries(results) });
  if ('value' in outcome) return outcome.value;
  const { reason, hint = 'Mend it' } = outcome.trouble;
  throw new TaskError(`condition ${text} failed: ${reason}`, {
    hint: `${hint}; crew resume ${runId} --with-current goes on with the mended file.`,
  });
}

function expressionValue({ raw, json_dict, pydantic, status }: TaskResult): object {
  return { raw: raw ?? '', json_dict: json_dict ?? pydantic, status };
}

function requireBoolean(value: unknown, text: string): boolean {
  if (typeof value === 'boolean') return value;
  throw new TaskError(`condition ${text} gave ${describeValue(value)}, which is neither true nor false`);
}
