import { type ASTNode, Environment, EvaluationError } from '@marcbachmann/cel-js';
import { runInTime } from '../util/in-time.js';

/** Most time that one evaluation may take, milliseconds. */
const EVALUATION_MS = 1000;

/** What an expression reads: an input or a task, or one of its parts. */
export interface ExpressionName {
  readonly group: 'inputs' | 'tasks';
  /** Undefined: any of them, as the name is computed or all are looked at. */
  readonly key: string | undefined;
  /** What of a task is read, such as `raw`. */
  readonly field: string | undefined;
  /** The place in the expression, as written. */
  readonly text: string;
  /** It is only asked whether it is there. */
  readonly isAsked: boolean;
}

/** Why an expression cannot be used, or came to nothing. */
export interface ExpressionTrouble {
  readonly reason: string;
  /** The part of the expression that is meant; empty for its end. */
  readonly text: string;
  readonly hint: string | undefined;
}

export interface Expression {
  /** In the order in which they are written. */
  readonly names: readonly ExpressionName[];
  /** The value; numbers of the expression's own arithmetic may be bigints. */
  evaluate(values: ExpressionValues): { readonly value: unknown } | { readonly trouble: ExpressionTrouble };
}

/** What an expression can look at, as JSON. */
export interface ExpressionValues {
  readonly inputs: object;
  readonly tasks: object;
}

