import { nextCommonSlot, type RateLimit, type SlotBook, type TakenSlot, WINDOW_MS } from '../util/next-slot.js';

/** Turns of one process, kept in memory. */
export function createMemorySlots(): SlotBook {
  const slots = new Map<string, readonly TakenSlot[]>();
  const takenIn = ({ scope }: RateLimit): readonly TakenSlot[] => slots.get(scope) ?? [];
  /** Puts something else in the place of one slot, which may be forgotten already. */
  const replace = (limit: RateLimit, at: number, replacement: readonly TakenSlot[]): void => {
    const taken = takenIn(limit);
    const index = taken.findLastIndex((slot) => slot.at === at && slot.tokens === (limit.tokens ?? 1));
    if (index >= 0) slots.set(limit.scope, taken.toSpliced(index, 1, ...replacement));
  };
  return {
    async take(limits, { now, instead }) {
      for (const limit of limits) {
        if (instead !== undefined) replace(limit, instead, []);
        slots.set(
          limit.scope,
          takenIn(limit).filter(({ at }) => at > now - WINDOW_MS),
        );
      }
      const at = nextCommonSlot(
        limits.map((limit) => ({ ...limit, taken: takenIn(limit) })),
        now,
      );
      for (const limit of limits) {
        const taken = [...takenIn(limit), { at, tokens: limit.tokens ?? 1 }];
        slots.set(
          limit.scope,
          taken.toSorted((a, b) => a.at - b.at),
        );
      }
      return at;
    },
    async giveBack(limits, at) {
      for (const limit of limits) replace(limit, at, []);
    },
    async settle(limits, at, tokens) {
      for (const limit of limits) if (limit.tokens !== undefined) replace(limit, at, [{ at, tokens }]);
    },
  };
}
