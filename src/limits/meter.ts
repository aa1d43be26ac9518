/** Part of a limit at which a warning is told. */
export const WARNED_PART = 0.8;

/** What sums of fractions may be off by: 0.05 + 0.1 is above 0.15. */
const ROUNDING = 1e-9;

/** An amount that a run may take at most. */
export interface Meter {
  /** Infinity: no limit. */
  readonly limit: number;
  readonly used: number;
  add(amount: number): void;
  /** Whether all of these amounts can still be taken, together. */
  fits(...amounts: readonly number[]): boolean;
}

/** A meter at 0; `onNearlyReached` is told once, when 80 % of the limit are used. */
export function createMeter(limit: number | undefined, onNearlyReached: (used: number, limit: number) => void): Meter {
  const most = limit ?? Infinity;
  let used = 0;
  let isTold = false;
  return {
    limit: most,
    get used() {
      return used;
    },
    add(amount) {
      used += amount;
      if (isTold || used < most * WARNED_PART) return;
      isTold = true;
      onNearlyReached(used, most);
    },
    fits: (...amounts) => amounts.reduce((sum, amount) => sum + amount, used) <= most * (1 + ROUNDING),
  };
}
