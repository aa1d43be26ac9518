import { NeedsInputError, TaskError } from '../errors.js';
import type { HumanStepRequest } from '../journal/step-payloads.js';
import type { AskHuman, HumanAnswer, HumanQuestion, HumanStepResponse } from '../journal/human-question.js';
import type { StepRequest } from '../journal/step.js';
import { pauseDeadlines } from '../limits/deadline.js';
import { excerpt } from '../util/excerpt.js';
import { fingerprintOf } from '../util/fingerprint.js';
import { orAbort } from '../util/or-abort.js';
import { printableLine } from '../util/printable.js';
import { NO_SPEND } from '../util/spend.js';
import { describeCall } from './describe-call.js';
import type { ToolCall } from './loop-tool.js';
import type { RunContext, WorkPlace } from './run-context.js';
import type { GatedCall } from './tool-gate.js';

/** Characters of what is asked that an error shows. */
const MOST_SHOWN = 100;

/** The run ends as a person wants it to; no other agent is told of it. */
export class AbortedError extends TaskError {}

/** What `crew answer` takes for each kind of question. */
export const ANSWER_FLAGS: Readonly<Record<HumanQuestion['kind'], string>> = {
  review: '--approve, --revise "what to change" or --abort',
  question: '--answer "…" or --abort',
  permission: '--approve, --always, --deny "why" or --abort',
};

/** For runs where nobody can be asked. */
export const askNobody: AskHuman = ({ kind, text, runId, taskKey, agent }) => {
  const what = {
    review: `a person has to review the output of task ${taskKey}`,
    question: `${agent} asks in task ${taskKey}`,
    permission: `a person has to allow a call of ${agent} in task ${taskKey}`,
  };
  const shown = excerpt(printableLine(text), MOST_SHOWN);
  return Promise.reject(
    new NeedsInputError(`${what[kind]}: ${kind === 'permission' ? shown : `"${shown}"`}`, {
      hint: `Answer with crew answer ${runId} ${ANSWER_FLAGS[kind]}.`,
    }),
  );
};

/** Asks one question after the other, in the order in which they come; one that is no longer wanted is passed over. */
export function askOneAtATime(ask: AskHuman): AskHuman {
  let last: Promise<unknown> = Promise.resolve();
  return (question) => {
    const { signal } = question;
    const answer = orAbort(
      last.then(() => (signal.aborted ? Promise.reject(signal.reason as Error) : ask(question))),
      signal,
    );
    last = answer.catch(() => undefined);
    return answer;
  };
}

/** Whether it is an answer to such a question. */
export function isAnswerTo(kind: HumanQuestion['kind'], { decision }: HumanAnswer): boolean {
  return decision === 'abort' || DECISIONS[kind].includes(decision);
}

const DECISIONS: Readonly<Record<HumanQuestion['kind'], readonly HumanAnswer['decision'][]>> = {
  review: ['approve', 'revise'],
  question: ['answer'],
  permission: ['approve', 'always', 'deny'],
};

/** Lets a person review an output, as a step of the run. Rejects with AbortedError where they abort. `number`: 1-based. */
export async function askForReview(
  run: RunContext,
  place: WorkPlace,
  { text, agentRole, number }: { readonly text: string; readonly agentRole: string; readonly number: number },
): Promise<ReviewAnswer> {
  const path = `${place.path}/human/${number}`;
  return (await askStep(run, place, { kind: 'review', name: 'review', text, agentRole, path })) as ReviewAnswer;
}

/**
 * Asks a person the question of an agent, as a step of the run; gives back the answer and the step's path. Rejects with
 * AbortedError where they abort.
 */
export async function askQuestion(
  run: RunContext,
  place: WorkPlace,
  { text, agentRole, call }: { readonly text: string; readonly agentRole: string; readonly call: ToolCall },
): Promise<{ readonly text: string; readonly step: string }> {
  // A bare number is that of a review.
  const path = `${place.path}/human/${/^\d+$/.test(call.id) ? 'call-' : ''}${call.id}`;
  const step = { kind: 'question', name: call.name, text, agentRole, path } as const;
  const answer = (await askStep(run, place, step)) as QuestionAnswer;
  return { text: answer.text, step: path };
}

