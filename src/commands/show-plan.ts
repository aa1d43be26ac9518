import type { AgreeToEffects, ReplayPreview } from '../replay/external-effects.js';
import type { Io } from '../util/io.js';
import type { RunFlags } from './run-flags.js';

/** A listener that tells on stderr, before anything runs, what a replay reuses and what it runs again. */
export async function showPlan(io: Io, flags: RunFlags): Promise<(plan: ReplayPreview) => void> {
  if (!showsPlan(flags)) return () => undefined;
  const [{ renderReplayPlan }, { loadPaint }] = await Promise.all([
    import('../reporters/replay-plan.js'),
    import('../reporters/paint.js'),
  ]);
  const paint = await loadPaint(io.stderr.color);
  return (plan) => io.stderr.write(renderReplayPlan(plan, paint));
}

/** Who agrees to effects on the outside that a replay causes again: the flag, else the person at the terminal, else nobody. */
export function agreeToEffects(io: Io, { yes, ...flags }: RunFlags & { readonly yes?: boolean }): AgreeToEffects {
  if (yes) return () => true;
  if (!io.isInteractive) return () => false;
  return async (effects) => {
    const [{ confirm }, { describeEffects }] = await Promise.all([
      import('./confirm.js'),
      import('../reporters/external-effects.js'),
    ]);
    if (!showsPlan(flags))
      io.stderr.write(
        describeEffects(effects)
          .map((line) => `${line}\n`)
          .join(''),
      );
    return confirm(io, 'Cause these effects again?');
  };
}

function showsPlan({ quiet, format }: RunFlags): boolean {
  return !quiet && format !== 'jsonl';
}
