import { fieldOf } from '../definition/crew-agents.js';
import type { AgentDefinition } from '../definition/types.js';
import { type CrewError, ProviderError, TaskError } from '../errors.js';
import { ASSUMED_DONE_RESULT } from '../journal/step-payloads.js';
import type { JsonValue } from '../util/json.js';
import { settleAll } from '../util/settle-all.js';
import { addSpend, type Spend } from '../util/spend.js';
import { createAnswerTeller, isOutputAsItIs } from './answer-teller.js';
import type { CalledAnswer } from './call-model.js';
import { withDeadline } from '../limits/deadline.js';
import { decide, isEndOfTools, MOST_EMPTY_ANSWERS } from './decide.js';
import { callWithinWindow } from './fit-context.js';
import { executionTimeError } from '../limits/limit-errors.js';
import type { InputFile } from './input-files.js';
import { type LoopTool, refuseCall, type ToolCall, type ToolCallResult } from './loop-tool.js';
import type { WorkPrompt } from './prompts.js';
import { beginConversation } from './reasoning.js';
import { type Rejection, type Review, unmetError } from './review.js';
import {
  countRepeats,
  isRepeatedTooOften,
  type RepeatCounts,
  repeatedCallError,
  repeatKey,
  REPEATS_TOLD,
} from './repeated-calls.js';
import type { RunContext, WorkPlace } from './run-context.js';

export interface AgentWork {
  readonly agent: AgentDefinition;
  readonly system: string;
  readonly prompt: WorkPrompt;
  /** Given with the prompt. Default none. */
  readonly files?: readonly InputFile[];
  readonly tools: readonly LoopTool[];
  /** What an answer has to pass before it counts. */
  readonly review?: Review | undefined;
}

export interface AgentAnswer {
  readonly text: string;
  /** The parsed answer, where an output schema was given; null otherwise. */
  readonly value: JsonValue;
  readonly spend: Spend;
}

/**
 * Lets an agent work until it has an answer: model call, tool calls, model call, and so on. Every call is a step below
 * `place.path`; when the agent's `max_execution_time` is over, what is under way is aborted. Rejects with LimitError
 * (repeated calls, time), UnmetError (schema), TaskError (no usable answer), ProviderError.
 */
export async function runAgentLoop(run: RunContext, place: WorkPlace, work: AgentWork): Promise<AgentAnswer> {
  const { role, maxExecutionTimeMs: ms } = work.agent;
  const field = fieldOf(work.agent, run.definition);
  const { signal, release } = withDeadline(run.signal, ms, () =>
    executionTimeError({ runId: run.runId, what: role, ms: ms ?? 0, field }),
  );
  try {
    return await workOn({ ...run, signal }, place, work);
  } finally {
    release();
  }
}

async function workOn(run: RunContext, place: WorkPlace, work: AgentWork): Promise<AgentAnswer> {
  const { agent, review } = work;
  const { conversation, spend: spentOnPlan } = await beginConversation(run, place, work);
  const tools = new Map(work.tools.map((tool) => [tool.offer.name, tool]));
  const offers = [...tools.values()].map(({ offer }) => offer);
  const responseSchema = review?.responseSchema;
  const teller = run.streamedTask === place.path ? createAnswerTeller(run.emit) : undefined;
  let repeats: RepeatCounts = new Map();
  const seenCallIds = new Set<string>();
  let spend = spentOnPlan;
  let offered: typeof offers | undefined;
  let refusals: CalledAnswer[] = [];
  const state = { ...NEW_ANSWER, offersTools: offers.length > 0 };
  let attempts = 0;
  let rejections: Rejection[] = [];

  /** The text as the answer of the work; undefined where it is not accepted, and the model was told why. */
  const submit = async (
    text: string,
    {
      answer,
      number,
      isOfTool,
    }: { readonly answer: CalledAnswer; readonly number: number; readonly isOfTool: boolean },
  ): Promise<AgentAnswer | undefined> => {
    if (!review) return { text, value: null, spend };
    attempts += 1;
    const verdict = await review.check(run, { text, number: attempts });
    spend = addSpend(spend, verdict.spend);
    if (verdict.kind === 'accepted') return { text: verdict.text, value: verdict.value, spend };
    if (verdict.kind === 'revise') rejections = [];
    else {
      rejections.push(verdict);
      if (rejections.length > review.mostRetries) {
        endUnlessRemembered(answer, unmetError(agent, rejections));
        rejections = [];
      }
    }
    // What a tool gave may have to be had from it again, whatever is wrong with it.
    const mayUseTools = isOfTool || verdict.mayUseTools;
    Object.assign(state, NEW_ANSWER, { offersTools: offers.length > 0 && number < agent.maxIter && mayUseTools });
    conversation.addUser(verdict.prompt);
    return undefined;
  };

  for (let number = 1; ; number += 1) {
    if (state.offersTools && number > agent.maxIter) {
      state.offersTools = false;
      // An answer that was cut is on its way already.
      if (state.partial === '') conversation.addUser(run.prompts.say('final_answer'));
    }
    const offering: typeof offers = state.offersTools ? offers : NO_OFFERS;
    const answer = withUniqueCallIds(
      await callWithinWindow(run, place, {
        agent,
        refusals,
        conversation,
        tools: offering,
        toolsBefore: offered,
        number,
        openTeller:
          teller && ((at) => teller.openCall(at, isOutputAsItIs(run.definition, { agent, review, offers: offering }))),
        ...(responseSchema && !state.offersTools && state.partial === '' && { responseSchema }),
      }),
      seenCallIds,
    );
    offered = offering;
    spend = addSpend(spend, answer.spend);
    conversation.addAnswer(answer.content);
    refusals = answer.tooLong === undefined ? [] : [...refusals, answer];
    if (answer.tooLong !== undefined) continue;

    const decision = decide(answer, state);
    if (offering.length > 0 && agent.functionCallingModels && isEndOfTools(decision)) {
      // The model that made the calls is not the one that answers.
      teller?.settle('finish');
      Object.assign(state, NEW_ANSWER, { offersTools: false });
      conversation.addUser(run.prompts.say('final_answer_after_tools'));
      continue;
    }
    teller?.settle(decision.kind);
    switch (decision.kind) {
      case 'call-tools': {
        repeats = countRepeats(repeats, decision.calls);
        const repeated = decision.calls.find((call) => isRepeatedTooOften(call, repeats));
        if (repeated) endUnlessRemembered(answer, repeatedCallError(agent, repeated));
        const results = await settleAll(
          decision.calls.map((call) =>
            repeated && isRepeatedTooOften(call, repeats)
              ? refuseCall(run, place, call, {
                  agentRole: agent.role,
                  reason: run.prompts.say('refused_repeat', { count: repeats.get(repeatKey(call)) ?? 0 }),
                })
              : carryOut(run, place, agent, tools, call),
          ),
        );
        conversation.addToolResults(
          results.map((result, index) => withNote(run, result, decision.calls[index] as ToolCall, repeats)),
        );
        if (repeated) repeats = new Map();
        spend = results.reduce((sum, result) => addSpend(sum, result.spend), spend);
        Object.assign(state, NEW_ANSWER);
        const isAnswer = (_: ToolCallResult, index: number) => tools.get(decision.calls[index]?.name ?? '')?.isAnswer;
        const text = results.filter(isAnswer).find(canBeAnswer)?.text;
        const accepted = text === undefined ? text : await submit(text, { answer, number, isOfTool: true });
        if (accepted) return accepted;
        break;
      }
      case 'continue':
        state.partial += decision.text;
        state.continuations += 1;
        conversation.addUser(run.prompts.say('continue'));
        break;
      case 'ask-again':
        state.emptyAnswers += 1;
        conversation.addUser(run.prompts.say('empty_answer'));
        break;
      case 'fail':
        endUnlessRemembered(answer, unusableAnswerError(agent, decision.reason, answer.model));
        Object.assign(state, NEW_ANSWER);
        conversation.addUser(run.prompts.say('unusable_answer'));
        break;
      case 'finish': {
        const accepted = await submit(decision.text, { answer, number, isOfTool: false });
        if (accepted) return accepted;
      }
    }
  }
}

