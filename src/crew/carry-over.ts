import { findPlaceholders } from '../definition/placeholders.js';
import type { CrewDefinition } from '../definition/types.js';
import { type FindEarlier, findSameDelegation } from '../journal/carry-over-journal.js';
import type { DelegationStepRequest } from '../journal/step-payloads.js';
import { listOf } from '../run/fingerprint-part.js';
import type { ReplayPlan } from '../run/replay-plan.js';
import { changesPrompt } from '../run/task-fingerprint.js';
import type { RunRecord, RunStore, StepRecord, TaskFingerprint, TaskRecord, TaskSource } from '../store/records.js';
import type { PreparedRun } from './prepare-run.js';

/** A replay of which it is known what will run again. */
export interface PlannedReplay {
  readonly parent: RunRecord;
  /** Those of the parent. */
  readonly tasks: readonly TaskRecord[];
  /** With its placeholders still in. */
  readonly checked: CrewDefinition;
  readonly prepared: PreparedRun;
  readonly plan: ReplayPlan;
}

/** Keys of tasks that stopped on their way and whose prompts are the same as then: what they were answered still holds. */
export function tasksThatGoOn({ plan, tasks, prepared }: PlannedReplay): ReadonlySet<string> {
  const before = new Map(tasks.map((task) => [task.key, task]));
  const again = new Set(plan.tasks.flatMap(({ key, action }) => (action === 'run' ? [key] : [])));
  const earlier: string[] = [];
  const goingOn = prepared.definition.tasks.filter(({ key, context = earlier }) => {
    const task = before.get(key);
    const isSame =
      again.has(key) &&
      task !== undefined &&
      task.startedAt !== null &&
      !context.some((other) => again.has(other)) &&
      !changesPrompt(task.fingerprint, prepared.fingerprints.get(key) ?? {});
    earlier.push(key);
    return isSame && task.status !== 'completed' && task.status !== 'reused';
  });
  return new Set(goingOn.map(({ key }) => key));
}

/**
 * Finds delegations of tasks that run again where the coworker was asked the same, and would do the same today. They are
 * those of the run that made the task's output, or tried to.
 */
export function findKeptDelegations(replayed: PlannedReplay, store: RunStore): FindEarlier {
  const { plan, tasks } = replayed;
  const before = new Map(tasks.map((task) => [task.key, task]));
  const places = new Map<string, TaskSource>();
  const fingerprints = new Map<string, TaskFingerprint>();
  for (const { key, action, renamedFrom = key } of plan.tasks) {
    const row = action === 'run' ? before.get(renamedFrom) : undefined;
    if (!row) continue;
    places.set(key, row.source ?? { runId: row.runId, taskKey: row.key });
    fingerprints.set(key, row.fingerprint);
  }
  const roles = new Map(replayed.prepared.definition.agents.map(({ key, role }) => [role, key]));
  return findSameDelegation(store, places, (taskKey, { request }: StepRecord) => {
    const coworker = roles.get((request as DelegationStepRequest).coworker);
    const [then, now] = [fingerprints.get(taskKey), replayed.prepared.fingerprints.get(taskKey)];
    if (coworker === undefined || !then || !now) return false;
    return !concernsAgent(changedParts(then, now), coworker, { now, definition: replayed.checked });
  });
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
    if (part === 'task tools') return true;
    const [, kind, name] = /^(tool|input) (.*)$/.exec(part) ?? [];
    if (name !== undefined) return asksOthers || (kind === 'tool' ? hasTool(name) : inputs.has(name));
    const of = / of (\S+)$/.exec(part)?.[1];
    return of !== undefined && (asksOthers || of === key);
  });
}
