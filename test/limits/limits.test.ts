import { describe, expect, it } from 'vitest';
import { CrewError, LimitError } from '../../src/errors.js';
import type { RunEvent } from '../../src/events.js';
import type { LimitsDefinition, ModelDefinition } from '../../src/definition/types.js';
import { createRunLimits, type RunLimitsOptions } from '../../src/limits/limits.js';
import { NO_SPEND, type Spend } from '../../src/util/spend.js';
import { ask, modelOf } from '../models/scene.js';

const CHEAP = modelOf('test/cheap', { maxTokens: 100, price: { input: 0, output: 1000 } });
const DEAR = modelOf('test/dear', { maxTokens: 100, price: { input: 0, output: 4000 } });
const REQUEST = ask('Hello?');
const { signal } = new AbortController();

const price = async ({ price: each }: ModelDefinition, tokens: { inputTokens: number; outputTokens: number }) =>
  each ? (tokens.inputTokens * each.input + tokens.outputTokens * each.output) / 1_000_000 : null;

function createScene(limits: LimitsDefinition, more: Partial<RunLimitsOptions> = {}) {
  const events: RunEvent[] = [];
  const emit = (event: RunEvent): void => void events.push(event);
  const run = createRunLimits({ limited: { runId: 'k3m9x2qa' }, limits, models: { price }, emit, ...more });
  const told = () => events.map((event) => (event.type === 'warning' ? event.message : event.type));
  return { run, told };
}

function spend(costUsd: number, outputTokens = 10, more: Partial<Spend> = {}): Spend {
  return { ...NO_SPEND, costUsd, usage: { ...NO_SPEND.usage, outputTokens, requests: 1 }, ...more };
}

async function shown(work: Promise<unknown> | (() => unknown)): Promise<string> {
  const error: unknown = await (typeof work === 'function' ? Promise.resolve().then(work) : work).catch(
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof CrewError)) throw new Error('it did not fail as it should', { cause: error });
  return `\n${error.exitCode} ${error.message}\n→ ${error.hint}\n`;
}

