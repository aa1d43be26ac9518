import type { ValuePath as Path } from '../util/format-path.js';
import { suggestHint } from '../util/suggest.js';
import type { CrewShape } from './crew-shape.js';
import type { Entry } from './entries.js';
import type { ExpressionName } from './expression.js';
import { resolveModule } from './resolve-module.js';
import { asksForSchema } from './resolve-output.js';
import type { PathOptions } from './code-files.js';
import type { TaskFields } from './task-schema.js';
import type { ConditionDefinition } from './types.js';

export interface ConditionOptions extends PathOptions {
  /** Names of all inputs, also of those that are only given. */
  readonly inputs: readonly string[];
}

/** What an expression can read of a task. */
const TASK_FIELDS = ['raw', 'json_dict', 'status'];
/** A path with an ending of code, and no expression: those have spaces, brackets, signs, or begin with what they read. */
const CODE_FILE = /^(?!(?:inputs|tasks)\.)[^\s"'()=<>!&|?]+\.[cm]?[jt]s(?:#[\w$]+)?$/;
/** A name that can stand behind a dot. */
const IDENTIFIER = /^[A-Za-z_]\w*$/;

/** When the tasks run, by key, for those that do not always; what is wrong with it is reported. */
export async function resolveConditions(
  shape: CrewShape,
  options: ConditionOptions,
): Promise<ReadonlyMap<string, ConditionDefinition>> {
  const conditions = new Map<string, ConditionDefinition>();
  for (const [index, task] of shape.tasks.entries()) {
    const { when, condition } = task.fields;
    const field = when === undefined ? 'condition' : 'when';
    const text = String(when ?? condition ?? '').trim();
    if (text === '') continue;
    const path = [...task.path, field];
    if (when !== undefined && condition !== undefined) {
      options.report.error([...task.path, 'condition'], 'when is there already: a task has one condition', {
        target: 'key',
      });
    }
    if (index === 0) {
      const hint = 'put a task that always runs before it';
      options.report.error(path, 'the first task cannot have a condition', { target: 'key', hint });
      continue;
    }
    const found = CODE_FILE.test(text)
      ? resolveCode(text, path, options)
      : await resolveExpression(text, { path, task, shape }, options);
    if (found) conditions.set(task.key, found);
  }
  return conditions;
}

function resolveCode(text: string, path: Path, options: PathOptions): ConditionDefinition | undefined {
  const module = resolveModule(text, path, options);
  return module && { kind: 'module', ...module };
}

/** For a name alone, where it is one of an input or a task. */
function hintFor(
  name: string,
  { keys, inputs }: { readonly keys: readonly string[]; readonly inputs: readonly string[] },
): string | undefined {
  if (inputs.includes(name)) return `write inputs.${name}`;
  return keys.includes(name) ? `write tasks.${name}.raw` : undefined;
}

/** Whether it reads a part of the value of a task that has none. */
function isPartOfText({ group, key, field, text }: ExpressionName, { tasks }: CrewShape): boolean {
  const task = group === 'tasks' && field === 'json_dict' ? tasks.find((one) => one.key === key) : undefined;
  return task !== undefined && !asksForSchema(task) && !/\bjson_dict["'\]\s]*$/.test(text);
}

interface Place {
  readonly path: Path;
  readonly task: Entry<TaskFields>;
  readonly shape: CrewShape;
}

async function resolveExpression(
  text: string,
  place: Place,
  { inputs, report }: ConditionOptions,
): Promise<ConditionDefinition | undefined> {
  const { parseExpression } = await import('./expression.js');
  const { path, task, shape } = place;
  const keys = shape.tasks.map(({ key }) => key);
  const parsed = parseExpression(text);
  const names = 'expression' in parsed ? parsed.expression.names : [];
  const isKnown = ({ group, key }: ExpressionName): boolean =>
    key === undefined || (group === 'tasks' ? keys : inputs).includes(key);
  if ('trouble' in parsed || !names.every(isKnown)) {
    const unreadable = keys.find((key) => !IDENTIFIER.test(key) && text.includes(`tasks.${key}`));
    if (unreadable !== undefined) {
      const hint = `write tasks["${unreadable}"]`;
      report.error(path, 'the name of this task cannot stand behind a dot', { find: `tasks.${unreadable}`, hint });
      return undefined;
    }
  }
  if ('trouble' in parsed) {
    const { reason, text: at, hint = hintFor(at, { keys, inputs }) } = parsed.trouble;
    report.error(path, `is no condition: ${reason}`, { find: at || undefined, hint });
    return undefined;
  }
  for (const name of names) {
    if (!isKnown(name) && !(name.isAsked && name.group === 'inputs')) {
      const known = name.group === 'tasks' ? keys : inputs;
      const what = name.group.slice(0, -1);
      const listed = known.length > 0 ? `${name.group}: ${known.join(', ')}` : 'declare it under inputs';
      const hint = suggestHint(name.key ?? '', known) ?? listed;
      report.error(path, `there is no ${what} "${name.key}"`, { find: name.text, hint });
    } else if (name.group === 'tasks' && name.field !== undefined && !TASK_FIELDS.includes(name.field)) {
      const hint = suggestHint(name.field, TASK_FIELDS) ?? `of a task it can read ${TASK_FIELDS.join(', ')}`;
      report.error(path, `a task has no "${name.field}"`, { find: name.text, hint });
    } else if (isPartOfText(name, shape) && !names.some((other) => other.isAsked && other.key === name.key)) {
      const hint = `give ${name.key} an output_json, or look at .raw`;
      report.error(path, `the output of "${name.key}" is plain text, which has no parts`, { find: name.text, hint });
    }
  }
  const position = keys.indexOf(task.key);
  const read = names.filter(({ group }) => group === 'tasks');
  // Where it may look at any of them, it looks at all that can be done by then.
  const needed = read.some(({ key }) => key === undefined) ? keys.slice(0, position) : [];
  const named = new Set([...needed, ...read.flatMap(({ key }) => (key === undefined ? [] : [key]))]);
  const usedInputs = names.flatMap(({ group, key }) => (group === 'inputs' && key !== undefined ? [key] : []));
  return {
    kind: 'expression',
    text,
    tasks: keys.filter((key) => named.has(key)),
    inputs: [...new Set(usedInputs)],
  };
}