/**
 * Ends the work with an error that its answers have led to. Where the run ended of it once already and goes on, it would
 * do so for ever: then the answer is only passed over, and every allowance begins anew after it.
 */
function endUnlessRemembered({ isRemembered }: CalledAnswer, error: CrewError): void {
  if (!isRemembered) throw error;
}

/** Whether the result of a tool whose results are answers is one: it ran, and something came of it that is known. */
function canBeAnswer({ text, isError }: ToolCallResult): boolean {
  return !isError && text.trim() !== '' && text !== ASSUMED_DONE_RESULT;
}

const NO_OFFERS: LoopTool['offer'][] = [];

/** What is known of an answer of which nothing has come yet. */
const NEW_ANSWER = { partial: '', continuations: 0, emptyAnswers: 0 };

function carryOut(
  run: RunContext,
  place: WorkPlace,
  agent: AgentDefinition,
  tools: ReadonlyMap<string, LoopTool>,
  call: ToolCall,
): Promise<ToolCallResult> {
  const tool = tools.get(call.name);
  return tool
    ? tool.call(run, call, agent.role)
    : refuseCall(run, place, call, {
        agentRole: agent.role,
        reason: run.prompts.unknownTool(call.name, [...tools.keys()]),
      });
}

function withNote(run: RunContext, result: ToolCallResult, call: ToolCall, repeats: RepeatCounts) {
  const count = repeats.get(repeatKey(call)) ?? 0;
  const { isError, step } = result;
  const text = count >= REPEATS_TOLD ? `${result.text}\n\n${run.prompts.say('repeated_call', { count })}` : result.text;
  return { toolCallId: call.id, toolName: call.name, text, isError, step };
}

/**
 * The answer with tool call ids that are unique in the conversation and fit into a step's path. Some servers number
 * their calls anew in each answer, or leave the id empty.
 */
function withUniqueCallIds(answer: CalledAnswer, seen: Set<string>): CalledAnswer {
  const content = answer.content.map((part) => {
    if (part.type !== 'tool-call') return part;
    const base = part.toolCallId.replaceAll(/[^\w.-]/g, '_').slice(0, 64) || 'call';
    let id = base;
    for (let copy = 2; seen.has(id); copy += 1) id = `${base}.${copy}`;
    seen.add(id);
    return { ...part, toolCallId: id };
  });
  return { ...answer, content };
}

function unusableAnswerError(agent: AgentDefinition, reason: 'cut' | 'empty' | 'filtered', model: string): CrewError {
  switch (reason) {
    case 'cut':
      return new TaskError(`the answer of ${agent.role} was cut off by the length limit of ${model} again and again`, {
        hint: 'Raise max_tokens of the model, or ask for a shorter output.',
      });
    case 'filtered':
      return new ProviderError(`the content filter of ${model} cut off the answer of ${agent.role}`, {
        trouble: 'content-filter',
        model,
        hint: 'Put the task in other words, or use another model.',
      });
    case 'empty':
      return new TaskError(`${agent.role} (${model}) answered with nothing, ${MOST_EMPTY_ANSWERS} times`, {
        hint: 'Try another model, or see the calls with crew show --steps.',
      });
  }
}
