import { extractJson } from '../util/extract-json.js';
import { isJsonObject, type JsonSchema } from '../util/json.js';
import { addSpend, NO_SPEND, type Spend } from '../util/spend.js';
import type { AgentWork } from './agent-loop.js';
import { openConversation } from './agent-prompt.js';
import { callModel, textOf } from './call-model.js';
import type { Conversation } from './conversation.js';
import { withoutThinking } from './decide.js';
import type { RunContext, WorkPlace } from './run-context.js';

/** What is missing comes out while the plan is written, so that the verdict is last. */
const THOUGHT: JsonSchema = {
  type: 'object',
  properties: { plan: { type: 'string' }, ready: { type: 'boolean' } },
  required: ['plan', 'ready'],
  additionalProperties: false,
};

/** The beginning of an agent's work, and what it took: an agent with `reasoning` thinks first, in steps at `<place>/reasoning`. */
export async function beginConversation(
  run: RunContext,
  place: WorkPlace,
  work: AgentWork,
): Promise<{ readonly conversation: Conversation; readonly spend: Spend }> {
  const { agent, prompt, system, files } = work;
  const { plan, spend } = agent.reasoningAttempts > 0 ? await thinkOver(run, place, work) : NO_THOUGHT;
  const text = run.prompts.work(prompt, plan);
  const moment = momentFor(run, work);
  return { conversation: openConversation(agent, { system, text, files, moment }), spend };
}

const NO_THOUGHT = { plan: '', spend: NO_SPEND };

/** The plan that the agent made when it was ready, or else the last one. */
async function thinkOver(run: RunContext, place: WorkPlace, work: AgentWork): Promise<typeof NO_THOUGHT> {
  const { agent, system, files } = work;
  const offers = work.tools.map(({ offer }) => offer);
  const text = run.prompts.thinking(work.prompt, offers, THOUGHT);
  const conversation = openConversation(agent, { system, text, files, moment: momentFor(run, work) });
  const at = { ...place, path: `${place.path}/reasoning` };
  let plan = '';
  let spend = NO_SPEND;
  for (let number = 1; number <= agent.reasoningAttempts; number += 1) {
    if (number > 1) conversation.addUser(run.prompts.say('think_again'));
    const answer = await callModel(run, at, {
      agent,
      conversation,
      tools: [],
      toolsBefore: undefined,
      responseSchema: { name: 'plan', schema: THOUGHT },
      number,
    });
    conversation.addAnswer(answer.content);
    spend = addSpend(spend, answer.spend);
    const thought = readThought(withoutThinking(textOf(answer)));
    plan = thought.plan || plan;
    if (thought.isReady) break;
  }
  return { plan, spend };
}

/** A text in no form is a plan too. */
function readThought(text: string): { readonly plan: string; readonly isReady: boolean } {
  const value = extractJson(text);
  if (!isJsonObject(value) || typeof value['plan'] !== 'string')
    return { plan: text.trim(), isReady: text.trim() !== '' };
  return { plan: value['plan'].trim(), isReady: value['ready'] !== false };
}

function momentFor(run: RunContext, { agent }: AgentWork): string | undefined {
  return agent.dateFormat === undefined ? undefined : run.today?.moment;
}
