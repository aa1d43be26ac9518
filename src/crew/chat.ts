import type { LanguageModelV3ToolCall } from '@ai-sdk/provider';
import { TaskError } from '../errors.js';
import { createModelClient } from '../models/client.js';
import { textOf } from '../run/call-model.js';
import { Conversation, type ToolResult } from '../run/conversation.js';
import { argumentsOf } from '../run/loop-tool.js';
import { createPrompts } from '../run/prompts.js';
import { isJsonObject } from '../util/json.js';
import { addSpend, NO_SPEND, type Spend } from '../util/spend.js';
import { createChatTools, type ChatResult, type ChatToolOptions } from './chat-tools.js';
import { redactorOf } from './redactor-of.js';

/** A conversation of a user with a model that runs a crew for them. It is kept in memory only. */
export interface Chat {
  /**
   * Hands on what the user wrote; resolves when it is their turn again. Rejects as a model call does: the conversation can
   * go on all the same.
   */
  say(line: string, signal: AbortSignal): Promise<void>;
  /** What the chat's own calls took so far; its runs are not in it. */
  readonly spend: Spend;
}

export interface ChatOptions extends Omit<ChatToolOptions, 'prompts'> {
  /** Told what the model says. */
  readonly onText: (text: string) => void;
  /** Told in one sentence when a call is retried or a fallback steps in. */
  readonly onNotice: (notice: string) => void;
}

/** Calls for one line of the user: a model that goes on without end would spend without end. */
const MOST_CALLS = 20;

/** Opens a chat with a crew that was loaded for one. */
export function openChat(options: ChatOptions): Chat {
  const { definition, onText, onNotice } = options;
  const { name, tasks, language, promptTexts, environment, chatModels = [] } = definition;
  const prompts = createPrompts({ texts: promptTexts, language });
  const redactor = redactorOf(definition);
  const tools = createChatTools({ ...options, prompts });
  const models = createModelClient({ env: environment });
  const list = tasks.map(({ key, description }) => `- ${key}: ${description}`).join('\n');
  const system = [
    prompts.say('chat', { name, tasks: list }),
    ...(language === undefined ? [] : [prompts.say('language', { language })]),
  ].join('\n');
  const conversation = new Conversation(system);
  let spend = NO_SPEND;

  const callTool = async ({ toolName, input }: LanguageModelV3ToolCall, signal: AbortSignal): Promise<ChatResult> => {
    const tool = tools.get(toolName);
    if (!tool) return { text: prompts.unknownTool(toolName, [...tools.keys()]), isError: true };
    const args = argumentsOf(input);
    if (isJsonObject(args)) return tool.call(args, signal);
    return { text: prompts.say('bad_arguments', { reason: 'must be a JSON object' }), isError: true };
  };

  return {
    get spend() {
      return spend;
    },
    async say(line, signal) {
      conversation.addUser(line);
      for (let calls = 0; calls < MOST_CALLS; calls += 1) {
        const request = { messages: conversation.messages, tools: [...tools.values()].map(({ offer }) => offer) };
        const answer = await models.call(chatModels, request, { signal, onNotice });
        spend = addSpend(spend, answer.spend);
        const text = textOf(answer).trim();
        const toolCalls = answer.content.filter((part) => part.type === 'tool-call');
        conversation.addAnswer(answer.content);
        if (text !== '') onText(redactor.text(text));
        if (toolCalls.length === 0) {
          if (text === '') onNotice(`${answer.model} answered nothing; say it in other words`);
          if (answer.finishReason === 'length') onNotice('the answer was cut off at its length limit');
          return;
        }
        const results: ToolResult[] = [];
        let isStopped = false;
        // One after the other: each run has the terminal for itself.
        for (const call of toolCalls) {
          const result: ChatResult = isStopped ? STOPPED : await callTool(call, signal);
          isStopped ||= result.isStopped ?? false;
          const { toolCallId, toolName } = call;
          results.push({ toolCallId, toolName, step: toolCallId, text: result.text, isError: result.isError });
        }
        conversation.addToolResults(results);
        if (isStopped) return;
      }
      throw new TaskError(`the model made ${MOST_CALLS} calls without an answer`, { hint: 'say how to go on' });
    },
  };
}

const STOPPED: ChatResult = { text: 'Not carried out: the user has stopped.', isError: true };
