import type { ReplayPlan } from '../replay/replay-plan.js';
import type { Io } from '../util/io.js';
import type { RunFlags } from './run-flags.js';

/** A listener that tells on stderr, before anything runs, what a replay reuses and what it runs again. */
export async function showPlan(io: Io, { quiet, format }: RunFlags): Promise<(plan: ReplayPlan) => void> {
  if (quiet || format === 'jsonl') return () => undefined;
  const [{ renderReplayPlan }, { loadPaint }] = await Promise.all([
    import('../reporters/replay-plan.js'),
    import('../reporters/paint.js'),
  ]);
  const paint = await loadPaint(io.stderr.color);
  return (plan) => io.stderr.write(renderReplayPlan(plan, paint));
}
