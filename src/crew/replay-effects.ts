import { NeedsInputError } from '../errors.js';
import { type AgreeToEffects, type ExternalEffect, toExternalEffects } from '../replay/external-effects.js';
import { describeEffects } from '../reporters/external-effects.js';
import type { RunStore, StepRecord } from '../store/records.js';
import { createDelegationJudge, findEarlierTasks, type PlannedReplay } from './carry-over.js';
import type { ReplayOptions } from './replay.js';

/**
 * What the tasks that run again have done to the outside, by the tools as they are now: one that is gone does nothing. What was
 * done in delegations that are kept does not happen again.
 */
export function findEffects(
  store: RunStore,
  { plan, tasks, prepared }: Omit<PlannedReplay, 'toolCalls'>,
  { keepsDelegations = false }: Pick<ReplayOptions, 'keepsDelegations'>,
): ExternalEffect[] {
  const { agentTools, taskTools } = prepared.materials;
  const tools = [...agentTools.values(), ...taskTools.values()].flat();
  const external = new Set(tools.flatMap(({ name, effects }) => (effects === 'external' ? [name] : [])));
  if (external.size === 0) return [];
  const sources = findEarlierTasks({ plan, tasks });
  const isStillGood = keepsDelegations ? createDelegationJudge(store, prepared, sources) : () => false;
  return [...sources].flatMap(([key, { runId, taskKey }]) => {
    const kept = store.listSteps(runId, 'delegation').filter((step) => {
      const isDone = step.taskKey === taskKey && step.status === 'completed' && !step.isError;
      return isDone && isStillGood(key, step);
    });
    const isKept = ({ path }: StepRecord): boolean => kept.some((step) => path.startsWith(`${step.path}/`));
    const calls = store.listSteps(runId, 'tool').filter((step) => step.taskKey === taskKey && !isKept(step));
    return toExternalEffects(key, calls, (name) => external.has(name));
  });
}

/** Lets somebody agree to effects; rejects with NeedsInputError, which tells how to, where nobody does. */
export async function requireAgreement(
  effects: readonly ExternalEffect[],
  { agree = () => false, command }: { readonly agree: AgreeToEffects | undefined; readonly command: string },
): Promise<void> {
  if (effects.length === 0 || (await agree(effects))) return;
  const lines = describeEffects(effects).map((line) => `  ${line}`);
  throw new NeedsInputError(`the replay would make calls with external effects again:\n${lines.join('\n')}`, {
    hint: `${command} --yes makes them again; nothing was run.`,
  });
}

/** The command that asks for such a replay; values that may hold secrets are left out. */
export function replayCommand(request: ReplayOptions, parentRunId: string, from: string | undefined): string {
  const { isAuto, isForced, asRecorded, keepsDelegations, asksAgain, file, inputs = {}, outputs = {} } = request;
  const flags: readonly (string | false | undefined)[] = [
    from === undefined ? `--run ${parentRunId}` : `-t ${parentRunId}/${from}`,
    isAuto && '--auto',
    isForced && '--force',
    asRecorded && '--as-recorded',
    keepsDelegations && '--keep-delegations',
    asksAgain && '--ask-again',
    file !== undefined && `--file ${file}`,
    Object.keys(inputs).length > 0 && '-i …',
    Object.keys(outputs).length > 0 && '--set-output …',
  ];
  return ['crew replay', ...flags.filter((flag) => typeof flag === 'string')].join(' ');
}
