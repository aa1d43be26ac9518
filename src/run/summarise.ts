import type { AgentDefinition, ModelDefinition } from '../definition/types.js';
import { findContextWindow } from '../models/context-window.js';
import { withoutMargin } from '../models/request-tokens.js';
import { loadTokenizer, mostTokens } from '../util/count-tokens.js';
import { addSpend, NO_SPEND, type Spend } from '../util/spend.js';
import { callModel, textOf } from './call-model.js';
import { Conversation } from './conversation.js';
import { cutEnd, type CutText } from './cut-text.js';
import { withoutThinking } from './decide.js';
import type { RunContext, WorkPlace } from './run-context.js';

/** Words to a token, on the safe side: people think in words, and models keep to them. */
const WORDS_PER_TOKEN = 0.6;

/** Tokens of the task's text that a request for a summary has. */
const TASK_TOKENS = 500;

/** Least tokens of a text that are summed up at once, however small the window is. */
const LEAST_AT_ONCE = 200;

/** Tokens of a request for what stands between its texts. */
const BESIDE_TEXTS = 20;

export interface SummaryRequest {
  readonly agent: AgentDefinition;
  readonly piece: 'summarise_conversation' | 'summarise_result';
  readonly text: string;
  /** What the summary is for. */
  readonly task: string;
  /** Most tokens of the summary. */
  readonly tokens: number;
  /** Most tokens that are summed up at once, where the model's window is not known. */
  readonly mostAtOnce?: number;
}

export interface Summary extends CutText {
  readonly spend: Spend;
}

/**
 * Has the agent's model sum a text up: in one call, a step at `<place>/llm/1`, or in several where the text is too long for
 * one, each of which goes on from the summary of what came before. A summary that is longer than it may be is cut.
 */
export async function summarise(run: RunContext, place: WorkPlace, request: SummaryRequest): Promise<Summary> {
  const { agent, piece, tokens } = request;
  const task = (await cutEnd(run.prompts, request.task, TASK_TOKENS)).text;
  const words = Math.max(10, Math.floor((tokens * WORDS_PER_TOKEN) / 10) * 10);
  const instruction = run.prompts.say(piece, { task, words });
  const length = await findLength(request, instruction);
  let rest = request.text;
  let summary: CutText = { text: '', leftOut: 0 };
  let spend = NO_SPEND;
  for (let number = 1; rest !== ''; number += 1) {
    const part = rest.slice(0, length(rest));
    rest = rest.slice(part.length);
    const soFar = summary.text === '' ? [] : [run.prompts.say('summary_so_far', { summary: summary.text })];
    const conversation = new Conversation('');
    conversation.addUser([instruction, ...soFar, part].join('\n\n'));
    const at = number === 1 ? place : { ...place, path: `${place.path}/${number}` };
    const answer = await callModel(run, at, { agent, conversation, tools: [], toolsBefore: undefined, number: 1 });
    spend = addSpend(spend, answer.spend);
    const said = withoutThinking(textOf(answer)).trim();
    // An answer that holds nothing must not lose what it was to be about.
    summary = await cutEnd(run.prompts, said || `${summary.text}\n${part}`.trim(), tokens);
  }
  return { ...summary, spend };
}

/** Gives how many characters of a text fit into one call. */
async function findLength(
  { agent, text, tokens, mostAtOnce }: SummaryRequest,
  instruction: string,
): Promise<(rest: string) => number> {
  const most = mostTokens(text) + mostTokens(instruction) + tokens;
  const window = await findContextWindow(agent.models[0] as ModelDefinition, most);
  const room = window?.requestTokens ?? mostAtOnce;
  if (room === undefined || most <= room) return ({ length }) => length;
  const tokenizer = await loadTokenizer();
  const beside = tokenizer.count(instruction) + tokens + BESIDE_TEXTS;
  const atOnce = Math.max(LEAST_AT_ONCE, withoutMargin(room) - beside);
  return (rest) => tokenizer.beginningOf(rest, atOnce);
}
