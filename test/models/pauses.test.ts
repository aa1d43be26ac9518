import { describe, expect, it } from 'vitest';
import { createPauses } from '../../src/models/pauses.js';
import { createManualClock } from '../helpers/manual-clock.js';
import { failure, text } from '../helpers/provider-server.js';
import { ask, modelOf, NOW, openScene } from './scene.js';

const SLOW_DOWN = failure(429, 'slow down', { 'retry-after': '7' });

describe('a rate limit', () => {
  it('makes all callers of the model wait, is said once, and lets them come back spread out', async () => {
    const clock = createManualClock(NOW);
    await using scene = await openScene([SLOW_DOWN, text('one'), text('two'), text('three')], {
      clock,
      random: () => 0.5,
    });
    const first = scene.call();
    await clock.untilAsleep(1);
    const others = [scene.call(), scene.call()];
    await clock.untilAsleep(3);
    expect(scene.server.requests).toHaveLength(1);
    expect(clock.asleep()).toEqual([7250, 7500, 7500]);
    clock.advance(7500);
    await Promise.all([first, ...others]);
    expect(scene.notices).toMatchInlineSnapshot(`
      [
        "openai/gpt-4o: 429 Too Many Requests; trying again in 7.3 s (2 of 4)",
      ]
    `);
    scene.server.assertDone();
  });

  it('is said once too when several calls under way meet it', async () => {
    const clock = createManualClock(NOW);
    let requests = 0;
    await using scene = await openScene(() => ((requests += 1) <= 3 ? SLOW_DOWN : text('Hi.')), { clock });
    const calls = [scene.call(), scene.call(), scene.call()];
    await clock.untilAsleep(3);
    clock.advance(7000);
    await Promise.all(calls);
    expect(scene.notices).toHaveLength(1);
    expect(requests).toBe(6);
  });

  it('holds for the calls of all clients that share it', async () => {
    const clock = createManualClock(NOW);
    const pauses = createPauses();
    await using scene = await openScene([SLOW_DOWN, text('one'), text('two')], { clock, pauses });
    await using other = await openScene([], { clock, pauses, env: { OPENAI_BASE_URL: scene.server.url } });
    const calls = [scene.call()];
    await clock.untilAsleep(1);
    calls.push(other.call());
    await clock.untilAsleep(2);
    clock.advance(7000);
    await Promise.all(calls);
    expect(other.notices).toEqual([]);
    scene.server.assertDone();
  });

  it('does not hold back other models', async () => {
    const clock = createManualClock(NOW);
    await using scene = await openScene(({ model }) => (model === 'gpt-4o' ? SLOW_DOWN : text('Hi.')), { clock });
    const limited = scene.call({ model: { maxRetries: 1 } });
    await clock.untilAsleep(1);
    expect((await scene.call({ models: [modelOf('openai/gpt-4.1')] })).model).toBe('openai/gpt-4.1');
    clock.advance(7000);
    await expect(limited).rejects.toThrow('the rate limit was reached');
  });

  it('slows down the others also where the one who met it gives up', async () => {
    const clock = createManualClock(NOW);
    await using scene = await openScene([SLOW_DOWN, text('Hi.')], { clock });
    await scene.fail({ model: { maxRetries: 0 } });
    const next = scene.call();
    await clock.untilAsleep(1);
    expect(clock.asleep()).toEqual([7000]);
    clock.advance(7000);
    await next;
  });

  it('that lasts too long to be waited for holds back no one', async () => {
    const clock = createManualClock(NOW);
    await using scene = await openScene([failure(429, 'daily', { 'retry-after': '7200' }), text('Hi.')], { clock });
    await scene.fail();
    await scene.call();
    scene.server.assertDone();
  });

  it('lets a waiting call be aborted', async () => {
    const clock = createManualClock(NOW);
    await using scene = await openScene([SLOW_DOWN], { clock });
    await scene.fail({ model: { maxRetries: 0 } });
    const controller = new AbortController();
    const waiting = scene.call({ signal: controller.signal, request: ask('Still there?') });
    await clock.untilAsleep(1);
    controller.abort(new Error('stopped by a person'));
    await expect(waiting).rejects.toThrow('stopped by a person');
    expect(clock.asleep()).toEqual([]);
  });
});
