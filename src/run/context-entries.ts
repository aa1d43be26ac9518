import type { AgentDefinition, ContextForm, TaskDefinition } from '../definition/types.js';
import { TaskError } from '../errors.js';
import { formatCount } from '../util/amounts.js';
import { extractJson } from '../util/extract-json.js';
import { isJsonObject, type JsonValue } from '../util/json.js';
import { settleAll } from '../util/settle-all.js';
import { addSpend, NO_SPEND, type Spend } from '../util/spend.js';
import { cutEnd } from './cut-text.js';
import type { ContextEntry } from './prompts.js';
import type { RunContext } from './run-context.js';
import { summarise } from './summarise.js';

/** Most tokens of a summary that has no `max_tokens`. */
const SUMMARY_TOKENS = 500;

/**
 * The context of a task in the forms that it asks for: whole, summed up by the agent's model (a step at
 * `<task>/context/<other task>`), a part of a structured output, and cut where it is longer than it may be. Rejects with
 * TaskError where an output does not have the part.
 */
export async function formContext(
  run: RunContext,
  { task, agent }: { readonly task: TaskDefinition; readonly agent: AgentDefinition },
  entries: readonly ContextEntry[],
): Promise<{ readonly context: readonly ContextEntry[]; readonly spend: Spend }> {
  const formed = await settleAll(
    entries.map(async (entry) => {
      const form = Object.hasOwn(task.contextForms, entry.taskKey) ? task.contextForms[entry.taskKey] : undefined;
      return form ? formEntry(run, { task, agent, form }, entry) : { entry, spend: NO_SPEND };
    }),
  );
  return {
    context: formed.map(({ entry }) => entry),
    spend: formed.reduce((sum, { spend }) => addSpend(sum, spend), NO_SPEND),
  };
}

async function formEntry(
  run: RunContext,
  { task, agent, form }: { readonly task: TaskDefinition; readonly agent: AgentDefinition; readonly form: ContextForm },
  { taskKey, text: whole }: ContextEntry,
): Promise<{ readonly entry: ContextEntry; readonly spend: Spend }> {
  const { as, maxTokens } = form;
  const tell = (leftOut: number, what: string): void => {
    // A task that began before has heard of it.
    if (leftOut === 0 || run.store.findStep(run.runId, `${task.key}/llm/1`)) return;
    const limit = `max_tokens ${formatCount(maxTokens ?? SUMMARY_TOKENS)}`;
    const message = `context of ${task.key}: the last ${formatCount(leftOut)} tokens of ${what} are left out (${limit})`;
    run.emit({ type: 'warning', taskKey: task.key, message });
  };
  if (as === 'summary') {
    const place = { path: `${task.key}/context/${taskKey}`, taskKey: task.key };
    const { text, leftOut, spend } = await summarise(run, place, {
      agent,
      piece: 'summarise_result',
      text: whole,
      task: task.description,
      tokens: maxTokens ?? SUMMARY_TOKENS,
    });
    tell(leftOut, `the summary of ${taskKey}`);
    return { entry: { taskKey, text }, spend };
  }
  const given = as === 'json' ? partOf(task, { taskKey, text: whole }, form) : whole;
  if (maxTokens === undefined) return { entry: { taskKey, text: given }, spend: NO_SPEND };
  const { text, leftOut } = await cutEnd(run.prompts, given, maxTokens);
  tell(leftOut, as === 'json' ? `${taskKey} ${nameOf(form)}` : taskKey);
  return { entry: { taskKey, text }, spend: NO_SPEND };
}

/** The part of a structured output that a path leads to: a text as it is, anything else as JSON. */
function partOf(task: TaskDefinition, { taskKey, text }: ContextEntry, form: ContextForm): string {
  const fail = (place: string, there: string): never => {
    throw new TaskError(`context of ${task.key}: the output of ${taskKey} has no ${nameOf(form)}; ${place} ${there}`, {
      hint: `Name another part in tasks.${task.key}.context, or have the schema of ${taskKey} require this one.`,
    });
  };
  let value = extractJson(text) as JsonValue | undefined;
  if (value === undefined) return fail('it', 'is not JSON');
  let place = 'json';
  for (const name of form.jsonPath === '' ? [] : form.jsonPath.split('.')) {
    const next = childOf(value, name);
    if (next === undefined) return fail(place, describe(value));
    value = next;
    place += `.${name}`;
  }
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function nameOf({ jsonPath }: ContextForm): string {
  return jsonPath === '' ? 'json' : `json.${jsonPath}`;
}

function childOf(value: JsonValue, name: string): JsonValue | undefined {
  if (Array.isArray(value)) return /^\d+$/.test(name) ? value[Number(name)] : undefined;
  return isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

function describe(value: JsonValue): string {
  if (Array.isArray(value)) return value.length === 0 ? 'is an empty list' : `is a list with 0 to ${value.length - 1}`;
  if (!isJsonObject(value)) return `is ${JSON.stringify(value).slice(0, 40)}`;
  const names = Object.keys(value);
  return names.length === 0 ? 'is empty' : `has ${names.join(', ')}`;
}
