import { findPlaceholders } from '../definition/placeholders.js';
import type { CrewDefinition } from '../definition/types.js';
import {
  findAtSamePlace,
  type FindEarlier,
  findSameDelegation,
  type SamePlace,
} from '../journal/carry-over-journal.js';
import type { DelegationStepRequest } from '../journal/step-payloads.js';
import { listOf } from '../replay/fingerprint-part.js';
import type { ReplayPlan } from '../replay/replay-plan.js';
import { changesPrompt } from '../replay/task-fingerprint.js';
import type { RunRecord, RunStore, StepRecord, TaskFingerprint, TaskRecord } from '../store/records.js';
import type { CarryOver, TaskSource } from '../store/run-settings.js';
import { addSpend, NO_SPEND, type Spend } from '../util/spend.js';
import type { PreparedRun } from './prepare-run.js';
import { type DecideUnknown, decideRepeats } from './unknown-steps.js';

/** A replay of which it is known what will run again. */
export interface PlannedReplay {
  readonly parent: RunRecord;
  /** Those of the parent. */
  readonly tasks: readonly TaskRecord[];
  /** Those of the parent; where nothing goes on, none are needed. */
  readonly toolCalls: readonly StepRecord[];
  readonly prepared: PreparedRun;
  readonly plan: ReplayPlan;
}

export interface CarryOverOptions {
  readonly goesOn?: boolean;
  readonly keepsDelegations?: boolean;
  readonly decideUnknown?: DecideUnknown;
}

/**
 * What the replay takes over of its parent. `goesOn`: the calls of tasks that stopped on their way, and the parent's account
 * with the limits; somebody has to agree to what would be done twice, else rejects with NeedsInputError before there is a run.
 */
export async function planCarryOver(
  replayed: PlannedReplay,
  { goesOn = false, keepsDelegations = false, decideUnknown }: CarryOverOptions,
): Promise<CarryOver | undefined> {
  if (!goesOn && !keepsDelegations) return undefined;
  const { parent, plan, tasks } = replayed;
  const again = plan.tasks.filter(({ action }) => action === 'run');
  const goingOn = goesOn ? tasksThatGoOn(replayed) : new Set<string>();
  const assumedDone = goesOn
    ? await decideRepeats(replayed.toolCalls, {
        runId: parent.id,
        goingOn,
        startingOver: new Set(again.flatMap(({ key }) => (goingOn.has(key) ? [] : [key]))),
        decide: decideUnknown,
      })
    : [];
  return {
    runId: parent.id,
    goesOn,
    tasks: [...goingOn],
    assumedDone,
    delegations: keepsDelegations ? Object.fromEntries(findEarlierTasks({ plan, tasks })) : {},
    spent: goesOn ? spentWith(parent.spend, parent.options.carryOver) : NO_SPEND,
  };
}

/** For each task that runs again, by key, the earlier task where its calls were made. */
export function findEarlierTasks({ plan, tasks }: Pick<PlannedReplay, 'plan' | 'tasks'>): Map<string, TaskSource> {
  const rows = new Map(tasks.map((task) => [task.key, task]));
  const again = plan.tasks.filter(({ action }) => action === 'run');
  return new Map(
    again.flatMap(({ key, renamedFrom = key }) => {
      const row = rows.get(renamedFrom);
      return row ? [[key, row.source ?? { runId: row.runId, taskKey: row.key }] as const] : [];
    }),
  );
}

/** What counts towards the limits of a run: its own calls, and those of the runs that it goes on from. */
export function spentWith(own: Spend, carryOver: CarryOver | undefined): Spend {
  return addSpend(own, carryOver?.spent ?? NO_SPEND);
}

/** Finds what the run takes over, also when it is resumed later; undefined where that is nothing. */
export function findCarriedOver(store: RunStore, prepared: PreparedRun): FindEarlier | undefined {
  const { carryOver } = prepared.settings;
  if (!carryOver) return undefined;
  const places = samePlaces(store, carryOver);
  const delegations = new Map(Object.entries(carryOver.delegations));
  const isStillGood = createDelegationJudge(store, prepared, delegations);
  const atSamePlace = findAtSamePlace(store, places);
  const sameDelegation = delegations.size > 0 ? findSameDelegation(store, delegations, isStillGood) : undefined;
  return (step) => atSamePlace(step) ?? sameDelegation?.(step);
}

