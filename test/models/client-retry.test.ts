import { describe, expect, it } from 'vitest';
import { cutOff, failure, hang, raw, reset, text } from '../helpers/provider-server.js';
import { backoffs, createTestClock, modelOf, NOW, openScene, shown } from './scene.js';

describe('a failure that may pass', () => {
  it('is tried again after waits that double, each said in one sentence', async () => {
    await using scene = await openScene([failure(503, 'overloaded'), failure(529), reset, text('Hi.')]);
    expect((await scene.call()).content).toEqual([{ type: 'text', text: 'Hi.' }]);
    expect(backoffs(scene.clock)).toEqual([500, 1000, 2000]);
    expect(scene.notices).toMatchInlineSnapshot(`
      [
        "openai/gpt-4o: 503 Service Unavailable; trying again in 500 ms (2 of 4)",
        "openai/gpt-4o: 529; trying again in 1 s (3 of 4)",
        "openai/gpt-4o: the connection failed; trying again in 2 s (4 of 4)",
      ]
    `);
    scene.server.assertDone();
  });

  it('is given up after `maxRetries` retries', async () => {
    await using scene = await openScene(() => failure(500, 'boom'));
    expect(shown(await scene.fail({ model: { maxRetries: 1 } }))).toMatchInlineSnapshot(`
      "openai/gpt-4o: the provider failed (500 Internal Server Error, 2 attempts): boom
      → Go on later, or name a second model: llm: [openai/gpt-4o, …]"
    `);
    expect(scene.server.requests).toHaveLength(2);
  });

  it('is not tried again with `maxRetries: 0`', async () => {
    await using scene = await openScene([failure(500, 'boom')]);
    expect((await scene.fail({ model: { maxRetries: 0 } })).attempts).toBe(1);
    scene.server.assertDone();
  });

  it('never waits longer than 30 s between tries', async () => {
    await using scene = await openScene(() => failure(502));
    await scene.fail({ model: { maxRetries: 9 } });
    expect(backoffs(scene.clock)).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
  });

  it('spreads the waits by chance', async () => {
    await using scene = await openScene(() => failure(502), { random: () => 0.5 });
    await scene.fail();
    expect(backoffs(scene.clock)).toEqual([375, 750, 1500]);
  });

  it('may be an answer that stops in the middle: nothing half is passed on', async () => {
    await using scene = await openScene([cutOff(), text('Whole.')]);
    expect((await scene.call()).content).toEqual([{ type: 'text', text: 'Whole.' }]);
    expect(scene.notices).toMatchInlineSnapshot(`
      [
        "openai/gpt-4o: the connection failed; trying again in 500 ms (2 of 4)",
      ]
    `);
  });
});

describe('Retry-After', () => {
  it.each([
    ['seconds', { 'retry-after': '7' }, 7000],
    ['a fraction of a second', { 'retry-after-ms': '1250', 'retry-after': '2' }, 1250],
    ['a date', { 'retry-after': new Date(NOW + 90_000).toUTCString() }, 90_000],
  ])('is waited for when it is %s', async (_form, headers, waitMs) => {
    await using scene = await openScene([failure(429, 'slow down', headers), text('Hi.')]);
    await scene.call();
    expect(backoffs(scene.clock)).toEqual([waitMs]);
  });

  it('holds for Google’s form in the body, which is no lack of quota', async () => {
    const body = {
      error: {
        code: 429,
        status: 'RESOURCE_EXHAUSTED',
        message: 'You exceeded your current quota, please check your plan and billing details.',
        details: [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '23s' }],
      },
    };
    await using scene = await openScene([failure(429, body), text('Hi.')]);
    await scene.call();
    expect(backoffs(scene.clock)).toEqual([23_000]);
  });

  it('ends the call when it is more than 5 minutes', async () => {
    await using scene = await openScene([failure(429, 'daily limit', { 'retry-after': '7200' })]);
    const error = await scene.fail();
    expect(error.retryAfterMs).toBe(7_200_000);
    expect(shown(error)).toMatchInlineSnapshot(`
      "openai/gpt-4o: the rate limit was reached (429 Too Many Requests, it asks to wait 2 h): daily limit
      → Wait and go on later, lower --concurrency, or name a second model: llm: [openai/gpt-4o, …]"
    `);
  });
});