describe('a budget', () => {
  it('refuses a call whose worst case does not fit beside what is used', async () => {
    const { run } = createScene({ budgetUsd: 0.25 });
    const first = run.openCall(REQUEST, signal);
    await first.admit(CHEAP);
    first.settle(spend(0.16));
    expect(await shown(run.openCall(REQUEST, signal).admit(CHEAP))).toMatchInlineSnapshot(`
      "
      4 the budget of $0.2500 does not cover the next call: $0.1600 is used, and test/cheap could cost up to $0.1000
      → Go on with crew resume k3m9x2qa --budget 0.52, or lower max_tokens of the model, and with it what a call can cost.
      "
    `);
  });

  it('takes the worst case of a call under way, and what it really took afterwards', async () => {
    const { run } = createScene({ budgetUsd: 0.15 });
    const first = run.openCall(REQUEST, signal);
    await first.admit(CHEAP);
    const second = run.openCall(REQUEST, signal);
    let isAdmitted = false;
    const waiting = second.admit(CHEAP).then(() => (isAdmitted = true));
    await new Promise(setImmediate);
    expect(isAdmitted).toBe(false);
    first.settle(spend(0.05));
    await waiting;
  });

  it('refuses a call that waited in vain', async () => {
    const { run } = createScene({ budgetUsd: 0.15 });
    const first = run.openCall(REQUEST, signal);
    await first.admit(CHEAP);
    const waiting = run.openCall(REQUEST, signal).admit(CHEAP);
    await new Promise(setImmediate);
    first.settle(spend(0.1));
    await expect(waiting).rejects.toThrow(LimitError);
  });

  it('lets a waiting call be aborted', async () => {
    const { run } = createScene({ budgetUsd: 0.15 });
    await run.openCall(REQUEST, signal).admit(CHEAP);
    const controller = new AbortController();
    const waiting = run.openCall(REQUEST, controller.signal).admit(CHEAP);
    controller.abort(new Error('stopped by a person'));
    await expect(waiting).rejects.toThrow('stopped by a person');
  });

  it('prices a fallback by itself, in place of the model that failed', async () => {
    const { run } = createScene({ budgetUsd: 0.4 });
    const account = run.openCall(REQUEST, signal);
    await account.admit(CHEAP);
    await account.admit(DEAR);
    account.settle();
    expect(await shown(createScene({ budgetUsd: 0.3 }).run.openCall(REQUEST, signal).admit(DEAR)))
      .toMatchInlineSnapshot(`
        "
        4 the budget of $0.3000 does not cover the next call: $0 is used, and test/dear could cost up to $0.4000
        → Go on with crew resume k3m9x2qa --budget 0.8, or lower max_tokens of the model, and with it what a call can cost.
        "
      `);
  });

  it('is free again after a call that failed', async () => {
    const { run } = createScene({ budgetUsd: 0.1 });
    const failed = run.openCall(REQUEST, signal);
    await failed.admit(CHEAP);
    failed.settle();
    failed.settle();
    await run.openCall(REQUEST, signal).admit(CHEAP);
  });

  it('counts the worst case where the provider does not say what a call took', async () => {
    const { run } = createScene({ budgetUsd: 0.15, maxTokens: 10_000 });
    const silent = run.openCall(REQUEST, signal);
    await silent.admit(CHEAP);
    silent.settle(spend(0, 0, { unpricedRequests: 1 }));
    await expect(run.openCall(REQUEST, signal).admit(CHEAP)).rejects.toThrow('$0.1000 is used');
  });

  it('counts what attempts took whose answers could not be used, once, before the next one is admitted', async () => {
    const { run } = createScene({ budgetUsd: 0.15, maxTokens: 1000 });
    const account = run.openCall(REQUEST, signal);
    await account.admit(CHEAP);
    await account.admit(CHEAP, spend(0.05));
    expect(await shown(account.admit(CHEAP, spend(0.12)))).toMatchInlineSnapshot(`
      "
      4 the budget of $0.1500 does not cover the next call: $0.1200 is used, and test/cheap could cost up to $0.1000
      → Go on with crew resume k3m9x2qa --budget 0.44, or lower max_tokens of the model, and with it what a call can cost.
      "
    `);
    account.settle(spend(0.13));
    account.settle();
    await expect(run.openCall(REQUEST, signal).admit(CHEAP)).rejects.toThrow('$0.1300 is used');
  });

  it('counts each call of which the cost is unknown with its worst case', async () => {
    const { run } = createScene({ budgetUsd: 0.35 });
    const account = run.openCall(REQUEST, signal);
    await account.admit(CHEAP);
    account.settle(spend(0.07, 10, { unpricedRequests: 2 }));
    await expect(run.openCall(REQUEST, signal).admit(CHEAP)).rejects.toThrow('$0.2700 is used');
  });

  it('counts a call that failed and was paid for', async () => {
    const { run } = createScene({ budgetUsd: 0.15 });
    const failed = run.openCall(REQUEST, signal);
    await failed.admit(CHEAP);
    failed.settle({ ...spend(0.1), usage: NO_SPEND.usage });
    await expect(run.openCall(REQUEST, signal).admit(CHEAP)).rejects.toThrow('$0.1000 is used');
  });

  it('refuses a model without a price', async () => {
    const { run } = createScene({ budgetUsd: 5 });
    expect(await shown(run.openCall(REQUEST, signal).admit(modelOf('test/free')))).toMatchInlineSnapshot(`
      "
      4 the budget cannot be kept: no price is known of test/free
      → Say what it costs under models, in US dollars per million tokens: price: { input: …, output: … } (0 where it is free).
      "
    `);
  });

  it('goes on with what a resumed run took before', async () => {
    const { run, told } = createScene({ budgetUsd: 1 }, { spent: spend(0.95, 10, { unpricedRequests: 2 }) });
    await expect(run.openCall(REQUEST, signal).admit(CHEAP)).rejects.toThrow('$0.9500 is used');
    expect(told()).toMatchInlineSnapshot(`
      [
        "2 earlier calls without a known price do not count for the budget",
        "$0.9500 of the budget of $1.00 used",
      ]
    `);
  });
});

