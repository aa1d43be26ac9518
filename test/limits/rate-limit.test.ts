import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../src/events.js';
import { createMemorySlots, createRateLimiter } from '../../src/limits/rate-limit.js';
import { createManualClock } from '../helpers/manual-clock.js';

function createScene(maxRpm: number | undefined, start = 0) {
  const clock = createManualClock(start);
  const events: RunEvent[] = [];
  const limiter = createRateLimiter({
    definition: { name: 'test', maxRpm },
    slots: createMemorySlots(),
    emit: (event) => events.push(event),
    clock,
  });
  const controller = new AbortController();
  const starts: number[] = [];
  const wait = async (
    agent: { readonly key: string; readonly maxRpm: number | undefined },
    { signal } = controller,
  ) => {
    const turn = await limiter.waitForTurn(agent, { signal, taskKey: 'a' });
    starts.push(clock.now());
    return turn;
  };
  const told = () => events.map((event) => (event.type === 'warning' ? event.message : event.type));
  return { clock, controller, starts, wait, told };
}

const FREE = { key: 'free', maxRpm: undefined };
const SLOW = { key: 'slow', maxRpm: 1 };

describe('max_rpm', () => {
  it('is not there by default', async () => {
    const { wait, starts } = createScene(undefined);
    await Promise.all(Array.from({ length: 100 }, () => wait(FREE)));
    expect(starts).toHaveLength(100);
  });

  it('lets each caller wait only until its own turn, first come first served', async () => {
    const { clock, wait, starts, told } = createScene(4);
    const calls = Promise.all(Array.from({ length: 5 }, () => wait(FREE)));
    await clock.untilAsleep(3);
    expect(clock.asleep()).toEqual([15_000, 30_000, 60_000]);
    for (const ms of [15_000, 15_000, 30_000]) {
      clock.advance(ms);
      await new Promise(setImmediate);
    }
    await calls;
    expect(starts).toEqual([0, 0, 15_000, 30_000, 60_000]);
    expect(told()).toEqual(['waiting 15 s for max_rpm 4']);
  });

  it('of an agent holds beside the one of the crew, which others go on using', async () => {
    const { clock, wait, starts, told } = createScene(10);
    await wait(SLOW);
    const second = wait(SLOW);
    await clock.untilAsleep(1);
    await wait(FREE);
    expect(clock.asleep()).toEqual([60_000]);
    clock.advance(60_000);
    await second;
    expect(starts).toEqual([0, 0, 60_000]);
    expect(told()).toEqual(['waiting 1 min for max_rpm 1']);
  });

  it('gives the turn back of a caller who is stopped', async () => {
    const { clock, controller, wait, starts } = createScene(1);
    await wait(FREE);
    const stopped = wait(FREE);
    const other = new AbortController();
    await clock.untilAsleep(1);
    controller.abort(new Error('stopped by a person'));
    await expect(stopped).rejects.toThrow('stopped by a person');
    const next = wait(FREE, other);
    await clock.untilAsleep(1);
    expect(clock.asleep()).toEqual([60_000]);
    clock.advance(60_000);
    await next;
    expect(starts).toEqual([0, 60_000]);
  });

  it('gives a turn back that was not used', async () => {
    const { wait, starts } = createScene(1);
    await (await wait(FREE))?.giveBack();
    await wait(FREE);
    expect(starts).toEqual([0, 0]);
  });

  it('leaves the turns of others alone where one is given back too late', async () => {
    const { clock, wait, starts } = createScene(1);
    const late = await wait(FREE);
    clock.advance(61_000);
    await wait(FREE);
    await late?.giveBack();
    const next = wait(FREE);
    await clock.untilAsleep(1);
    expect(clock.asleep()).toEqual([60_000]);
    clock.advance(60_000);
    await next;
    expect(starts).toEqual([0, 61_000, 121_000]);
  });

  it('takes no turn for a caller who is stopped already', async () => {
    const { controller, wait, starts } = createScene(1);
    controller.abort(new Error('stopped'));
    await expect(wait(FREE)).rejects.toThrow('stopped');
    await wait(FREE, new AbortController());
    expect(starts).toEqual([0]);
  });

  it('tells of waits once a minute, and not of short ones', async () => {
    const { clock, wait, told } = createScene(60);
    const calls = Promise.all(Array.from({ length: 40 }, () => wait(FREE)));
    await clock.untilAsleep(10);
    expect(told()).toEqual(['waiting 3 s for max_rpm 60']);
    clock.advance(60_000);
    await calls;
  });
});
