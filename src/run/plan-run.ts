import type { CrewDefinition, TaskDefinition } from '../definition/types.js';
import { messageOf, TaskError } from '../errors.js';
import type { PlanStepRequest, PlanStepResponse } from '../journal/step-payloads.js';
import { extractJson } from '../util/extract-json.js';
import { fingerprintOf } from '../util/fingerprint.js';
import { isJsonObject, type JsonSchema } from '../util/json.js';
import { addSpend, NO_SPEND, type Spend } from '../util/spend.js';
import { callModel, modelIdentity, textOf } from './call-model.js';
import { Conversation } from './conversation.js';
import { withoutThinking } from './decide.js';
import { performerOf, teamOf } from './execute-task.js';
import type { PlannedTask } from './prompts.js';
import type { RunContext } from './run-context.js';

/** Path of the plan's step; no task key can be the same. */
const PLAN_PATH = '@plan';
/** Who plans, as steps and people call it. */
const PLANNER = 'Planner';
/** Answers without a plan after which no other one is asked for. */
const MOST_UNREADABLE = 3;

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
  const agent = { key: PLAN_PATH, role: PLANNER, models, maxRpm: undefined };
  let unreadable = 0;
  let spend = NO_SPEND;
  for (let number = 1; ; number += 1) {
    const answer = await callModel(
      run,
      { path: PLAN_PATH, taskKey: '' },
      { agent, conversation, tools: [], toolsBefore: undefined, responseSchema: { name: 'plan', schema }, number },
    );
    spend = addSpend(spend, answer.spend);
    const found = readPlan(withoutThinking(textOf(answer)), keys);
    if ('plan' in found) return { response: found, spend };
    unreadable += 1;
    if (unreadable >= MOST_UNREADABLE) {
      // Where the run ended of it once already and goes on, it would do so for ever.
      if (!answer.isRemembered) {
        throw new TaskError(`${answer.model} gave no plan, ${unreadable} times: ${found.reason}`, {
          hint: 'Name another model with planning_llm.',
        });
      }
      unreadable = 0;
    }
    conversation.addAnswer(answer.content);
    conversation.addUser(run.prompts.misplanned(found.reason, schema));
  }
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
function readPlan(text: string, keys: readonly string[]): PlanStepResponse | { readonly reason: string } {
  const value = extractJson(text);
  if (!isJsonObject(value)) return { reason: 'it is not a JSON object' };
  const parts = isJsonObject(value['plan']) ? value['plan'] : value;
  const plan = Object.fromEntries(keys.map((key) => [key, partOf(parts[key])]));
  const missing = keys.filter((key) => plan[key] === '');
  return missing.length === 0 ? { plan } : { reason: `it says nothing about ${missing.join(', ')}` };
}

function partOf(value: unknown): string {
  if (typeof value === 'string') return value.trim();
  return Array.isArray(value) ? value.map(partOf).join('\n').trim() : '';
}
