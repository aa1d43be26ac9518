import type { AgentDefinition, CrewDefinition } from '../definition/types.js';
import type { EmitEvent } from '../events.js';
import { type Clock, sleepOrAbort, systemClock } from '../models/clock.js';
import type { Turn } from '../models/model.js';
import { nextCommonSlot, type RateLimit, type SlotBook, WINDOW_MS } from '../util/next-slot.js';
import { formatTimeLimit } from '../util/amounts.js';

/** A wait that is longer is told, milliseconds; once a minute, as every caller behind it waits too. */
const TOLD_WAIT_MS = 2000;

/** Keeps `max_rpm`. */
export interface RateLimiter {
  /**
   * Resolves when an attempt of the agent may start, first come first served: with its turn, or undefined where there is no
   * limit. Rejects with the signal's reason.
   */
  waitForTurn(agent: Pick<AgentDefinition, 'key' | 'maxRpm'>, options: TurnOptions): Promise<Turn | undefined>;
}

export interface TurnOptions {
  readonly signal: AbortSignal;
  readonly taskKey: string;
}

/** A limiter for the calls of a run: both the crew's limit and the agent's own have to allow an attempt. */
export function createRateLimiter(options: {
  readonly definition: Pick<CrewDefinition, 'name' | 'maxRpm'>;
  readonly slots: SlotBook;
  readonly emit: EmitEvent;
  /** Default: the computer's own. */
  readonly clock?: Clock;
}): RateLimiter {
  const { definition, slots, emit, clock = systemClock } = options;
  let toldUntil = -Infinity;

  const limitsOf = ({ key, maxRpm }: Pick<AgentDefinition, 'key' | 'maxRpm'>): RateLimit[] => [
    ...(definition.maxRpm === undefined ? [] : [{ scope: 'crew', perMinute: definition.maxRpm }]),
    ...(maxRpm === undefined ? [] : [{ scope: `agent:${definition.name}/${key}`, perMinute: maxRpm }]),
  ];

  return {
    async waitForTurn(agent, { signal, taskKey }) {
      const limits = limitsOf(agent);
      if (limits.length === 0) return undefined;
      signal.throwIfAborted();
      const now = clock.now();
      const at = await slots.take(limits, { now, signal });
      // Where it cannot be given back, others wait longer than they have to; what the caller goes on with matters more.
      const turn: Turn = { giveBack: () => slots.giveBack(limits, at).catch(() => undefined) };
      if (at - now > TOLD_WAIT_MS && now >= toldUntil) {
        toldUntil = now + WINDOW_MS;
        const perMinute = Math.min(...limits.map((limit) => limit.perMinute));
        emit({ type: 'warning', taskKey, message: `waiting ${formatTimeLimit(at - now)} for max_rpm ${perMinute}` });
      }
      try {
        signal.throwIfAborted();
        // A timer may be over a moment early.
        while (clock.now() < at) await sleepOrAbort(clock, at - clock.now(), signal);
      } catch (error) {
        await turn.giveBack();
        throw error;
      }
      return turn;
    },
  };
}

/** Turns of one process, kept in memory. */
export function createMemorySlots(): SlotBook {
  const times = new Map<string, number[]>();
  const takenIn = (scope: string): number[] => times.get(scope) ?? [];
  return {
    async take(limits, { now }) {
      for (const { scope } of limits) {
        times.set(
          scope,
          takenIn(scope).filter((at) => at > now - WINDOW_MS),
        );
      }
      const at = nextCommonSlot(
        limits.map(({ scope, perMinute }) => ({ taken: takenIn(scope), perMinute })),
        now,
      );
      for (const { scope } of limits)
        times.set(
          scope,
          [...takenIn(scope), at].toSorted((a, b) => a - b),
        );
      return at;
    },
    async giveBack(limits, at) {
      for (const { scope } of limits) {
        const taken = takenIn(scope);
        const index = taken.lastIndexOf(at);
        // It may be forgotten already.
        if (index >= 0) times.set(scope, taken.toSpliced(index, 1));
      }
    },
  };
}
