import type { LanguageModelV3Content, LanguageModelV3Message, LanguageModelV3Prompt } from '@ai-sdk/provider';
import type { StoredMessage } from '../journal/step-payloads.js';
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

  constructor(system: string) {
    this.#messages.push({ role: 'system', content: system });
    this.#fresh.push({ role: 'system', text: system });
  }

  /** Everything so far, in the provider's format. */
  get messages(): LanguageModelV3Prompt {
    return this.#messages;
  }

  /** What is new since the last answer: as it is stored, and in full. */
  get fresh(): { readonly stored: readonly StoredMessage[]; readonly full: LanguageModelV3Prompt } {
    return { stored: this.#fresh, full: this.#messages.slice(this.#freshFrom) };
  }

  addUser(text: string): void {
    this.#messages.push({ role: 'user', content: [{ type: 'text', text }] });
    this.#fresh.push({ role: 'user', text });
  }

  addToolResults(results: readonly ToolResult[]): void {
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
  }
}
