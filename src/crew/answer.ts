import { UsageError } from '../errors.js';
import type { HumanStepRequest } from '../journal/step-payloads.js';
import type { CrewOutput } from '../result.js';
import { ANSWER_FLAGS, askNobody, isAnswerTo } from '../run/ask-human.js';
import type { HumanAnswer, HumanQuestion } from '../journal/human-question.js';
import type { RunRecord, RunStore, StepRecord } from '../store/records.js';
import { type HistoryPlace, readHistory } from './read-history.js';
import type { ResumeOptions } from './resume.js';
import { findRunToResume, resumeRun } from './resume-run.js';
import type { RunPlace } from './run-options.js';

export interface AnswerOptions extends ResumeOptions {
  /** Key of the task whose question is meant; needed where several tasks have one. */
  readonly task?: string;
}

/** A question that waits for an answer. */
export interface OpenQuestion extends Pick<HumanQuestion, 'kind' | 'text' | 'rule' | 'taskKey' | 'agent' | 'path'> {
  /** Milliseconds since 1970. */
  readonly askedAt: number;
}

/** The open questions of a run, in the order in which they were asked. */
export interface OpenQuestions {
  readonly run: RunRecord;
  readonly questions: readonly OpenQuestion[];
}

/**
 * The open questions of a run, by default of the latest that has some; undefined where there is none. Throws UsageError where
 * there is no such run, or a process is at work on it.
 */
export function listOpenQuestions(runId: string | undefined, at: HistoryPlace & RunPlace): OpenQuestions | undefined {
  return readHistory(at, at, (store) => {
    const id = runId ?? store.listRuns({ isUnfinished: true }).find((run) => openSteps(store, run.id).length > 0)?.id;
    if (id === undefined) return undefined;
    const run = findRunToResume(store, id);
    return { run, questions: openSteps(store, run.id).map(toQuestion) };
  });
}

/**
 * Answers an open question of a run and goes on with it, as resume does; also rejects with UsageError where it has no such
 * question, or the answer does not fit it. An abort ends the run with exit 1, and can be taken back by answering again.
 */
export async function answer(
  runId: string | undefined,
  given: HumanAnswer,
  { task, ...options }: AnswerOptions = {},
): Promise<CrewOutput> {
  const { env = process.env, workingDirectory = process.cwd(), db } = options;
  const open = listOpenQuestions(runId, { env, workingDirectory, db });
  if (!open) throw new UsageError('no run waits for an answer', { hint: '`crew runs` lists the runs.' });
  const { id } = open.run;
  const { path } = chooseQuestion(open, given, task);
  if (given.decision !== 'abort') return resumeRun(id, options, { answered: { path, response: given } });
  const { answers, askHuman = answers?.start() ?? askNobody, ...others } = options;
  return resumeRun(id, {
    ...others,
    askHuman: (question) => (question.path === path ? Promise.resolve(given) : askHuman(question)),
  });
}

function openSteps(store: RunStore, runId: string): StepRecord[] {
  return store.listSteps(runId, 'human').filter(({ status }) => status !== 'completed');
}

function toQuestion({ request, taskKey, agent, path, startedAt }: StepRecord): OpenQuestion {
  const { kind, text, rule } = request as HumanStepRequest;
  return { kind, text, ...(rule !== undefined && { rule }), taskKey, agent, path, askedAt: startedAt };
}

function chooseQuestion({ run, questions }: OpenQuestions, given: HumanAnswer, task: string | undefined): OpenQuestion {
  if (questions.length === 0) {
    throw new UsageError(`run ${run.id} has no open question`, {
      ...(run.status !== 'completed' && { hint: `Go on with crew resume ${run.id}.` }),
    });
  }
  const keys = [...new Set(questions.map(({ taskKey }) => taskKey))];
  const meant = task ?? keys[0];
  if (task === undefined && keys.length > 1) {
    throw new UsageError(`run ${run.id} has open questions in tasks ${keys.join(', ')}`, {
      hint: `Say which one is answered: --task ${keys[0]}.`,
    });
  }
  const ofTask = questions.filter(({ taskKey }) => taskKey === meant);
  const question = ofTask.find(({ kind }) => isAnswerTo(kind, given));
  if (question) return question;
  const [other] = ofTask;
  if (!other) throw new UsageError(`task ${task} has no open question`, { hint: `Open: ${keys.join(', ')}.` });
  throw new UsageError(`task ${other.taskKey} waits for ${WAITS_FOR[other.kind]}`, {
    hint: `It takes ${ANSWER_FLAGS[other.kind]}.`,
  });
}

const WAITS_FOR: Readonly<Record<OpenQuestion['kind'], string>> = {
  review: 'a review',
  question: 'an answer',
  permission: 'leave to call a tool',
};
