import { performerOf, teamOf } from '../definition/crew-agents.js';
import type { CrewDefinition, TaskDefinition } from '../definition/types.js';
import { messageOf, TaskError } from '../errors.js';
import type { PlanStepRequest, PlanStepResponse } from '../journal/step-payloads.js';
import { extractJson } from '../util/extract-json.js';
import { fingerprintOf } from '../util/fingerprint.js';
import { isJsonObject, type JsonSchema } from '../util/json.js';
import { addSpend, NO_SPEND, type Spend } from '../util/spend.js';
import { askUntilReadable } from './ask-until-readable.js';
import { modelIdentity } from './call-model.js';
import { Conversation } from './conversation.js';
import type { PlannedTask } from './prompts.js';
import type { RunContext } from './run-context.js';

/** Path of the plan's step; no task key can be the same. */
const PLAN_PATH = '@plan';
/** Who plans, as steps and people call it. */
const PLANNER = 'Planner';

/** What to do, by task key. */
export type Plan = PlanStepResponse['plan'];

/**
 * The plan for the tasks that are not done, made in one call before the first of them, as a step of the run; undefined where
 * the crew wants none, or nothing is to be done. The step's fingerprint is that of a plan for all tasks, whichever are done:
 * by it a replay knows a plan that still holds. Rejects with TaskError where the model gives no plan.
 */
export async function planRun(run: RunContext, done: ReadonlySet<string>): Promise<Plan | undefined> {
  const { planning, tasks } = run.definition;
  const open = tasks.filter(({ key }) => !done.has(key));
  const [model] = planning?.models ?? [];
  if (!planning || !model || open.length === 0) return undefined;
  const request: PlanStepRequest = { tasks: open.map(({ key }) => key) };
  const whole = promptFor(run, tasks, []);
  let startedAt: number | undefined;
  const tellEnd = (plan: Plan, spend: Spend, error?: string): void => {
    if (startedAt === undefined) return;
    run.emit({
      type: 'plan-end',
      plan,
      spend,
      durationMs: run.now() - startedAt,
      ...(error !== undefined && { error }),
    });
  };
  try {
    const { response, spend } = await run.journal.step(
      {
        path: PLAN_PATH,
        kind: 'plan',
        taskKey: '',
        agent: PLANNER,
        name: model.reference,
        request,
        fingerprint: fingerprintOf({ models: planning.models.map(modelIdentity), ...whole }),
        hasEffects: false,
      },
      async () => {
        startedAt = run.now();
        run.emit({ type: 'plan-start', model: model.reference });
        return { ...(await makePlan(run, planning, open)), isError: false };
      },
    );
    const { plan } = response as PlanStepResponse;
    tellEnd(plan, spend);
    return plan;
  } catch (error) {
    tellEnd({}, NO_SPEND, messageOf(error));
    throw error;
  }
}

async function makePlan(
  run: RunContext,
  { models }: NonNullable<CrewDefinition['planning']>,
  tasks: readonly TaskDefinition[],
): Promise<{ readonly response: PlanStepResponse; readonly spend: Spend }> {
  const keys = tasks.map(({ key }) => key);
  const finished = run.definition.tasks.flatMap(({ key }) => (keys.includes(key) ? [] : [key]));
  const { system, text, schema } = promptFor(run, tasks, finished);
  const conversation = new Conversation(system);
  conversation.addUser(text);
  let spend = NO_SPEND;
  const place = { path: PLAN_PATH, taskKey: '' };
  const plan = await askUntilReadable(run, place, {
    agent: { key: PLAN_PATH, role: PLANNER, models, maxRpm: undefined },
    conversation,
    responseSchema: { name: 'plan', schema },
    read: (answer) => readPlan(answer, keys),
    askAgain: (trouble) => run.prompts.misplanned(trouble, schema),
    makeError: ({ model }, trouble, count) =>
      new TaskError(`${model} gave no plan, ${count} times: ${trouble}`, {
        hint: 'Name another model with planning_llm.',
      }),
    onSpend: (taken) => (spend = addSpend(spend, taken)),
  });
  return { response: { plan }, spend };
}

function promptFor(
  run: RunContext,
  tasks: readonly TaskDefinition[],
  finished: readonly string[],
): { readonly system: string; readonly text: string; readonly schema: JsonSchema } {
  const { definition, prompts } = run;
  const { manager, agents } = definition;
  const schema = planSchema(tasks.map(({ key }) => key));
  const namesOf = (key: string): string[] => (run.agentTools.get(key) ?? []).map(({ name }) => name);
  const planned = tasks.map((task): PlannedTask => {
    const performer = manager ? agents.find(({ key }) => key === task.agent) : performerOf(definition, task);
    const taskTools = (run.taskTools.get(task.key) ?? []).map(({ name }) => name);
    return {
      task,
      agentRole: performer?.role,
      toolNames: [...new Set([...(manager || !performer ? [] : namesOf(performer.key)), ...taskTools])],
      coworkerRoles: manager && task.coworkers ? teamOf(definition, task).map(({ role }) => role) : [],
    };
  });
  const team = manager && agents.map(({ key, role, goal }) => ({ role, goal, toolNames: namesOf(key) }));
  return { system: prompts.planner(), text: prompts.plan({ tasks: planned, finished, team, schema }), schema };
}

function planSchema(keys: readonly string[]): JsonSchema {
  const plan = {
    type: 'object',
    properties: Object.fromEntries(keys.map((key) => [key, { type: 'string' }])),
    required: [...keys],
    additionalProperties: false,
  };
  return { type: 'object', properties: { plan }, required: ['plan'], additionalProperties: false };
}

/** The plan in an answer, also where it is not wrapped, or has lists of steps; or why there is none. */
function readPlan(text: string, keys: readonly string[]): { readonly value: Plan } | { readonly trouble: string } {
  const answer = extractJson(text);
  if (!isJsonObject(answer)) return { trouble: 'it is not a JSON object' };
  const parts = isJsonObject(answer['plan']) ? answer['plan'] : answer;
  const plan = Object.fromEntries(keys.map((key) => [key, partOf(parts[key])]));
  const missing = keys.filter((key) => plan[key] === '');
  return missing.length === 0 ? { value: plan } : { trouble: `it says nothing about ${missing.join(', ')}` };
}

function partOf(value: unknown): string {
  if (typeof value === 'string') return value.trim();
  return Array.isArray(value) ? value.map(partOf).join('\n').trim() : '';
}
