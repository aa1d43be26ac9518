import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { StoreError } from '../../src/errors.js';
import { openStore } from '../../src/store/open-store.js';
import { createToolCache } from '../../src/tools/tool-cache.js';
import type { Tool } from '../../src/tools/tool.js';
import { createAgent, createDefinition, createTask } from '../helpers/definitions.js';
import { runScripted, toolTexts } from '../helpers/run-scripted.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

/** A tool without effects whose results are numbered. */
function countingTool(change: Partial<Tool> = {}): Tool {
  let count = 0;
  return {
    name: 'search',
    description: 'Searches.',
    parameters: { type: 'object', properties: {} },
    effects: 'none',
    digest: 'search',
    parseArguments: async (value) => ({ ok: true, value: value as Record<string, string> }),
    execute: async () => `result ${(count += 1)}`,
    ...change,
  };
}

const call = (id: string, args: object = { word: 'sun' }) => ({ id, name: 'search', args });
const crew = (cache: boolean, role = 'Worker') =>
  createDefinition({
    agents: [createAgent({ key: 'worker', role, cache })],
    tasks: [createTask({ key: 'look' })],
  });

/** A cache on a database of its own, for several runs. */
function createCache() {
  const store = openStore(join(temporaryFolder(), 'cache.db'));
  return createToolCache({ crew: 'test', store: store.toolResults });
}

describe('the results of tools', () => {
  it('are used again in the run and in later ones, where the agent has a cache', async () => {
    const toolCache = createCache();
    const agentTools = new Map([['worker', [countingTool()]]]);
    const run = (cache: boolean) =>
      runScripted(
        crew(cache),
        { Worker: [{ calls: [call('a'), call('b')] }, { calls: [call('c', { word: 'wind' })] }, 'Done.'] },
        { agentTools, toolCache },
      );
    const first = await run(true);
    expect(toolTexts(first.models.requests.at(-1)?.request ?? { messages: [] })).toEqual([
      'result 1',
      'result 1',
      'result 2',
    ]);
    const second = await run(true);
    expect(toolTexts(second.models.requests.at(-1)?.request ?? { messages: [] })).toEqual([
      'result 1',
      'result 1',
      'result 2',
    ]);
    expect(second.steps.flatMap(({ kind, response }) => (kind === 'tool' ? [response] : []))).toEqual([
      { text: 'result 1', fromCache: { runId: first.result.run_id, path: 'look/tool/a' } },
      { text: 'result 1', fromCache: { runId: first.result.run_id, path: 'look/tool/a' } },
      { text: 'result 2', fromCache: { runId: first.result.run_id, path: 'look/tool/c' } },
    ]);
    expect(second.events.find(({ type }) => type === 'tool-call-end')).toMatchObject({
      result: 'result 1',
      fromCache: { runId: first.result.run_id },
    });
    const without = await run(false);
    expect(toolTexts(without.models.requests.at(-1)?.request ?? { messages: [] })[0]).toBe('result 3');
  });

  it('are not kept where they are errors', async () => {
    let isDown = true;
    const tool = countingTool({
      execute: async () => {
        if (isDown) throw new Error('down');
        return 'up';
      },
    });
    const toolCache = createCache();
    const agentTools = new Map([['worker', [tool]]]);
    const run = () => runScripted(crew(true), { Worker: [{ calls: [call('a')] }, 'Done.'] }, { agentTools, toolCache });
    expect((await run()).steps[1]).toMatchObject({ isError: true, response: { text: 'It failed: down' } });
    isDown = false;
    expect((await run()).steps[1]?.response).toEqual({ text: 'up' });
  });

  it('end the run where they cannot be kept', async () => {
    const toolCache = createToolCache({
      crew: 'test',
      store: {
        find: () => undefined,
        keep: () => Promise.reject(new StoreError('the disk is full')),
        count: () => 0,
        clear: () => 0,
      },
    });
    const agentTools = new Map([['worker', [countingTool()]]]);
    const { result } = await runScripted(crew(true), { Worker: [{ calls: [call('a')] }] }, { agentTools, toolCache });
    expect(result.error).toMatchObject({ code: 'store', message: 'the disk is full' });
  });

  it('are those of coworkers who have a cache', async () => {
    const toolCache = createCache();
    const manager = createAgent({ key: 'manager', role: 'Manager' });
    const delegate = (id: string, coworker: string) => ({
      id,
      name: 'delegate_work_to_coworker',
      args: { task: 'Look.', context: '', coworker },
    });
    const definition = createDefinition({
      manager,
      agents: [createAgent({ key: 'one', role: 'One', cache: true }), createAgent({ key: 'two', role: 'Two' })],
      tasks: [createTask({ key: 'look' })],
    });
    const { steps } = await runScripted(
      definition,
      {
        Manager: [{ calls: [delegate('a', 'One')] }, { calls: [delegate('b', 'One'), delegate('c', 'Two')] }, 'Done.'],
        One: [{ calls: [call('t')] }, 'First.', { calls: [call('t')] }, 'Again.'],
        Two: [{ calls: [call('t')] }, 'Anew.'],
      },
      { taskTools: new Map([['look', [countingTool()]]]), toolCache },
    );
    const results = steps.filter(({ kind }) => kind === 'tool').map(({ path, response }) => [path, response]);
    expect(Object.fromEntries(results)).toMatchObject({
      'look/delegation/a/tool/t': { text: 'result 1' },
      'look/delegation/b/tool/t': { text: 'result 1', fromCache: { path: 'look/delegation/a/tool/t' } },
      'look/delegation/c/tool/t': { text: 'result 2' },
    });
  });
});
