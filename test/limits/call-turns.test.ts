import { expect, it } from 'vitest';
import { createCallTurns } from '../../src/limits/call-turns.js';
import { createMemorySlots } from '../../src/limits/memory-slots.js';
import { createRateLimiter } from '../../src/limits/rate-limit.js';
import { type RateLimit } from '../../src/util/next-slot.js';
import { NO_SPEND, NO_USAGE, type Spend } from '../../src/util/spend.js';
import { createManualClock } from '../helpers/manual-clock.js';

const model = { reference: 'openai/x', provider: 'openai', modelId: 'x' };
const took = (inputTokens: number, requests = 1): Spend => ({
  ...NO_SPEND,
  usage: { ...NO_USAGE, inputTokens, requests },
});

function createScene(maxTokens?: number) {
  const { signal } = new AbortController();
  const memory = createMemorySlots();
  const log: string[] = [];
  const words = (limits: readonly RateLimit[]) => limits.map(({ tokens }) => tokens).join();
  const limiter = createRateLimiter({
    definition: { name: 'test', maxRpm: undefined, maxTpm: 100_000 },
    clock: createManualClock(),
    emit: () => undefined,
    slots: {
      take: (limits, options) => (log.push(`take ${words(limits)}`), memory.take(limits, options)),
      giveBack: (limits, at) => (log.push(`give back ${words(limits)}`), memory.giveBack(limits, at)),
      settle: (limits, at, tokens) => (log.push(`settle ${tokens}`), memory.settle(limits, at, tokens)),
    },
  });
  const request = { messages: [{ role: 'system' as const, content: 'hello world' }], tools: [] };
  const turns = createCallTurns(limiter, { agent: { key: 'a', maxRpm: undefined }, request, signal, taskKey: 'a' });
  const next = () => turns.next({ ...model, ...(maxTokens !== undefined && { maxTokens }) });
  return { turns, next, log };
}

it('reserves the request and the longest answer, and counts what it came to', async () => {
  const { turns, next, log } = createScene(50);
  await next();
  turns.settle(took(30));
  turns.settle();
  expect(log).toEqual(['take 57', 'settle 30']);
});

it('reckons with a page where the length of the answer is not known', async () => {
  const { turns, next, log } = createScene();
  await next();
  turns.settle();
  expect(log).toEqual(['take 1007', 'settle 0']);
});

it('counts each attempt for itself, a failed one for nothing', async () => {
  const { turns, next, log } = createScene(50);
  await next();
  await next();
  turns.count(took(20, 0));
  await next();
  turns.settle(took(50));
  expect(log).toEqual(['take 57', 'settle 0', 'take 57', 'settle 20', 'take 57', 'settle 30']);
});

it('leaves what was reserved where the provider does not say what an answer took', async () => {
  const { turns, next, log } = createScene(50);
  await next();
  turns.settle(took(0));
  expect(log).toEqual(['take 57']);
});

it('gives a turn back that is not used', async () => {
  const { turns, next, log } = createScene(50);
  await (await next())?.giveBack();
  turns.settle();
  expect(log).toEqual(['take 57', 'give back 57']);
});