/** Words of other languages, and what is written here instead. */
const FOREIGN: readonly (readonly [pattern: RegExp, hint: string])[] = [
  [/===|!==/, 'write == or !='],
  [/(^|[^=!<>])=([^=]|$)/, 'write == to compare'],
  [/\b(?:and|or|not)\b/, '"and" is written &&, "or" ||, and "not" !'],
  [/\.includes\(/, 'write .contains(…)'],
  [/\blen\(|\.length\b/, 'write size(…)'],
  [/\bhas\([^)]*\[/, 'has() takes names with dots; behind brackets write "name" in …'],
];

const ARITHMETIC: Readonly<Record<string, (left: number, right: number) => number>> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => left / right,
  '%': (left, right) => left % right,
};

/** The language, with `inputs` and `tasks`; numbers of JSON, which are all doubles there, calculate with whole numbers too. */
const environment = new Environment({ homogeneousAggregateLiterals: false, unlistedVariablesAreDyn: false })
  .registerVariable('inputs', 'map')
  .registerVariable('tasks', 'map');
for (const [sign, calculate] of Object.entries(ARITHMETIC)) {
  for (const types of [`double ${sign} int`, `int ${sign} double`, ...(sign === '%' ? ['double % double'] : [])]) {
    environment.registerOperator(`${types}: double`, (left: number | bigint, right: number | bigint) =>
      calculate(Number(left), Number(right)),
    );
  }
}

/** An expression of the Common Expression Language (https://cel.dev) that comes to true or false, or what is wrong with it. */
export function parseExpression(
  text: string,
): { readonly expression: Expression } | { readonly trouble: ExpressionTrouble } {
  let parsed;
  try {
    parsed = environment.parse(text);
  } catch (error) {
    return { trouble: troubleOf(text, error) };
  }
  // What the check finds is in the words of types; a name that is not there is told better by who knows the names.
  const names = namesIn(parsed.ast);
  const { valid, error, type = 'dyn' } = parsed.check();
  if (!valid) return { trouble: troubleOf(text, error) };
  if (type !== 'bool' && type !== 'dyn') {
    return { trouble: { reason: `it comes to ${typeWords(type)}, not to true or false`, text, hint: undefined } };
  }
  return {
    expression: {
      names,
      evaluate(values) {
        try {
          const outcome = runInTime(EVALUATION_MS, () => parsed({ ...values }) as unknown);
          return outcome.isTimeout ? { trouble: timeoutTrouble(text) } : { value: outcome.value };
        } catch (thrown) {
          return { trouble: failureOf(text, thrown) };
        }
      },
    },
  };
}

function timeoutTrouble(text: string): ExpressionTrouble {
  const hint = 'Nested repetitions such as (a+)+ in matches() can take for ever: write it without them';
  return { reason: `it took longer than ${EVALUATION_MS} ms`, text, hint };
}

interface LibraryError {
  readonly summary?: string;
  readonly message: string;
  readonly range?: { readonly start: number; readonly end: number };
}

function troubleOf(text: string, error: unknown): ExpressionTrouble {
  const { summary, message, range } = error as LibraryError;
  const hint = FOREIGN.find(([pattern]) => pattern.test(withoutLiterals(text)))?.[1];
  const reason = (summary ?? message)
    .replaceAll('EOF', 'the end')
    .replaceAll('dyn', 'value')
    .replace('found no matching overload for', 'there is no');
  return { reason: reason.charAt(0).toLowerCase() + reason.slice(1), text: wordsAt(text, range), hint };
}

/** What came of values that the expression does not fit, with the whole path of a field that is not there. */
function failureOf(text: string, error: unknown): ExpressionTrouble {
  const trouble = troubleOf(text, error);
  const { code, node } = error instanceof EvaluationError ? error : { code: undefined, node: undefined };
  if (code !== 'no_such_key' || !node) return { ...trouble, hint: undefined };
  const path = text.slice(node.start, node.end);
  const hint = node.op === '.' ? `Ask first whether it is there, has(${path}) && …` : undefined;
  return { reason: `there is no ${path}`, text: path, hint };
}

/** The text from the word at the range on; a range at the end has none. */
function wordsAt(text: string, range: LibraryError['range']): string {
  if (!range || range.start >= text.length) return '';
  const before = /[\w.]*$/.exec(text.slice(0, range.start))?.[0] ?? '';
  return text.slice(range.start - before.length, Math.max(range.end, range.start + 1));
}

function withoutLiterals(text: string): string {
  return text.replaceAll(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g, '""');
}

function typeWords(type: string): string {
  return { string: 'a text', int: 'a number', uint: 'a number', double: 'a number', null: 'null' }[type] ?? `a ${type}`;
}

/** Every `inputs.name`, `tasks.name`, `tasks["name"]` and what is read of it. */
function namesIn(ast: ASTNode): ExpressionName[] {
  const names: ExpressionName[] = [];
  const visit = (node: ASTNode, isAsked: boolean): void => {
    const chain = chainOf(node);
    if (chain) {
      const [key, field] = chain.keys;
      const text = ast.input.slice(node.start, node.end);
      names.push({ group: chain.group, key, field, text, isAsked });
      for (const computed of chain.computed) visit(computed, false);
      return;
    }
    const asks = node.op === 'call' && node.args[0] === 'has';
    for (const child of childrenOf(node.args)) visit(child, asks);
  };
  visit(ast, false);
  return names;
}

interface Chain {
  readonly group: ExpressionName['group'];
  /** Names from the group on, as far as they are written out. */
  readonly keys: readonly (string | undefined)[];
  readonly computed: readonly ASTNode[];
}

/** What a node reads, where it is a path that begins at `inputs` or `tasks`. */
function chainOf(node: ASTNode): Chain | undefined {
  if (node.op === 'id') {
    const group = node.args;
    return group === 'inputs' || group === 'tasks' ? { group, keys: [], computed: [] } : undefined;
  }
  if (node.op !== '.' && node.op !== '[]') return undefined;
  const [base, key] = node.args;
  const chain = chainOf(base);
  if (!chain) return undefined;
  if (typeof key === 'string') return { ...chain, keys: [...chain.keys, key] };
  const isText = key.op === 'value' && typeof key.args === 'string';
  const name = isText ? (key.args as string) : undefined;
  return { ...chain, keys: [...chain.keys, name], computed: isText ? chain.computed : [...chain.computed, key] };
}

function childrenOf(args: unknown): ASTNode[] {
  if (Array.isArray(args)) return args.flatMap(childrenOf);
  return typeof args === 'object' && args !== null && 'op' in args ? [args as ASTNode] : [];
}
