import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../src/events.js';
import { createMemorySlots } from '../../src/limits/memory-slots.js';
import { createRateLimiter, type RatedAgent } from '../../src/limits/rate-limit.js';
import { createManualClock } from '../helpers/manual-clock.js';

function createScene(maxRpm: number | undefined, { start = 0, maxTpm }: { start?: number; maxTpm?: number } = {}) {
  const clock = createManualClock(start);
  const events: RunEvent[] = [];
  const limiter = createRateLimiter({
    definition: { name: 'test', maxRpm, maxTpm },
    slots: createMemorySlots(),
    emit: (event) => events.push(event),
    clock,
  });
  const controller = new AbortController();
  const starts: number[] = [];
  const wait = async (agent: RatedAgent, { signal } = controller, tokens?: number) => {
    const estimateTokens = tokens === undefined ? {} : { estimateTokens: async () => tokens };
    const turn = await limiter.waitForTurn(agent, { signal, taskKey: 'a', ...estimateTokens });
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

describe('max_tpm', () => {
  const callOf = ({ wait, controller }: ReturnType<typeof createScene>) => {
    return (tokens: number, agent: RatedAgent = FREE) => wait(agent, controller, tokens);
  };

  it('lets a call wait until there is room for its tokens', async () => {
    const scene = createScene(undefined, { maxTpm: 1000 });
    const call = callOf(scene);
    await call(600);
    await call(400);
    const third = call(500);
    await scene.clock.untilAsleep(1);
    expect(scene.told()).toEqual(['waiting 1 min for max_tpm 1,000']);
    for (let seconds = 0; seconds < 60; seconds += 5) {
      scene.clock.advance(5000);
      await new Promise(setImmediate);
    }
    await third;
    expect(scene.starts).toEqual([0, 0, 60_000]);
  });

  it('lets it go on at once when another call took fewer than were reserved', async () => {
    const scene = createScene(undefined, { maxTpm: 1000 });
    const call = callOf(scene);
    const first = await call(800);
    const second = call(500);
    await scene.clock.untilAsleep(1);
    scene.clock.advance(1000);
    await first?.settle(300);
    await second;
    expect(scene.starts).toEqual([0, 1000]);
  });

  it('counts what a call took more than was reserved', async () => {
    const scene = createScene(undefined, { maxTpm: 1000 });
    const call = callOf(scene);
    await (await call(100))?.settle(900);
    const second = call(200);
    await scene.clock.untilAsleep(1);
    expect(scene.told()).toEqual(['waiting 1 min for max_tpm 1,000']);
    scene.controller.abort(new Error('stopped'));
    await expect(second).rejects.toThrow('stopped');
  });

  it('gives the tokens back of a caller who is stopped', async () => {
    const scene = createScene(undefined, { maxTpm: 1000 });
    const call = callOf(scene);
    const first = await call(1000);
    const stopped = call(1000);
    await scene.clock.untilAsleep(1);
    scene.controller.abort(new Error('stopped'));
    await expect(stopped).rejects.toThrow('stopped');
    await first?.giveBack();
    await scene.wait(FREE, new AbortController(), 1000);
    expect(scene.starts).toEqual([0, 0]);
  });

  it('of an agent holds beside the one of the crew and beside max_rpm', async () => {
    const scene = createScene(10, { maxTpm: 1000 });
    const call = callOf(scene);
    const slow = { key: 'slow', maxRpm: undefined, maxTpm: 100 };
    await call(100, slow);
    const second = call(100, slow);
    await scene.clock.untilAsleep(1);
    await call(500);
    expect(scene.told()).toEqual(['waiting 1 min for max_rpm 10 and max_tpm 100']);
    scene.controller.abort(new Error('stopped'));
    await expect(second).rejects.toThrow('stopped');
    expect(scene.starts).toEqual([0, 0]);
  });

  it('lets a call go alone that is above it by itself, and says so', async () => {
    const scene = createScene(undefined, { maxTpm: 1000 });
    await callOf(scene)(5000);
    expect(scene.starts).toEqual([0]);
    expect(scene.told()).toEqual([
      'a call of about 5,000 tokens is above max_tpm 1,000: it goes with no other call in the same minute',
    ]);
  });
});
