import { describe, expect, it } from 'vitest';
import { nextCommonSlot, nextRoom, nextSlot, type TakenSlot, WINDOW_MS } from '../../src/util/next-slot.js';

/** Takes the next slot for a caller who comes at each of these times, in order. */
function takeAll(perMinute: number, arrivals: readonly number[]): number[] {
  const taken: number[] = [];
  return arrivals.map((now) => {
    const at = nextSlot(
      taken.toSorted((a, b) => a - b),
      { perMinute, now },
    );
    taken.push(at);
    return at;
  });
}

/** The most times that lie within less than the window. */
function mostInWindow(times: readonly number[]): number {
  const sorted = times.toSorted((a, b) => a - b);
  return Math.max(...sorted.map((start) => sorted.filter((at) => at >= start && at < start + WINDOW_MS).length));
}

/** Numbers from 0 to below 1 that are the same in every run (https://en.wikipedia.org/wiki/Linear_congruential_generator). */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

describe('nextSlot', () => {
  it('does not wait while half of the calls are free', () => {
    expect(takeAll(10, [0, 0, 0, 0, 0])).toEqual([0, 0, 0, 0, 0]);
  });

  it('spaces what comes then evenly, until the window is full', () => {
    expect(
      takeAll(
        10,
        Array.from({ length: 14 }, () => 0),
      ),
    ).toEqual([0, 0, 0, 0, 0, 6000, 12_000, 18_000, 24_000, 30_000, 60_000, 66_000, 72_000, 78_000]);
  });

  it('allows one a minute and no more', () => {
    expect(takeAll(1, [0, 0, 10_000, 200_000])).toEqual([0, 60_000, 120_000, 200_000]);
  });

  it('fills a gap that someone gave back', () => {
    expect(nextSlot([0, 0, 12_000], { perMinute: 5, now: 0 })).toBe(24_000);
    expect(nextSlot([0, 0, 24_000], { perMinute: 5, now: 0 })).toBe(12_000);
  });

  it('does not crowd a window that others have taken ahead', () => {
    expect(nextSlot([50_000, 50_000], { perMinute: 2, now: 0 })).toBe(110_000);
  });

  it.each([1, 2, 3, 7, 10, 60, 500])(
    'never lets any 60 s hold more than %i calls, and serves in order',
    (perMinute) => {
      const random = createRandom(perMinute);
      for (let round = 0; round < 5; round += 1) {
        let now = 0;
        const arrivals = Array.from({ length: Math.min(4 * perMinute + 10, 400) }, () => {
          now += random() < 0.5 ? 0 : Math.floor((random() * 3 * WINDOW_MS) / perMinute);
          return now;
        });
        const times = takeAll(perMinute, arrivals);
        expect(mostInWindow(times)).toBeLessThanOrEqual(perMinute);
        expect(times.every((at, index) => at >= (arrivals[index] ?? 0))).toBe(true);
        expect(times).toEqual(times.toSorted((a, b) => a - b));
      }
    },
  );

  it('keeps the bound when slots are given back and taken at random', () => {
    const random = createRandom(99);
    for (const perMinute of [1, 2, 5, 20]) {
      let taken: number[] = [];
      let now = 0;
      for (let step = 0; step < 500; step += 1) {
        now += Math.floor((random() * 2 * WINDOW_MS) / perMinute);
        const current = now;
        taken = taken.filter((at) => at <= current || random() > 0.2);
        taken = [...taken, nextSlot(taken, { perMinute, now })].toSorted((a, b) => a - b);
        expect(mostInWindow(taken.slice(-4 * perMinute))).toBeLessThanOrEqual(perMinute);
      }
    }
  });

  it('makes no one wait longer than needed: a millisecond earlier is too early', () => {
    const taken = [0, 0, 0, 0, 0, 6000, 12_000, 18_000, 24_000, 30_000];
    const at = nextSlot(taken, { perMinute: 10, now: 0 });
    expect(mostInWindow([...taken, at - 1])).toBe(11);
    expect(mostInWindow([...taken, at])).toBe(10);
  });
});

function callsAt(...times: number[]): TakenSlot[] {
  return times.map((at) => ({ at, tokens: 1 }));
}

/** The most tokens within less than the window. */
function mostTokens(slots: readonly TakenSlot[]): number {
  const from = (start: number) => slots.filter(({ at }) => at >= start && at < start + WINDOW_MS);
  return Math.max(0, ...slots.map(({ at }) => from(at).reduce((sum, { tokens }) => sum + tokens, 0)));
}

describe('nextRoom', () => {
  const taken = [
    { at: 0, tokens: 600 },
    { at: 10_000, tokens: 300 },
    { at: 65_000, tokens: 500 },
  ];

  it('does not wait while there is room', () => {
    expect(nextRoom(taken, { perMinute: 1000, tokens: 100, now: 20_000 })).toBe(20_000);
  });

  it('waits until enough of the others have left the window, before and after', () => {
    expect(nextRoom(taken, { perMinute: 1000, tokens: 200, now: 20_000 })).toBe(60_000);
    expect(nextRoom(taken, { perMinute: 1000, tokens: 500, now: 20_000 })).toBe(70_000);
    expect(nextRoom(taken, { perMinute: 1000, tokens: 501, now: 20_000 })).toBe(125_000);
  });

  it('gives a call that is above the limit a minute of its own', () => {
    expect(nextRoom(taken, { perMinute: 1000, tokens: 5000, now: 20_000 })).toBe(125_000);
    expect(nextRoom([{ at: 0, tokens: 5000 }], { perMinute: 1000, tokens: 1, now: 20_000 })).toBe(60_000);
    expect(nextRoom([], { perMinute: 1000, tokens: 5000, now: 20_000 })).toBe(20_000);
  });

  it('never lets any 60 s hold more, whatever calls come', () => {
    const random = createRandom(7);
    for (let round = 0; round < 20; round += 1) {
      let slots: TakenSlot[] = [];
      let now = 0;
      for (let call = 0; call < 100; call += 1) {
        now += Math.floor(random() * 20_000);
        const tokens = 1 + Math.floor(random() * 600);
        const at = nextRoom(slots, { perMinute: 1000, tokens, now });
        expect(at).toBeGreaterThanOrEqual(now);
        slots = [...slots, { at, tokens }].toSorted((a, b) => a.at - b.at);
      }
      expect(mostTokens(slots)).toBeLessThanOrEqual(1000);
    }
  });
});

describe('nextCommonSlot', () => {
  it('finds the earliest time that all limits allow', () => {
    const crew = { taken: callsAt(0, 30_000), perMinute: 2 };
    const agent = { taken: callsAt(61_000), perMinute: 1 };
    expect(nextCommonSlot([crew, agent], 0)).toBe(121_000);
    expect(nextCommonSlot([crew], 0)).toBe(60_000);
    expect(nextCommonSlot([], 5)).toBe(5);
  });
});
