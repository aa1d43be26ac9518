import type { LanguageModelV3Content, LanguageModelV3Message, LanguageModelV3Prompt } from '@ai-sdk/provider';
import type { ResultCut, Shortening, StoredMessage } from '../journal/step-payloads.js';
import { toMessageParts, toStoredFile } from './attached-files.js';
import type { InputFile } from './input-files.js';
import { argumentsOf } from './loop-tool.js';

type AssistantPart = Exclude<Extract<LanguageModelV3Message, { role: 'assistant' }>['content'], string>[number];

/** What came of one tool call, on its way back to the model. */
export interface ToolResult {
  readonly toolCallId: string;
  readonly toolName: string;
  /** Path of the step that holds the result. */
  readonly step: string;
  readonly text: string;
  readonly isError: boolean;
}

/**
 * A growing exchange with a model. Keeps the whole for the provider and, apart, what is new since the last answer,
 * so that a step stores each message once.
 */
export class Conversation {
  readonly #messages: LanguageModelV3Prompt = [];
  #freshFrom = 0;
  #fresh: StoredMessage[] = [];
  #shortened: Shortening | undefined;
  /** Steps that hold the results of tool calls, by their ids. */
  readonly #steps = new Map<string, string>();
  /** By content of the files that were added. */
  readonly #digests = new Map<unknown, string>();

  /** Without a system message where its text is empty. */
  constructor(system: string) {
    if (system === '') return;
    this.#messages.push({ role: 'system', content: system });
    this.#fresh.push({ role: 'system', text: system });
  }

  /** Everything so far, in the provider's format. */
  get messages(): LanguageModelV3Prompt {
    return this.#messages;
  }

  /** What is new since the last answer: as it is stored, and in full, with digests in the place of files. */
  get fresh(): {
    readonly stored: readonly StoredMessage[];
    readonly full: readonly unknown[];
    readonly shortened: Shortening | undefined;
  } {
    return {
      stored: this.#fresh,
      shortened: this.#shortened,
      full: this.#messages.slice(this.#freshFrom).map((message) => this.#digested(message)),
    };
  }

  /** Adds what is said to the model; the files come after the text. `moment` is what the text tells as today. */
  addUser(text: string, files: readonly InputFile[] = [], moment?: string): void {
    for (const { data, sha256 } of files) if (data) this.#digests.set(data, sha256);
    this.#messages.push({ role: 'user', content: [{ type: 'text', text }, ...files.flatMap(toMessageParts)] });
    const stored = files.length > 0 && { files: files.map(toStoredFile) };
    this.#fresh.push({ role: 'user', text, ...stored, ...(moment !== undefined && { moment }) });
  }

  addToolResults(results: readonly ToolResult[]): void {
    for (const { toolCallId, step } of results) this.#steps.set(toolCallId, step);
    this.#messages.push({
      role: 'tool',
      content: results.map(({ toolCallId, toolName, text, isError }) => ({
        type: 'tool-result',
        toolCallId,
        toolName,
        output: { type: isError ? 'error-text' : 'text', value: text },
      })),
    });
    this.#fresh.push({ role: 'tool', results: results.map(({ step }) => ({ step })) });
  }

  /** Adds a model's answer; everything before it is then no longer new. An answer without content adds nothing. */
  addAnswer(content: readonly LanguageModelV3Content[]): void {
    const parts = content.flatMap((part): AssistantPart[] => {
      const options =
        'providerMetadata' in part && part.providerMetadata ? { providerOptions: part.providerMetadata } : {};
      if (part.type === 'text' || part.type === 'reasoning') return [{ type: part.type, text: part.text, ...options }];
      if (part.type !== 'tool-call') return [];
      const { type, toolCallId, toolName, input } = part;
      return [{ type, toolCallId, toolName, input: argumentsOf(input), ...options }];
    });
    if (parts.length > 0) this.#messages.push({ role: 'assistant', content: parts });
    this.#freshFrom = this.#messages.length;
    this.#fresh = [];
    this.#shortened = undefined;
  }

  /** Puts a user message in the place of the messages from `from` up to `to`, none of which is new; once between two answers. */
  summarise(summary: NonNullable<Shortening['summary']>): void {
    const { from, to, text } = summary;
    this.#messages.splice(from, to - from, { role: 'user', content: [{ type: 'text', text }] });
    this.#freshFrom -= to - from - 1;
    this.#shortened = { ...this.#shortened, summary };
  }

  /** Puts a note in the place of the characters from `from` up to `to` of a tool's result. */
  cutResult(toolCallId: string, { from, to, note }: Omit<ResultCut, 'step'>): void {
    for (const [index, message] of this.#messages.entries()) {
      if (message.role !== 'tool') continue;
      const content = message.content.map((part) => {
        if (part.type !== 'tool-result' || part.toolCallId !== toolCallId) return part;
        const { output } = part;
        if (output.type !== 'text' && output.type !== 'error-text') return part;
        return { ...part, output: { ...output, value: output.value.slice(0, from) + note + output.value.slice(to) } };
      });
      if (content.some((part, at) => part !== message.content[at])) this.#messages[index] = { ...message, content };
    }
    const step = this.#steps.get(toolCallId) ?? '';
    this.#shortened = { ...this.#shortened, cuts: [...(this.#shortened?.cuts ?? []), { step, from, to, note }] };
  }

  #digested(message: LanguageModelV3Message): unknown {
    if (message.role !== 'user' || this.#digests.size === 0) return message;
    return {
      ...message,
      content: message.content.map((part) =>
        part.type === 'file' ? { ...part, data: this.#digests.get(part.data) } : part,
      ),
    };
  }
}
