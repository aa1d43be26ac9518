import type { LanguageModelV3Message, LanguageModelV3Prompt } from '@ai-sdk/provider';
import { fieldOf } from '../definition/crew-agents.js';
import type { AgentDefinition, ModelDefinition } from '../definition/types.js';
import { contextWindowError, lengthRefusedError } from '../limits/limit-errors.js';
import { type ContextWindow, findContextWindow } from '../models/context-window.js';
import { countMessageTokens, countTokensOf, mostTokensOf, type SizedRequest } from '../models/request-tokens.js';
import { formatCount } from '../util/amounts.js';
import { addSpend, NO_SPEND, type Spend } from '../util/spend.js';
import { type CalledAnswer, callModel, type ModelCall, modelsOf } from './call-model.js';
import { cutResults } from './cut-results.js';
import type { RunContext, WorkPlace } from './run-context.js';
import { summarise } from './summarise.js';

/** Part of the window that the last turns may have beside a summary of those before them. */
const KEPT_PART = 1 / 3;

/** Part of a conversation that was refused as too long which may be left of it. */
const PRESSED_PART = 1 / 2;

/** Part of the room for a request that a summary may take, and the most tokens of one. */
const SUMMARY_PART = 1 / 8;
const MOST_SUMMARY_TOKENS = 4000;

/** A call of an agent's loop, with the refusals of those right before it that were too long. */
export interface FittedCall extends ModelCall {
  readonly agent: AgentDefinition;
  readonly refusals: readonly CalledAnswer[];
}

/**
 * Makes a model call, before which a conversation that is too long for the model's window is shortened: its middle gives way
 * to a summary, and the longest results lose theirs. One that the provider refused although it seemed to fit is shortened to
 * half of it, once. The spend is with that of the summary, a step at `<place>/summary/<number>`. Rejects with LimitError
 * where the agent may not shorten it, or where that is not enough.
 */
export async function callWithinWindow(run: RunContext, place: WorkPlace, call: FittedCall): Promise<CalledAnswer> {
  const { notices, spend } = await fitConversation(run, place, call);
  const answer = await callModel(run, place, { ...call, notices, tellsTooLong: true });
  return { ...answer, spend: addSpend(answer.spend, spend) };
}

interface Fitted {
  readonly notices: readonly string[];
  readonly spend: Spend;
}

const FITS: Fitted = { notices: [], spend: NO_SPEND };

async function fitConversation(run: RunContext, place: WorkPlace, call: FittedCall): Promise<Fitted> {
  const { agent, conversation, refusals } = call;
  const refusal = refusals.at(-1);
  const request = requestOf(call);
  const most = mostTokensOf(request);
  const model = modelsOf(call)[0] as ModelDefinition;
  const window = await findContextWindow(model, most);
  if (!refusal && (!window || most <= window.requestTokens)) return FITS;
  const tokens = await countTokensOf(request);
  const room = roomFor({ window, tokens, isRefused: refusal !== undefined });
  if (tokens <= room) return FITS;
  const facts = { runId: run.runId, agent, field: fieldOf(agent, run.definition), tokens };
  const fail = (restTokens?: number): Fitted => {
    const hasTurn = conversation.messages.some(({ role }) => role === 'assistant');
    const rest = restTokens === undefined ? undefined : { tokens: restTokens, hasTurn };
    if (!refusal && window) throw contextWindowError({ ...facts, model: model.reference, window, rest });
    // Where the run ended of it once and goes on, it may be another model by now.
    if (refusal && !refusal.isRemembered) {
      throw lengthRefusedError({ ...facts, model: refusal.model, words: refusal.tooLong ?? '' });
    }
    return FITS;
  };
  if (refusals.length > 1) fail();
  if (!agent.respectContextWindow) return fail();

  const parts = await divide(conversation.messages, refusal || !window ? 0 : Math.floor(window.tokens * KEPT_PART));
  const fixed = tokens - parts.middleTokens;
  const summaryTokens = parts.turns === 0 ? 0 : summaryTokensFor(room, parts.middleTokens);
  const excess = fixed + summaryTokens - room;
  const cuts = excess > 0 ? await cutResults(run.prompts, conversation, { from: parts.to, excess }) : [];
  if (!cuts) return fail(fixed);
  const notices = cuts.map(
    ({ toolName, leftOut, tokens: whole }) =>
      `the result of ${toolName} is too long for ${model.reference}: ${formatCount(leftOut)} of its ${formatCount(whole)} tokens are left out`,
  );
  if (parts.turns === 0) return { notices, spend: NO_SPEND };
  const { from, to, turns } = parts;
  const summary = await summarise(
    run,
    { ...place, path: `${place.path}/summary/${call.number}` },
    {
      agent,
      piece: 'summarise_conversation',
      text: toTranscript(conversation.messages.slice(from, to)),
      task: wordsOf(conversation.messages[from - 1]),
      tokens: summaryTokens,
      mostAtOnce: room,
    },
  );
  conversation.summarise({ from, to, text: run.prompts.say('conversation_summary', { summary: summary.text }) });
  const after = await countTokensOf(requestOf(call));
  const said = `${turns} turn${turns === 1 ? ' is' : 's are'} summed up, ${formatCount(tokens)} → ${formatCount(after)} tokens`;
  notices.push(`the conversation of ${agent.role} is too long for ${model.reference}: ${said}`);
  if (summary.leftOut > 0) notices.push(`the end of that summary, ${formatCount(summary.leftOut)} tokens, is left out`);
  return { notices, spend: summary.spend };
}

