import { all, create, type MathJsInstance, type MathNode } from 'mathjs';
import { messageOf } from '../../errors.js';
import { ToolError } from '../tool-error.js';
import type { JobResult } from './job.js';

/** Digits that are calculated with; more than are shown, so that rounding stays out of sight. */
const PRECISION = 64;
/** Digits of a number that is shown in full, and of one that has more. */
const EXACT_DIGITS = 40;
const SHOWN_DIGITS = 20;
const MOST_CHARACTERS = 10_000;
/** A long chain of operators is a deep tree. */
const MOST_EXPRESSION_CHARACTERS = 2000;

/** What makes or runs code, changes the library, takes functions, or is different each time. */
const REFUSED = new Set(
  [
    'import config typed createUnit splitUnit evaluate parse compile parser chain help reviver replacer',
    'simplify simplifyCore simplifyConstant derivative rationalize resolve symbolicEqual leafCount solveODE',
    'map forEach filter print format random randomInt pickRandom',
  ].flatMap((names) => names.split(' ')),
);

let precise: MathJsInstance | undefined;
let plain: MathJsInstance | undefined;

/** The value of an expression, exact in the decimals where it can be. Rejects with ToolError. */
export async function evaluateExpression({ expression }: { readonly expression: string }): Promise<JobResult> {
  if (expression.trim() === '') throw new ToolError('the expression is empty');
  if (expression.length > MOST_EXPRESSION_CHARACTERS) {
    throw new ToolError(`the expression has more than ${MOST_EXPRESSION_CHARACTERS} characters; calculate in parts`);
  }
  precise ??= create(all ?? {}, { number: 'BigNumber', precision: PRECISION });
  let value: unknown;
  try {
    checkNode(precise.parse(expression));
    value = evaluate(precise, expression);
  } catch (error) {
    if (!isOfOtherNumbers(error)) throw inWords(error);
    plain ??= create(all ?? {}, {});
    value = orInWords(plain, expression);
  }
  const text = format(precise, value);
  if (text.length > MOST_CHARACTERS)
    throw new ToolError(`the result has ${text.length} characters; calculate a part of it`);
  return { text };
}

/** Functions such as `erf` take ordinary numbers only. */
function isOfOtherNumbers(error: unknown): boolean {
  return error instanceof Error && /\bBigNumber\b/.test(error.message);
}

function orInWords(math: MathJsInstance, expression: string): unknown {
  try {
    return evaluate(math, expression);
  } catch (error) {
    throw inWords(error);
  }
}

function evaluate(math: MathJsInstance, expression: string): unknown {
  return math.parse(expression).compile().evaluate(new Map()) as unknown;
}

function checkNode(root: MathNode): void {
  root.traverse((node) => {
    const { type, name, isObjectProperty } = node as { type: string; name?: string; isObjectProperty?: () => boolean };
    if (type === 'AssignmentNode' || type === 'FunctionAssignmentNode') {
      throw new ToolError('nothing can be assigned; put the value itself into the expression');
    }
    if (type === 'BlockNode') throw new ToolError('only one expression at a time');
    if (type === 'ObjectNode' || (type === 'IndexNode' && isObjectProperty?.call(node) === true)) {
      throw new ToolError('objects and properties cannot be used; use numbers, lists, units and functions');
    }
    if (name !== undefined && REFUSED.has(name)) throw new ToolError(`${name} cannot be used here`);
  });
}

function inWords(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof ToolError) return error;
  const message = messageOf(error);
  const [, unknown] = /^Undefined symbol (.+)$/.exec(message) ?? [];
  if (unknown !== undefined) {
    return new ToolError(`${unknown} is neither a number, a unit nor a function; put its value in its place`, {
      cause: error,
    });
  }
  const hint =
    error instanceof SyntaxError
      ? '; write it like 2 * (3 + 4) / 5, with a point for decimals and no commas in numbers'
      : '';
  return new ToolError(`${message}${hint}`, { cause: error });
}

function format(math: MathJsInstance, value: unknown): string {
  if (value === undefined || typeof value === 'function') throw new ToolError('it gives no value; calculate one');
  if (typeof value === 'string') return value;
  return math.format(value, (number: unknown) => formatNumber(math, number));
}

function formatNumber(math: MathJsInstance, value: unknown): string {
  if (/Infinity|NaN/.test(String(value))) {
    throw new ToolError('it has no finite value: something is divided by zero, or the number is too large');
  }
  if (!math.isBigNumber(value)) return math.format(value, { precision: 15, lowerExp: -9, upperExp: 15 });
  if (value.isInteger() && value.e < PRECISION) return value.toFixed();
  const precision = value.precision() <= EXACT_DIGITS ? EXACT_DIGITS : SHOWN_DIGITS;
  return math.format(value, { precision, lowerExp: -9, upperExp: SHOWN_DIGITS });
}