/** Whether a delegation of an earlier task would be answered in the same way now; for tasks by key, with where they ran. */
export function createDelegationJudge(
  store: RunStore,
  { definition, checked, fingerprints }: Pick<PreparedRun, 'definition' | 'checked' | 'fingerprints'>,
  delegations: ReadonlyMap<string, TaskSource>,
): (taskKey: string, delegation: StepRecord) => boolean {
  const roles = new Map(definition.agents.map(({ key, role }) => [role, key]));
  const before = new Map<string, TaskFingerprint | undefined>();
  for (const [key, { runId, taskKey }] of delegations) {
    before.set(key, store.listTasks(runId).find((task) => task.key === taskKey)?.fingerprint);
  }
  return (taskKey, { request }) => {
    const coworker = roles.get((request as DelegationStepRequest).coworker);
    const [then, now] = [before.get(taskKey), fingerprints.get(taskKey)];
    if (coworker === undefined || !then || !now) return false;
    return !concernsAgent(changedParts(then, now), coworker, { now, definition: checked });
  };
}

/** The runs to look in, one after the other: the parent may have stopped before it had taken over all that it could. */
function samePlaces(store: RunStore, carryOver: CarryOver | undefined): SamePlace[] {
  if (!carryOver || carryOver.tasks.length === 0) return [];
  const { runId, tasks, assumedDone } = carryOver;
  const earlier = samePlaces(store, store.findRun(runId)?.options.carryOver);
  return [{ runId, tasks: new Set(tasks), assumedDone: new Set(assumedDone) }, ...earlier];
}

/** Keys of tasks that stopped on their way and whose prompts are the same as then: what they were answered still holds. */
function tasksThatGoOn({ plan, tasks, prepared }: PlannedReplay): ReadonlySet<string> {
  const { definition, fingerprints } = prepared;
  const before = new Map(tasks.map((task) => [task.key, task]));
  const again = new Set(plan.tasks.flatMap(({ key, action }) => (action === 'run' ? [key] : [])));
  // Where the manager orders the tasks, one that names no context was shown whatever was finished by then.
  const othersOf = (position: number): string[] =>
    definition.tasks
      .filter((other) => (definition.taskOrder === 'manager' ? other.position !== position : other.position < position))
      .map(({ key }) => key);
  const goingOn = definition.tasks.filter(({ key, position, context }) => {
    const task = before.get(key);
    if (!again.has(key) || !task || task.startedAt === null) return false;
    if (task.status === 'completed' || task.status === 'reused') return false;
    if (changesPrompt(task.fingerprint, fingerprints.get(key) ?? {})) return false;
    return !(context ?? othersOf(position)).some((other) => again.has(other));
  });
  return new Set(goingOn.map(({ key }) => key));
}

function changedParts(then: TaskFingerprint, now: TaskFingerprint): string[] {
  return Object.keys({ ...then, ...now }).filter((part) => then[part] !== now[part]);
}

/** Whether one of the parts decides what this agent answers when it is asked the same. */
function concernsAgent(
  parts: readonly string[],
  key: string,
  { now, definition }: { readonly now: TaskFingerprint; readonly definition: CrewDefinition },
): boolean {
  // It may have asked others, and what those had asked.
  const asksOthers = `delegation of ${key}` in now;
  const toolLists = [`tools of ${key}`, 'task tools'].map((part) => listOf(now[part]));
  const hasTool = (name: string): boolean => toolLists.some((names) => names?.includes(name) ?? true);
  const agent = definition.agents.find((candidate) => candidate.key === key);
  const texts = agent ? [agent.role, agent.goal, agent.backstory] : [];
  const inputs = new Set(texts.flatMap(findPlaceholders).map(({ name }) => name));
  return parts.some((part) => {
    if (/^(?:task tools$|files$|file |multimodal agents$|language$|prompts$)/.test(part)) return true;
    const [, kind, name] = /^(tool|input) (.*)$/.exec(part) ?? [];
    if (name !== undefined) return asksOthers || (kind === 'tool' ? hasTool(name) : inputs.has(name));
    const of = / of (\S+)$/.exec(part)?.[1];
    return of !== undefined && (asksOthers || of === key);
  });
}
