import type { StepRecord, TaskRecord } from '../store/records.js';
import type { TaskSource } from '../store/run-settings.js';
import { toCassetteAnswer, toCassetteCall } from './cassette-call.js';
import type { CassetteAnswer, CassetteCall } from './cassette-format.js';
import {
  type CassetteHistory,
  type CassetteStore,
  carriedFrom,
  createCassetteHistory,
  type StepPlace,
} from './cassette-history.js';
import { mergePlans, PLAN_CALLS } from './cassette-plan.js';
import type { ModelStepRequest } from './step-payloads.js';

/** Start of the paths at which a manager chooses the next task. */
const CHOICES = '@order/llm/';
/** The line above an earlier task's output in a prompt. */
const RESULT_OF = /^<result task="([^"\n]+)">$/gm;

/** What the models answered on the way to a run's outputs, also where that was in another run. */
export interface CassetteCalls {
  /**
   * At the paths where a kickoff makes them; first those of reused outputs, in file order, then those of the run, in run
   * order. One whose prompt has an earlier task under a name of that time has no fingerprint.
   */
  readonly calls: readonly CassetteCall[];
  /** What a person said on that way. */
  readonly answers: readonly CassetteAnswer[];
  /** What the prompts of the run tell as today's date. A call that was told another day has no fingerprint. */
  readonly moment: string | undefined;
  /** Keys of tasks whose output no call made, as it was set by hand. */
  readonly setByHand: readonly string[];
  /** Keys of tasks of which calls were in a run that was deleted. */
  readonly deleted: readonly string[];
}

/** Collects the calls of a completed run, of the outputs that it reuses and of the delegations that it took over. */
export function collectCalls(store: CassetteStore, runId: string): CassetteCalls {
  const history = createCassetteHistory(store);
  const calls: CassetteCall[] = [];
  const answers: CassetteAnswer[] = [];
  const moments: (string | undefined)[] = [];
  const deleted = new Set<string>();

  const addStep = (step: StepRecord, path: string): void => {
    if (step.status !== 'completed') return;
    const source = carriedFrom(step);
    if (step.kind === 'delegation' && source) addBelow(source, path);
    if (step.kind === 'human') answers.push(toCassetteAnswer(step, path));
    if (step.kind !== 'model') return;
    moments.push(momentIn(step));
    calls.push(toCassetteCall({ ...step, path, spend: history.spendOf(step) }, history.resultsOf(step.runId)));
  };
  const addBelow = (source: StepPlace, path: string): void => {
    if (!history.hasRun(source.runId)) deleted.add(path.split('/', 1)[0] as string);
    for (const step of history.stepsBelow(source)) addStep(step, path + step.path.slice(source.path.length));
  };

  const reused = history.tasksOf(runId).filter(({ status }) => status === 'reused');
  const origins = new Map(reused.map(({ key, source }) => [key, history.originOf(source)]));
  // Choices are numbered by the tasks before them, skipped ones too.
  const skipped = history.tasksOf(runId).filter(({ status }) => status === 'skipped');
  for (const choice of earlierChoices(store, runId, reused.length + skipped.length)) addStep(choice, choice.path);
  for (const [key, origin] of origins) {
    if (!origin) continue;
    const first = calls.length;
    addBelow({ runId: origin.runId, path: origin.taskKey }, key);
    for (const [index, call] of calls.entries()) {
      if (index < first || !isFirstPrompt(call.path, key)) continue;
      calls[index] = withNames(call, newNames(history, origin.runId, origins));
    }
  }
  const plan = mergePlans(history, runId, origins);
  for (const step of history.stepsOf(runId)) {
    if (!plan || !step.path.startsWith(PLAN_CALLS)) addStep(step, step.path);
  }
  const setByHand = [...origins].flatMap(([key, origin]) => (origin ? [] : [key]));
  const moment = moments.findLast((told) => told !== undefined);
  const ofToday = calls.map((call, index) => ((moments[index] ?? moment) === moment ? call : unbound(call)));
  return { calls: plan ? [plan, ...ofToday] : ofToday, answers, moment, setByHand, deleted: [...deleted] };
}

/** What a call's prompt tells as today's date. */
function momentIn({ request }: StepRecord): string | undefined {
  const { messages } = request as ModelStepRequest;
  return messages.flatMap((message) => ('moment' in message ? (message.moment ?? []) : []))[0];
}

/** The task's own prompt, and the one with which its agent thinks it over, show the outputs of earlier tasks. */
function isFirstPrompt(path: string, key: string): boolean {
  return path === `${key}/llm/1` || path === `${key}/reasoning/llm/1`;
}

/** The call for whatever request comes at its place. */
function unbound({ fingerprint: _, ...call }: CassetteCall): CassetteCall {
  return call;
}

/** The first choices of the manager that runs before this one made, and this one did not make again. */
function earlierChoices(store: CassetteStore, runId: string, count: number): StepRecord[] {
  const choices: StepRecord[] = [];
  for (let number = 1; number <= count; number += 1) {
    let choice: StepRecord | undefined;
    for (let id: string | null | undefined = runId; id && !choice; id = store.findRun(id)?.parentRunId) {
      choice = store.findStep(id, `${CHOICES}${number}`);
    }
    if (choice && choice.runId !== runId) choices.push(choice);
  }
  return choices;
}

/** For prompts of a run: names of tasks that were reused from it, or from where it had them, and are called otherwise now. */
function newNames(
  history: CassetteHistory,
  runId: string,
  origins: ReadonlyMap<string, TaskSource | null>,
): ReadonlyMap<string, string> {
  const idOf = ({ runId: run, taskKey }: TaskSource): string => `${run}/${taskKey}`;
  const now = new Map([...origins].flatMap(([key, origin]) => (origin ? [[idOf(origin), key] as const] : [])));
  const originIn = ({ key, status, source }: TaskRecord): TaskSource | null =>
    status === 'reused' ? history.originOf(source) : { runId, taskKey: key };
  return new Map(
    history.tasksOf(runId).flatMap((task) => {
      const origin = originIn(task);
      const name = origin && now.get(idOf(origin));
      return name === undefined || name === null || name === task.key ? [] : [[task.key, name] as const];
    }),
  );
}

function withNames(call: CassetteCall, names: ReadonlyMap<string, string>): CassetteCall {
  const { path, agent, model, request, answer } = call;
  let isOther = false;
  const rename = (text: string): string =>
    text.replaceAll(RESULT_OF, (line, then: string) => {
      const now = names.get(then);
      if (now === undefined) return line;
      isOther = true;
      return `<result task="${now}">`;
    });
  const messages = request?.messages.map((message) =>
    'user' in message ? { ...message, user: rename(message.user) } : message,
  );
  return isOther && messages ? { path, agent, model, request: { ...request, messages }, answer } : call;
}