/**
 * Asks a person whether a call may be made, as a step of the run that comes before that of the call. Rejects with AbortedError
 * where they abort, and with NeedsInputError where there is nobody to ask.
 */
export async function askForPermission(
  run: RunContext,
  place: WorkPlace,
  { tool, args, call, agentRole, rule, isAgreed }: PermissionQuestion,
): Promise<PermissionAnswer> {
  const text = describeCall(tool.name, args);
  const path = permissionPath(place, call);
  const fingerprint = fingerprintOf({ kind: 'permission', tool: tool.name, arguments: args });
  const step = { kind: 'permission', name: tool.name, text, rule, agentRole, path, fingerprint } as const;
  const known = isAgreed ? ({ decision: 'always' } as const) : undefined;
  return (await askStep(run, place, step, known)) as PermissionAnswer;
}

/** Path of the step in which a person is asked about that call. */
export function permissionPath(place: WorkPlace, call: ToolCall): string {
  return `${place.path}/permission/${call.id}`;
}

type AnswerOf<Decision> = Extract<HumanStepResponse, { readonly decision: Decision }>;
type QuestionAnswer = AnswerOf<'answer'>;
type ReviewAnswer = AnswerOf<'approve'> | AnswerOf<'revise'>;
type PermissionAnswer = AnswerOf<'approve'> | AnswerOf<'always'> | AnswerOf<'deny'>;

interface PermissionQuestion extends Pick<GatedCall, 'tool' | 'args' | 'call' | 'agentRole'> {
  readonly rule: string;
  /** The person has said so of all such calls: they are not asked again. */
  readonly isAgreed: boolean;
}

interface StepQuestion extends HumanStepRequest, Pick<StepRequest, 'name' | 'path'> {
  readonly agentRole: string;
  /** Default: of kind and text. */
  readonly fingerprint?: string;
}

async function askStep(
  run: RunContext,
  { taskKey }: WorkPlace,
  { kind, name, text, rule, agentRole: agent, path, fingerprint = fingerprintOf({ kind, text }) }: StepQuestion,
  known?: HumanStepResponse,
): Promise<HumanStepResponse> {
  run.signal.throwIfAborted();
  const request: HumanStepRequest = { kind, text, ...(rule !== undefined && { rule }) };
  const step = { path, kind: 'human', taskKey, agent, name, request, hasEffects: false, fingerprint } as const;
  const { response } = await run.journal.step(step, async () => {
    const { runId, signal } = run;
    const answer = known ?? (await ask(run, { ...request, runId, taskKey, agent, path, signal }));
    return { response: answer, isError: false, spend: NO_SPEND };
  });
  return response as HumanStepResponse;
}

/** Asks and tells of it; the time that the person takes counts towards no limit. */
async function ask(run: RunContext, question: HumanQuestion): Promise<HumanStepResponse> {
  const { kind, text, runId, taskKey, agent, path } = question;
  const at = { kind, taskKey, agent, path };
  const goOn = pauseDeadlines(run.signal);
  let answer: HumanAnswer | undefined;
  run.emit({ type: 'question-start', ...at, text });
  try {
    answer = await run.askHuman(question);
  } finally {
    const said = answer && 'text' in answer ? answer.text : '';
    run.emit({ type: 'question-end', ...at, decision: answer?.decision ?? 'unanswered', text: said });
    goOn();
  }
  if (answer.decision === 'abort') {
    const hint = `Go on with crew resume ${runId}, which asks again.`;
    throw new AbortedError('aborted by a person', { hint });
  }
  if (!isAnswerTo(kind, answer)) throw new TaskError(`"${answer.decision}" is no answer to a ${kind}`);
  return answer;
}