describe('time', () => {
  it('ends a try that takes too long; the next one may answer', async () => {
    const clock = createTestClock();
    let timeouts = 0;
    const sleep: typeof clock.sleep = (ms, signal) => {
      if (ms !== 5000) return clock.sleep(ms, signal);
      timeouts += 1;
      return timeouts === 1 ? scene.server.waitForRequests(1) : clock.sleep(600_000, signal);
    };
    await using scene = await openScene([hang, text('Hi.')], { clock: { now: clock.now, sleep } });
    await scene.call({ model: { timeoutMs: 5000 } });
    expect(scene.notices).toMatchInlineSnapshot(`
      [
        "openai/gpt-4o: no answer in time; trying again in 500 ms (2 of 4)",
      ]
    `);
  });

  it('is 10 minutes for a try by default', async () => {
    await using scene = await openScene([text('Hi.')]);
    await scene.call();
    expect(scene.clock.waits).toEqual([600_000]);
  });

  it('runs out after all tries', async () => {
    const clock = createTestClock(() => true);
    await using scene = await openScene(() => hang, { clock });
    expect(shown(await scene.fail({ model: { timeoutMs: 90_000 } }))).toMatchInlineSnapshot(`
      "openai/gpt-4o: no answer in time (1.5 min, 4 attempts)
      → Raise the model's timeout, or name a second model: llm: [openai/gpt-4o, …]"
    `);
  });

  it('leaves no timer behind', async () => {
    const ended: boolean[] = [];
    const clock = createTestClock();
    const sleep: typeof clock.sleep = (ms, signal) => {
      signal.addEventListener('abort', () => ended.push(true));
      return clock.sleep(ms, signal);
    };
    await using scene = await openScene([text('Hi.')], { clock: { now: clock.now, sleep } });
    await scene.call();
    expect(ended).toEqual([true]);
  });
});

describe('an abort', () => {
  const reason = new Error('stopped by a person');

  it('ends a call that waits for its answer', async () => {
    await using scene = await openScene([hang]);
    const controller = new AbortController();
    const calling = scene.call({ signal: controller.signal });
    await scene.server.waitForRequests(1);
    controller.abort(reason);
    await expect(calling).rejects.toBe(reason);
  });

  it('ends a wait between tries', async () => {
    const controller = new AbortController();
    const clock = createTestClock(() => false);
    await using scene = await openScene([failure(500)], {
      clock: {
        now: clock.now,
        sleep: (ms, signal) => {
          if (ms === 500) setImmediate(() => controller.abort(reason));
          return clock.sleep(ms, signal);
        },
      },
    });
    await expect(scene.call({ signal: controller.signal })).rejects.toBe(reason);
    scene.server.assertDone();
  });

  it('before the call sends nothing', async () => {
    await using scene = await openScene([]);
    await expect(scene.call({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    scene.server.assertDone();
  });

  it('wins over a client that does not listen', async () => {
    const controller = new AbortController();
    await using scene = await openScene([], {
      fetch: () => {
        controller.abort(reason);
        return Promise.resolve(
          Response.json({ choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' } }] }),
        );
      },
    });
    await expect(scene.call({ signal: controller.signal })).rejects.toBe(reason);
  });

  it('does not start a fallback', async () => {
    await using scene = await openScene([hang]);
    const controller = new AbortController();
    const models = [modelOf('openai/gpt-4o'), modelOf('openai/gpt-4.1')];
    const calling = scene.call({ models, signal: controller.signal });
    await scene.server.waitForRequests(1);
    controller.abort(reason);
    await expect(calling).rejects.toBe(reason);
    expect(scene.notices).toEqual([]);
  });
});

it('reads a failure that hides in a 200, as some gateways send it', async () => {
  await using scene = await openScene([raw({ error: { code: 502, message: 'upstream is down' } }), text('Hi.')]);
  await scene.call();
  expect(scene.notices).toMatchInlineSnapshot(`
    [
      "openai/gpt-4o: 502 Bad Gateway; trying again in 500 ms (2 of 4)",
    ]
  `);
});
