import type { AgentDefinition, CrewDefinition } from '../definition/types.js';
import type { EmitEvent } from '../events.js';
import { type Clock, sleepOrAbort, systemClock } from '../models/clock.js';
import type { Turn } from '../models/model.js';
import { formatCount, formatTimeLimit } from '../util/amounts.js';
import { type RateLimit, type SlotBook, WINDOW_MS } from '../util/next-slot.js';

/** A wait that is longer is told, milliseconds; once a minute, as every caller behind it waits too. */
const TOLD_WAIT_MS = 2000;

/**
 * How often a caller who waits for tokens looks whether others took fewer than they were reckoned with, milliseconds. Those of
 * the same run are heard of at once.
 */
const LOOK_AGAIN_MS = 5000;

/** Who makes a call. */
export type RatedAgent = Pick<AgentDefinition, 'key' | 'maxRpm'> & Partial<Pick<AgentDefinition, 'maxTpm'>>;

/** Keeps `max_rpm` and `max_tpm`. */
export interface RateLimiter {
  /**
   * Resolves when an attempt of the agent may start, first come first served: with its turn, or undefined where there is no
   * limit. Rejects with the signal's reason.
   */
  waitForTurn(agent: RatedAgent, options: TurnOptions): Promise<RateTurn | undefined>;
}

export interface TurnOptions {
  readonly signal: AbortSignal;
  readonly taskKey: string;
  /** Tokens that the attempt is likely to take; only asked for where there is a limit of them. Default 1. */
  readonly estimateTokens?: () => Promise<number>;
}

/** The permission to make one attempt, which has its tokens reserved. */
export interface RateTurn extends Turn {
  /** Puts what the attempt took in place of what was reserved. Never rejects. */
  settle(tokens: number): Promise<void>;
}

/** A limiter for the calls of a run: the limits of the crew and those of the agent all have to allow an attempt. */
export function createRateLimiter(options: {
  readonly definition: Pick<CrewDefinition, 'name' | 'maxRpm'> & Partial<Pick<CrewDefinition, 'maxTpm'>>;
  readonly slots: SlotBook;
  readonly emit: EmitEvent;
  /** Default: the computer's own. */
  readonly clock?: Clock;
}): RateLimiter {
  const { definition, slots, emit, clock = systemClock } = options;
  const naps = new Set<AbortController>();
  let toldUntil = -Infinity;

  const limitsOf = async ({ key, maxRpm, maxTpm }: RatedAgent, { estimateTokens }: TurnOptions) => {
    const own = `agent:${definition.name}/${key}`;
    const isCounted = definition.maxTpm !== undefined || maxTpm !== undefined;
    const tokens = isCounted ? ((await estimateTokens?.()) ?? 1) : 1;
    return [
      { scope: 'crew', perMinute: definition.maxRpm },
      { scope: own, perMinute: maxRpm },
      { scope: 'tokens of crew', perMinute: definition.maxTpm, tokens },
      { scope: `tokens of ${own}`, perMinute: maxTpm, tokens },
    ].filter((limit): limit is RateLimit => limit.perMinute !== undefined);
  };
  /** Sleeps until then, or until there may be more room. */
  const sleepUntil = async (at: number, signal: AbortSignal, mayBeSooner: boolean): Promise<void> => {
    const left = at - clock.now();
    if (!mayBeSooner) return sleepOrAbort(clock, left, signal);
    const nap = new AbortController();
    naps.add(nap);
    try {
      await sleepOrAbort(clock, Math.min(left, LOOK_AGAIN_MS), AbortSignal.any([signal, nap.signal]));
    } catch (error) {
      if (!nap.signal.aborted || signal.aborted) throw error;
    } finally {
      naps.delete(nap);
    }
  };

  return {
    async waitForTurn(agent, turnOptions) {
      const { signal, taskKey } = turnOptions;
      const limits = await limitsOf(agent, turnOptions);
      if (limits.length === 0) return undefined;
      signal.throwIfAborted();
      const countsTokens = limits.some(({ tokens }) => tokens !== undefined);
      const now = clock.now();
      let at = await slots.take(limits, { now, signal });
      const free = async (work: Promise<void>): Promise<void> => {
        // Where it fails, others wait longer than they have to; what the caller goes on with matters more.
        await work.catch(() => undefined);
        for (const nap of naps) nap.abort();
      };
      const turn: RateTurn = {
        giveBack: () => free(slots.giveBack(limits, at)),
        settle: async (tokens) => {
          if (countsTokens) await free(slots.settle(limits, at, tokens));
        },
      };
      for (const message of noticesOf(limits)) emit({ type: 'warning', taskKey, message });
      if (at - now > TOLD_WAIT_MS && now >= toldUntil) {
        toldUntil = now + WINDOW_MS;
        emit({ type: 'warning', taskKey, message: `waiting ${formatTimeLimit(at - now)} for ${namesOf(limits)}` });
      }
      try {
        signal.throwIfAborted();
        // A timer may be over a moment early.
        while (clock.now() < at) {
          await sleepUntil(at, signal, countsTokens);
          const later = clock.now();
          if (later < at && countsTokens) at = await slots.take(limits, { now: later, signal, instead: at });
        }
      } catch (error) {
        await turn.giveBack();
        throw error;
      }
      return turn;
    },
  };
}

/** The limits that a caller waits for, as the file has them: `max_rpm 4 and max_tpm 30,000`. */
function namesOf(limits: readonly RateLimit[]): string {
  const least = (of: readonly RateLimit[]): number => Math.min(...of.map(({ perMinute }) => perMinute));
  const calls = limits.filter(({ tokens }) => tokens === undefined);
  const tokens = limits.filter((limit) => limit.tokens !== undefined);
  return [
    ...(calls.length > 0 ? [`max_rpm ${least(calls)}`] : []),
    ...(tokens.length > 0 ? [`max_tpm ${formatCount(least(tokens))}`] : []),
  ].join(' and ');
}

/** What is worth saying of a call that is above a limit by itself. */
function noticesOf(limits: readonly RateLimit[]): string[] {
  const above = limits.find(({ tokens = 0, perMinute }) => tokens > perMinute);
  if (above?.tokens === undefined) return [];
  const [tokens, most] = [above.tokens, above.perMinute].map(formatCount);
  return [`a call of about ${tokens} tokens is above max_tpm ${most}: it goes with no other call in the same minute`];
}
