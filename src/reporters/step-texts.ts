import type {
  DelegationStepRequest,
  ModelStepRequest,
  ModelStepResponse,
  ToolStepRequest,
  TextStepResponse,
} from '../journal/step-payloads.js';
import type { StepRecord } from '../store/records.js';

/** A text of a step under a word that says what it is. */
export interface StepText {
  readonly title: string;
  readonly text: string;
}

/** What a step was given (shown before what happened inside it) and what came of it (shown after). */
export interface StepTexts {
  readonly given: readonly StepText[];
  readonly answered: readonly StepText[];
}

/**
 * The prompts and answers of a step, each text of a run once: a model call has what is new in it, and a tool's result
 * stands with the tool's own step, so that the steps one after the other are the whole conversation. `stepNames` gives
 * the name of a step by its path.
 */
export function textsOf(step: StepRecord, stepNames: ReadonlyMap<string, string>): StepTexts {
  switch (step.kind) {
    case 'model':
      return modelTexts(step, stepNames);
    case 'tool':
      return {
        given: [{ title: 'arguments', text: inWords((step.request as ToolStepRequest).arguments) }],
        answered: resultTexts(step),
      };
    case 'delegation': {
      const { task, context } = step.request as DelegationStepRequest;
      const given = [
        { title: 'request', text: task },
        { title: 'context', text: context },
      ];
      return { given: given.filter(({ text }) => text !== ''), answered: resultTexts(step) };
    }
  }
}

function modelTexts(step: StepRecord, stepNames: ReadonlyMap<string, string>): StepTexts {
  const { messages, tools, responseSchema } = step.request as ModelStepRequest;
  const response = step.response as ModelStepResponse | null;
  const given = messages.map((message): StepText => {
    if (message.role !== 'tool') return { title: message.role, text: message.text };
    const names = message.results.map(({ step: path }) => stepNames.get(path) ?? path);
    return { title: 'results', text: `of ${names.join(', ')}, as above` };
  });
  if (tools) given.push({ title: 'tools', text: tools.map(({ name }) => name).join(', ') });
  if (responseSchema) given.push({ title: 'schema', text: JSON.stringify(responseSchema.schema) });
  return { given, answered: (response?.content ?? []).flatMap(answerText) };
}

function answerText(part: ModelStepResponse['content'][number]): StepText[] {
  if (part.type === 'text') return [{ title: 'answer', text: part.text }];
  if (part.type === 'reasoning') return [{ title: 'reasoning', text: part.text }];
  if (part.type === 'tool-call') return [{ title: 'calls', text: `${part.toolName} ${part.input}` }];
  return [];
}

function resultTexts({ response, isError }: StepRecord): StepText[] {
  if (response === null) return [];
  return [{ title: isError ? 'error' : 'result', text: (response as TextStepResponse).text }];
}

function inWords(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value, null, 2);
}