describe('max_tokens', () => {
  it('counts the request and the most that the answer may have', async () => {
    const { run } = createScene({ maxTokens: 150 });
    expect(await shown(run.openCall(REQUEST, signal).admit(CHEAP))).toMatchInlineSnapshot(`
      "
      4 limits.max_tokens of 150 does not cover the next call: 0 tokens are used, and test/cheap could take up to 163
      → Raise limits.max_tokens in the crew file and go on with crew resume k3m9x2qa --with-current.
      "
    `);
  });

  it('holds for steps that a cassette answers, once it is reached', async () => {
    const { run } = createScene({ maxTokens: 150 });
    run.admitStep({ kind: 'model' });
    run.openCall(REQUEST, signal).settle(spend(0, 150));
    expect(await shown(() => run.admitStep({ kind: 'model' }))).toMatchInlineSnapshot(`
      "
      4 limits.max_tokens of 150 is reached: 150 used
      → Raise limits.max_tokens in the crew file and go on with crew resume k3m9x2qa --with-current.
      "
    `);
  });
});

describe('max_model_calls', () => {
  it('counts model steps and no others, those before a resume too', async () => {
    const { run } = createScene({ maxModelCalls: 3 }, { spent: spend(0) });
    run.admitStep({ kind: 'model' });
    run.admitStep({ kind: 'tool' });
    run.admitStep({ kind: 'delegation' });
    run.admitStep({ kind: 'model' });
    expect(await shown(() => run.admitStep({ kind: 'model' }))).toMatchInlineSnapshot(`
      "
      4 limits.max_model_calls of 3 is reached: 3 made
      → Raise limits.max_model_calls in the crew file and go on with crew resume k3m9x2qa --with-current.
      "
    `);
  });
});

describe('a timeout', () => {
  it('aborts with what to do next, after a warning; both timers end with the work', async () => {
    const timers = new Map<number, () => void>();
    const { run, told } = createScene(
      { timeoutMs: 900_000 },
      {
        timer: (ms, callback) => {
          timers.set(ms, callback);
          return () => {
            timers.delete(ms);
            return ms;
          };
        },
      },
    );
    const deadline = run.startDeadline(signal);
    expect([...timers.keys()].toSorted((a, b) => a - b)).toEqual([720_000, 900_000]);
    timers.get(720_000)?.();
    expect(told()).toEqual(['12 min of 15 min are over (limits.timeout)']);
    timers.get(900_000)?.();
    expect(await shown(Promise.reject(deadline.signal.reason as Error))).toMatchInlineSnapshot(`
      "
      4 the run took longer than its timeout of 15 min
      → Go on with crew resume k3m9x2qa, which has the full time again, or give it more with --timeout.
      "
    `);
    deadline.release();
    expect(timers.size).toBe(0);
  });

  it('is none by default', () => {
    expect(createScene({}).run.startDeadline(signal).signal).toBe(signal);
  });
});

it('warns once for each limit of which 80 % are used', async () => {
  const { run, told } = createScene({ budgetUsd: 1, maxTokens: 1000, maxModelCalls: 5 });
  for (let call = 1; call <= 5; call += 1) {
    run.admitStep({ kind: 'model' });
    const account = run.openCall(REQUEST, signal);
    await account.admit(CHEAP);
    account.settle(spend(0.18, 170));
  }
  expect(told()).toMatchInlineSnapshot(`
    [
      "4 of 5 model calls made (limits.max_model_calls)",
      "$0.9000 of the budget of $1.00 used",
      "850 of 1,000 tokens used (limits.max_tokens)",
    ]
  `);
});

it('costs nothing where there is no limit', async () => {
  const { run, told } = createScene({}, { models: { price: () => Promise.reject(new Error('not to be asked')) } });
  for (let call = 1; call <= 100; call += 1) {
    run.admitStep({ kind: 'model' });
    const account = run.openCall(REQUEST, signal);
    await account.admit(CHEAP);
    account.settle(spend(100, 1_000_000));
  }
  expect(told()).toEqual([]);
});
