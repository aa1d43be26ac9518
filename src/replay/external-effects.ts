import type { TextStepResponse, ToolStepRequest } from '../journal/step-payloads.js';
import type { StepRecord } from '../store/records.js';
import { canonicalJson } from '../util/fingerprint.js';
import type { ReplayPlan } from './replay-plan.js';

/** Calls with effects on the outside that a replay will cause again, as far as its tasks do what they did before. */
export interface ExternalEffect {
  /** Key of the task that runs again. */
  readonly taskKey: string;
  readonly tool: string;
  /** As the model wrote them. */
  readonly arguments: unknown;
  /** How often the call was made. */
  readonly count: number;
}

/** Asked before effects on the outside are caused again; anything but true means no. */
export type AgreeToEffects = (effects: readonly ExternalEffect[]) => Promise<boolean> | boolean;

/** The plan of a replay, with what it will cause again. */
export interface ReplayPreview extends ReplayPlan {
  /** In the order in which the calls were made first, task by task. */
  readonly effects: readonly ExternalEffect[];
}

/** Equal calls of a task as one effect. `steps`: those of the task. Calls that were refused, or answered from a cache, had none. */
export function toExternalEffects(
  taskKey: string,
  steps: readonly StepRecord[],
  isExternal: (tool: string) => boolean,
): ExternalEffect[] {
  const effects = new Map<string, ExternalEffect>();
  for (const { name, status, request, response } of steps) {
    const { isRefused, fromCache } = (response ?? {}) as Partial<TextStepResponse>;
    if (!isExternal(name) || status === 'failed' || isRefused || fromCache) continue;
    const { arguments: args } = request as ToolStepRequest;
    const key = canonicalJson([name, args]);
    const count = (effects.get(key)?.count ?? 0) + 1;
    effects.set(key, { taskKey, tool: name, arguments: args, count });
  }
  return [...effects.values()];
}
