import { carriedOverFrom, type FindEarlier } from '../journal/carry-over-journal.js';
import type { HumanStepRequest } from '../journal/step-payloads.js';
import type { HumanStepResponse } from '../journal/human-question.js';
import type { ReplayPlan } from '../replay/replay-plan.js';
import type { RunStore, StepRecord, TaskRecord } from '../store/records.js';
import type { TaskSource } from '../store/run-settings.js';

type History = Pick<RunStore, 'findRun' | 'listSteps'>;

/**
 * For each task of a replay that runs again, by key: the earlier task whose answers of a person are used again. Tasks in
 * which nobody was asked are left out.
 */
export function findAnsweredTasks(
  store: History,
  { tasks: planned }: Pick<ReplayPlan, 'tasks'>,
  tasks: readonly TaskRecord[],
): Record<string, TaskSource> {
  const rows = new Map(tasks.map((task) => [task.key, task]));
  const answered = createAnswers(store);
  return Object.fromEntries(
    planned.flatMap(({ key, action, renamedFrom = key }) => {
      const row = action === 'run' ? rows.get(renamedFrom) : undefined;
      const source = row && (row.source ?? { runId: row.runId, taskKey: row.key });
      return source && answered(source).length > 0 ? [[key, source] as const] : [];
    }),
  );
}

/**
 * Finds what a person said to the same: the review at the same place of the task, the question in the same words, the same
 * call; to a call each answer counts once. `onFound` is told of each.
 */
export function findEarlierAnswers(
  store: History,
  { runId, answersFrom }: { readonly runId: string; readonly answersFrom: Readonly<Record<string, TaskSource>> },
  onFound: (step: StepRecord) => void,
): FindEarlier {
  const answered = createAnswers(store);
  let used: Set<string> | undefined;
  return ({ kind, taskKey, path, request, fingerprint }) => {
    const source = kind === 'human' ? answersFrom[taskKey] : undefined;
    if (!source) return undefined;
    const asked = kindOf(request);
    const place = path.slice(taskKey.length);
    used ??= new Set(store.listSteps(runId, 'human').flatMap(({ response }) => carriedOverFrom(response) ?? []));
    const isLeft = (step: StepRecord): boolean => !used?.has(idOf(step));
    const all = answered(source).filter((step) =>
      asked === 'review' ? isReviewAt(step, place) : kindOf(step.request) === asked && step.fingerprint === fingerprint,
    );
    const [last] = all;
    // The latest run has those of the runs before it too, as its own.
    const found = asked === 'permission' ? all.findLast((step) => step.runId === last?.runId && isLeft(step)) : last;
    if (!found) return undefined;
    used.add(idOf(found));
    onFound(found);
    return found;
  };
}

function idOf({ runId, path }: StepRecord): string {
  return `${runId}/${path}`;
}

/** What was said, in a few words. */
export function describeReuse({ runId, path, response }: StepRecord): string {
  const { decision } = response as HumanStepResponse;
  return `${path}: the answer of run ${runId} is used again (${decision}); --ask-again asks anew`;
}

function isReviewAt({ request, taskKey, path }: StepRecord, place: string): boolean {
  return kindOf(request) === 'review' && path.slice(taskKey.length) === place;
}

function kindOf(request: object): HumanStepRequest['kind'] {
  return (request as HumanStepRequest).kind;
}

/** Gives the questions of a task that a person has answered, the last first; also those of earlier runs that it was to use. */
function createAnswers(store: History): (source: TaskSource) => readonly StepRecord[] {
  const known = new Map<string, readonly StepRecord[]>();
  const answersOf = ({ runId, taskKey }: TaskSource): readonly StepRecord[] => {
    const id = `${runId}/${taskKey}`;
    let answers = known.get(id);
    if (!answers) {
      const own = store
        .listSteps(runId, 'human')
        .filter((step) => step.taskKey === taskKey && step.status === 'completed');
      const earlier = store.findRun(runId)?.options.answersFrom?.[taskKey];
      answers = [...own.toReversed(), ...(earlier ? answersOf(earlier) : [])];
      known.set(id, answers);
    }
    return answers;
  };
  return answersOf;
}
