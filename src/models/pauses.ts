import { type Clock, sleepOrAbort } from './clock.js';

/** Callers that waited for the end of a pause come back at random within this time, milliseconds. */
const SPREAD_MS = 500;

/**
 * The models whose provider asked for a pause: nobody calls such a model until it is over. Several clients may share one
 * object, which is what makes the callers of several runs wait together.
 */
export interface Pauses {
  /** Pauses a model for at least that long. Gives back whether it was not paused before, which is then worth saying. */
  pause(model: string, ms: number, clock: Clock): boolean;
  isPaused(model: string, clock: Clock): boolean;
  /** Resolves when the model is not paused, at once where it is not; rejects with the signal's reason. */
  wait(model: string, options: PauseWaitOptions): Promise<void>;
}

export interface PauseWaitOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** At least 0, below 1. */
  readonly random: () => number;
}

/** No pauses yet. A model is named by whatever tells it from others, the same in all clients. */
export function createPauses(): Pauses {
  const ends = new Map<string, number>();
  const leftMs = (model: string, clock: Clock): number => Math.max(0, (ends.get(model) ?? 0) - clock.now());
  return {
    pause(model, ms, clock) {
      const isNew = leftMs(model, clock) === 0;
      ends.set(model, Math.max(ends.get(model) ?? 0, clock.now() + ms));
      return isNew;
    },
    isPaused: (model, clock) => leftMs(model, clock) > 0,
    async wait(model, { clock, signal, random }) {
      // It may have become longer meanwhile.
      for (let left = leftMs(model, clock); left > 0; left = leftMs(model, clock)) {
        await sleepOrAbort(clock, left + Math.round(SPREAD_MS * random()), signal);
      }
    },
  };
}
