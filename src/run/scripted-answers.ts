import { UsageError } from '../errors.js';
import { formatPath, type ValuePath } from '../util/format-path.js';
import { suggestHint } from '../util/suggest.js';
import { askNobody, isAnswerTo } from './ask-human.js';
import type { AskHuman, HumanAnswer, HumanQuestion } from '../journal/human-question.js';

/** An answer as a person writes it down. */
export type GivenAnswer =
  | 'approve'
  | 'always'
  | 'deny'
  | 'abort'
  | { readonly revise: string }
  | { readonly answer: string }
  | { readonly deny: string };

/** Answers of a person, known before the run begins. */
export interface ScriptedAnswers {
  /** Throws UsageError where one is for a task that is not among these. */
  checkTasks(keys: readonly string[]): void;
  /** Answers for one run, after those that it was given already (in their order), as far as they are the same. */
  start(given?: readonly AnsweredQuestion[]): AskHuman;
}

/** What a person has said in a task. */
export interface AnsweredQuestion extends Pick<HumanQuestion, 'kind'> {
  readonly taskKey: string;
  readonly answer: HumanAnswer;
}

/** Something wrong with given answers. */
export interface AnswerProblem {
  readonly path: ValuePath;
  readonly message: string;
  readonly hint: string | undefined;
  readonly target: 'key' | 'value';
}

/**
 * Makes given answers (a map of task keys to one answer or several) into ones that runs are handed. Each question of a task
 * takes the next answer that fits it; a run whose answers are used up has nobody to ask. Throws UsageError for what is no
 * answer; `describe` puts a problem in words, with its place.
 */
export function createScriptedAnswers(
  answers: Readonly<Record<string, GivenAnswer | readonly GivenAnswer[]>>,
  describe: (problem: AnswerProblem) => string = describePlain,
): ScriptedAnswers {
  const problems: AnswerProblem[] = [];
  const lists = new Map<string, readonly HumanAnswer[]>();
  for (const [key, given] of Object.entries(answers)) {
    const entries = Array.isArray(given) ? given.map((value, index) => [[key, index], value]) : [[[key], given]];
    const parsed = (entries as [ValuePath, unknown][]).map(([path, value]) => {
      const answer = parseAnswer(value);
      if (!answer) problems.push({ path, message: 'this is no answer', hint: FORMS, target: 'value' });
      return answer;
    });
    lists.set(
      key,
      parsed.filter((answer) => answer !== undefined),
    );
  }
  throwAll(problems, describe);
  return {
    checkTasks(keys) {
      const unknown = [...lists.keys()].filter((key) => !keys.includes(key));
      const wrong = unknown.map((key): AnswerProblem => ({
        path: [key],
        message: `there is no task "${key}"`,
        hint: suggestHint(key, keys) ?? `there are ${keys.join(', ')}`,
        target: 'key',
      }));
      throwAll(wrong, describe);
    },
    start(given = []) {
      const left = new Map(
        [...lists].map(([key, list]) => {
          const ofTask = given.filter(({ taskKey }) => taskKey === key);
          return [key, withoutGiven(list, ofTask)];
        }),
      );
      return (question) => {
        const list = left.get(question.taskKey) ?? [];
        const index = list.findIndex((answer) => isAnswerTo(question.kind, answer));
        const [answer] = index < 0 ? [] : list.splice(index, 1);
        return answer ? Promise.resolve(answer) : askNobody(question);
      };
    },
  };
}

/** A run that goes on with the answers that it began with takes none twice; other answers are all new. */
function withoutGiven(list: readonly HumanAnswer[], given: readonly AnsweredQuestion[]): HumanAnswer[] {
  const left = [...list];
  const others = new Set<HumanQuestion['kind']>();
  for (const { kind, answer } of given) {
    if (others.has(kind)) continue;
    const index = left.findIndex((one) => isAnswerTo(kind, one));
    const next = left[index];
    if (next && isSameAnswer(next, answer)) left.splice(index, 1);
    else others.add(kind);
  }
  return left;
}

function isSameAnswer(one: HumanAnswer, other: HumanAnswer): boolean {
  const textOf = (answer: HumanAnswer): string => ('text' in answer ? answer.text : '');
  return one.decision === other.decision && textOf(one) === textOf(other);
}

const FORMS = 'write approve, {revise: what to change}, {answer: text}, always, deny, {deny: why} or abort';

function parseAnswer(value: unknown): HumanAnswer | undefined {
  if (value === 'approve' || value === 'always' || value === 'abort') return { decision: value };
  if (value === 'deny') return { decision: value, text: '' };
  const [entry, ...others] = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  if (!entry || others.length > 0) return undefined;
  const [decision, said] = entry as [string, unknown];
  const text = ['string', 'number', 'boolean'].includes(typeof said) ? String(said).trim() : '';
  const isKnown = decision === 'revise' || decision === 'answer' || decision === 'deny';
  return isKnown && text !== '' ? { decision, text } : undefined;
}

function throwAll(problems: readonly AnswerProblem[], describe: (problem: AnswerProblem) => string): void {
  if (problems.length > 0) throw new UsageError(problems.map(describe).join('\n\n'));
}

function describePlain({ path, message, hint }: AnswerProblem): string {
  return `answers ${formatPath(path)}: ${message}${hint === undefined ? '' : ` (${hint})`}`;
}
