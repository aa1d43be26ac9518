import { describe, expect, it } from 'vitest';
import type { ToolResultStore } from '../../src/store/kept-records.js';
import { type CacheableCall, createToolCache } from '../../src/tools/tool-cache.js';
import type { JsonObject } from '../../src/util/json.js';

/** A place for results in memory. */
function createResults(): ToolResultStore {
  const results = new Map<string, NonNullable<ReturnType<ToolResultStore['find']>>>();
  return {
    find: (key) => results.get(key),
    async keep(key, result) {
      results.set(key, result);
    },
    count: () => results.size,
    clear: () => 0,
  };
}

const call = (args: JsonObject, change: Partial<CacheableCall> = {}): CacheableCall => ({
  tool: { name: 'search', digest: '1', effects: 'none' },
  arguments: args,
  runId: 'run00001',
  path: 'research/tool/call_1',
  signal: new AbortController().signal,
  ...change,
});

function createScene(crew = 'brief', store = createResults()) {
  let count = 0;
  const cache = createToolCache({ crew, store });
  const execute = async () => `result ${(count += 1)}`;
  return {
    store,
    through: (args: JsonObject, change?: Partial<CacheableCall>) => cache.through(call(args, change), execute),
    cache,
  };
}

describe('a tool cache', () => {
  it('gives the result of an equal call, and says where it comes from', async () => {
    const { through } = createScene();
    expect(await through({ a: 1, b: [2] })).toEqual({ text: 'result 1' });
    expect(await through({ b: [2], a: 1 }, { runId: 'run00002', path: 'write/tool/x' })).toEqual({
      text: 'result 1',
      fromCache: { runId: 'run00001', path: 'research/tool/call_1' },
    });
  });

  it('does not mistake other arguments, tools, code or crews for equal', async () => {
    const { through, store } = createScene();
    await through({ a: 1 });
    expect((await through({ a: '1' })).text).toBe('result 2');
    expect((await through({ a: 1 }, { tool: { name: 'find', digest: '1', effects: 'none' } })).text).toBe('result 3');
    expect((await through({ a: 1 }, { tool: { name: 'search', digest: '2', effects: 'none' } })).text).toBe('result 4');
    expect(await createScene('other', store).through({ a: 1 })).toEqual({ text: 'result 1' });
  });

  it('leaves out tools with effects, and those that say so', async () => {
    const { through, store } = createScene();
    const tools = [
      { name: 'pay', digest: '1', effects: 'external' },
      { name: 'save', digest: '1', effects: 'write' },
      { name: 'read', digest: '1', effects: 'none', isCacheable: false },
    ] as const;
    for (const tool of tools) await through({}, { tool });
    for (const tool of tools) expect(await through({}, { tool })).not.toHaveProperty('fromCache');
    expect(store.count()).toBe(0);
  });

  it('keeps what the tool itself wants kept', async () => {
    const { cache, store } = createScene();
    const tool = { name: 'price', digest: '1', effects: 'external', isCacheable: true } as const;
    const give = (args: JsonObject, isKept: boolean) =>
      cache.through(call(args, { tool }), async () => ({ text: 'x', mayKeep: async () => isKept }));
    await give({ a: 1 }, false);
    await give({ a: 2 }, true);
    expect(store.count()).toBe(1);
    expect(await give({ a: 2 }, false)).toHaveProperty('fromCache');
  });

  it('keeps no failure', async () => {
    const { cache, through } = createScene();
    await expect(cache.through(call({}), () => Promise.reject(new Error('down')))).rejects.toThrow('down');
    expect(await through({})).toEqual({ text: 'result 1' });
  });

  it('makes one of equal calls at once', async () => {
    const { through } = createScene();
    const outcomes = await Promise.all([through({}), through({}), through({}), through({ other: true })]);
    expect(outcomes.map(({ text }) => text)).toEqual(['result 1', 'result 1', 'result 1', 'result 2']);
    expect(outcomes.filter(({ fromCache }) => fromCache)).toHaveLength(2);
  });

  it('makes the next of equal calls where the first fails, and lets go of one that is stopped', async () => {
    const { cache } = createScene();
    let fail: (error: Error) => void = () => undefined;
    const first = cache.through(call({}), () => new Promise<string>((_resolve, reject) => (fail = reject)));
    const stop = new AbortController();
    const second = cache.through(call({}, { signal: stop.signal }), async () => 'second');
    const third = cache.through(call({}), async () => 'third');
    stop.abort(new Error('stopped'));
    await expect(second).rejects.toThrow('stopped');
    fail(new Error('down'));
    await expect(first).rejects.toThrow('down');
    expect(await third).toEqual({ text: 'third' });
  });
});
