import type { PermissionRule, Permissions } from '../definition/tool-types.js';
import { UsageError } from '../errors.js';
import type { Tool } from '../tools/tool.js';
import type { JsonObject, JsonValue } from '../util/json.js';
import { suggestHint } from '../util/suggest.js';
import { matchesWildcard } from '../util/wildcard.js';
import { formsOf, textOfValue } from './argument-forms.js';

/** What the rules of a crew say of a call. */
export type Verdict =
  | { readonly kind: 'allow' }
  /** A person has to agree to it; the rule as written. */
  | { readonly kind: 'ask'; readonly rule: string }
  /** Undefined: there is a list of what is allowed, and it is not on it. */
  | { readonly kind: 'deny'; readonly rule: string | undefined };

/** A call whose arguments are checked. */
export interface JudgedCall {
  readonly tool: Pick<Tool, 'name' | 'id'>;
  readonly args: JsonObject;
  /** Absolute. */
  readonly workingDirectory: string;
}

/**
 * What the rules say of a call. A rule that denies wins; of those that ask and allow, one with an argument comes before one
 * without, and among equals it is asked. Pure.
 */
export function judgeCall({ allow, ask, deny }: Permissions, call: JudgedCall): Verdict {
  const denied = deny.find((rule) => fits(rule, call, 'any'));
  if (denied) return { kind: 'deny', rule: denied.text };
  const asked = ask.filter((rule) => fits(rule, call, 'any'));
  const allowed = (allow ?? []).filter((rule) => fits(rule, call, 'all'));
  for (const hasArgument of [true, false]) {
    const isSuch = ({ argument }: PermissionRule): boolean => (argument !== undefined) === hasArgument;
    const asking = asked.find(isSuch);
    if (asking) return { kind: 'ask', rule: asking.text };
    if (allowed.some(isSuch)) return { kind: 'allow' };
  }
  return allow ? { kind: 'deny', rule: undefined } : { kind: 'allow' };
}

/** Whether any rule, or the want of one, may keep calls of the tool from being made. */
export function hasRulesFor({ allow, ask, deny }: Permissions, tool: Pick<Tool, 'name' | 'id'>): boolean {
  return allow !== undefined || [...ask, ...deny].some((rule) => namesTool(rule, tool));
}

/** Throws UsageError for a rule about an argument that none of the tools it names has: it would never hold. */
export function checkPermissions({ allow = [], ask, deny }: Permissions, tools: readonly Tool[]): void {
  for (const rule of [...deny, ...ask, ...allow]) {
    const { argument, text } = rule;
    if (!argument) continue;
    const parameters = tools.filter((tool) => namesTool(rule, tool)).map(({ parameters }) => parameters['properties']);
    const names = [...new Set(parameters.flatMap((properties) => Object.keys((properties ?? {}) as JsonObject)))];
    if (
      parameters.length === 0 ||
      parameters.some((properties) => properties === undefined) ||
      names.includes(argument.name)
    )
      continue;
    throw new UsageError(`permissions: ${text}: ${rule.tool} has no argument "${argument.name}"`, {
      hint: suggestHint(argument.name, names) ?? (names.length > 0 ? `it has ${names.join(', ')}` : undefined),
    });
  }
}

/** `any`: the rule holds if it may be meant; `all`: only if it is sure to be. */
type Strictness = 'any' | 'all';

function fits(rule: PermissionRule, { tool, args, workingDirectory }: JudgedCall, strictness: Strictness): boolean {
  if (!namesTool(rule, tool)) return false;
  if (!rule.argument) return true;
  const { name, pattern } = rule.argument;
  const value = Object.hasOwn(args, name) ? args[name] : undefined;
  if (value === undefined || value === null) return false;
  return strictness === 'any'
    ? mayFit(value, pattern, workingDirectory)
    : isSureToFit(value, pattern, workingDirectory);
}

function namesTool({ tool: pattern }: PermissionRule, { name, id }: Pick<Tool, 'name' | 'id'>): boolean {
  return matchesWildcard(pattern, name) || (id !== undefined && matchesWildcard(pattern, id));
}

/** Whether any way to read the value fits; upper and lower case are the same, as they are for some file systems. */
function mayFit(value: JsonValue, pattern: string, workingDirectory: string): boolean {
  const texts = Array.isArray(value) ? [...value.map(textOfValue), joined(value)] : [textOfValue(value)];
  const folded = fold(pattern);
  return texts.some((text) =>
    formsOf(text, workingDirectory).every.some((form) => matchesWildcard(folded, fold(form))),
  );
}

/**
 * Whether the value fits without a doubt. Each value of a list has to, or all of them joined where the pattern has a space: a
 * second path must not pass as the tail of the first.
 */
function isSureToFit(value: JsonValue, pattern: string, workingDirectory: string): boolean {
  const isSure = (text: string): boolean =>
    formsOf(text, workingDirectory).plain.some((form) => matchesWildcard(pattern, form));
  if (!Array.isArray(value)) return isSure(textOfValue(value));
  const isEach = value.length > 0 && value.every((entry) => isSure(textOfValue(entry)));
  return isEach || ((value.length === 0 || pattern.includes(' ')) && isSure(joined(value)));
}

function joined(values: readonly JsonValue[]): string {
  return values.map(textOfValue).join(' ');
}

function fold(text: string): string {
  return text.normalize('NFC').toLowerCase();
}
