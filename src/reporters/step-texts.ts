import type {
  ConditionStepResponse,
  DelegationStepRequest,
  GuardrailStepRequest,
  GuardrailStepResponse,
  HumanStepRequest,
  ModelStepRequest,
  ModelStepResponse,
  PlanStepResponse,
  StoredFile,
  TextStepResponse,
  ToolStepRequest,
} from '../journal/step-payloads.js';
import type { HumanStepResponse } from '../journal/human-question.js';
import { formatBytes, formatCount } from '../util/amounts.js';
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
    case 'human': {
      const { kind, text, rule } = step.request as HumanStepRequest;
      const response = step.response as HumanStepResponse | null;
      const said = response && 'text' in response && response.text !== '' ? `: ${response.text}` : '';
      return {
        given: [{ title: kind, text }, ...(rule === undefined ? [] : [{ title: 'rule', text: rule }])],
        answered: response ? [{ title: 'person', text: `${response.decision}${said}` }] : [],
      };
    }
    case 'guardrail': {
      const { attempt } = step.request as GuardrailStepRequest;
      const response = step.response as GuardrailStepResponse | null;
      return { given: [{ title: 'attempt', text: String(attempt) }], answered: response ? verdictTexts(response) : [] };
    }
    case 'plan': {
      const { plan = {} } = (step.response ?? {}) as Partial<PlanStepResponse>;
      return { given: [], answered: Object.entries(plan).map(([key, text]) => ({ title: `plan of ${key}`, text })) };
    }
    case 'condition': {
      const { runs, reason } = (step.response ?? {}) as Partial<ConditionStepResponse>;
      if (runs === undefined) return { given: [], answered: [] };
      return { given: [], answered: [{ title: 'runs', text: runs ? 'yes' : `no: ${reason ?? ''}` }] };
    }
    case 'callback':
      return { given: [], answered: [] };
  }
}

function verdictTexts({ passed, reason, output }: GuardrailStepResponse): StepText[] {
  if (!passed) return [{ title: 'not passed', text: reason ?? '' }];
  return [{ title: 'passed', text: 'yes' }, ...(output === undefined ? [] : [{ title: 'changed to', text: output }])];
}

function modelTexts(step: StepRecord, stepNames: ReadonlyMap<string, string>): StepTexts {
  const { messages, shortened, tools, responseSchema } = step.request as ModelStepRequest;
  const response = step.response as ModelStepResponse | null;
  const given = messages.flatMap((message): StepText[] => {
    if (message.role !== 'tool')
      return [{ title: message.role, text: message.text }, ...fileTexts(message.files ?? [])];
    const names = message.results.map(({ step: path }) => stepNames.get(path) ?? path);
    return [{ title: 'results', text: `of ${names.join(', ')}, as above` }];
  });
  if (tools) given.push({ title: 'tools', text: tools.map(({ name }) => name).join(', ') });
  if (responseSchema) given.push({ title: 'schema', text: JSON.stringify(responseSchema.schema) });
  given.unshift(...shorteningTexts(shortened, stepNames));
  if (response?.finishReason === 'context-length') {
    return { given, answered: [{ title: 'refused as too long', text: response.words ?? '' }] };
  }
  return { given, answered: (response?.content ?? []).flatMap(answerText) };
}

function shorteningTexts(
  { summary, cuts = [] }: NonNullable<ModelStepRequest['shortened']> = {},
  stepNames: ReadonlyMap<string, string>,
): StepText[] {
  const cutTexts = cuts.map(({ step, from, to }): StepText => {
    const name = stepNames.get(step) ?? step;
    return {
      title: 'cut',
      text: `${formatCount(to - from)} characters of the result of ${name}, from ${formatCount(from)} on`,
    };
  });
  return [
    ...(summary ? [{ title: `in place of ${summary.to - summary.from} messages`, text: summary.text }] : []),
    ...cutTexts,
  ];
}

function fileTexts(files: readonly StoredFile[]): StepText[] {
  if (files.length === 0) return [];
  const list = files.map(({ name, mediaType, bytes }) => `${name} (${mediaType}, ${formatBytes(bytes)})`);
  return [{ title: 'files', text: list.join('\n') }];
}

function answerText(part: ModelStepResponse['content'][number]): StepText[] {
  if (part.type === 'text') return [{ title: 'answer', text: part.text }];
  if (part.type === 'reasoning') return [{ title: 'reasoning', text: part.text }];
  if (part.type === 'tool-call') return [{ title: 'calls', text: `${part.toolName} ${part.input}` }];
  return [];
}

function resultTexts({ response, isError }: StepRecord): StepText[] {
  if (response === null) return [];
  const { text, isRefused } = response as TextStepResponse;
  return [{ title: isRefused ? 'refused' : isError ? 'error' : 'result', text }];
}

/** Whether the step is a call that was not carried out. */
export function isRefusedCall(response: object | null): boolean {
  return (response as Partial<TextStepResponse> | null)?.isRefused ?? false;
}

/** The call that a step's result was taken from, such as `k3f9x2ab/research/tool/call_1`; undefined where the tool ran. */
export function cachedFrom(response: object | null): string | undefined {
  const { fromCache } = (response ?? {}) as Partial<TextStepResponse>;
  return fromCache && `${fromCache.runId}/${fromCache.path}`;
}

function inWords(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value, null, 2);
}