function requestOf({ conversation, tools, responseSchema }: ModelCall): SizedRequest {
  return { messages: conversation.messages, tools, ...(responseSchema && { responseSchema }) };
}

function roomFor({
  window,
  tokens,
  isRefused,
}: {
  readonly window: ContextWindow | undefined;
  readonly tokens: number;
  readonly isRefused: boolean;
}): number {
  return isRefused || !window ? Math.floor(tokens * PRESSED_PART) : window.requestTokens;
}

function summaryTokensFor(room: number, middleTokens: number): number {
  return Math.floor(Math.min(room * SUMMARY_PART, middleTokens / 2, MOST_SUMMARY_TOKENS));
}

/** What of a conversation gives way to a summary: from the first turn up to the last turns, which stay as they are. */
interface Division {
  readonly from: number;
  readonly to: number;
  /** Answers in it. 0: there is nothing to sum up. */
  readonly turns: number;
  readonly middleTokens: number;
}

/**
 * Divides a conversation. Its head is everything up to the task; a turn is an answer with what came of it, so that calls and
 * their results stay together. As many of the last turns stay as have that many tokens; one at least.
 */
async function divide(messages: LanguageModelV3Prompt, keptTokens: number): Promise<Division> {
  const from = messages.findIndex(({ role }) => role === 'user') + 1;
  const answers = [...messages.keys()].filter((index) => index >= from && messages[index]?.role === 'assistant');
  const later = answers.filter((index) => index > from);
  let to = later.at(-1) ?? from;
  for (const start of later.toReversed()) {
    if ((await countMessageTokens(messages.slice(start))) > keptTokens) break;
    to = start;
  }
  const turns = answers.filter((index) => index < to).length;
  if (turns === 0) return { from, to: from, turns, middleTokens: 0 };
  return { from, to, turns, middleTokens: await countMessageTokens(messages.slice(from, to)) };
}

/** The messages as a text to be summed up, without what the model only thought. */
function toTranscript(messages: readonly LanguageModelV3Message[]): string {
  return messages.map((message) => `[${message.role}]\n${wordsOf(message)}`).join('\n\n');
}

function wordsOf(message: LanguageModelV3Message | undefined): string {
  if (message === undefined || typeof message.content === 'string') return message?.content.toString() ?? '';
  return message.content
    .flatMap((part) => {
      switch (part.type) {
        case 'text':
          return [part.text];
        case 'tool-call':
          return [`${part.toolName} ${JSON.stringify(part.input)}`];
        case 'tool-result':
          return 'value' in part.output ? [`${part.toolName}: ${String(part.output.value)}`] : [];
        default:
          return [];
      }
    })
    .join('\n');
}
