import { describe, expect, it } from 'vitest';
import { LimitError, ProviderError } from '../../src/errors.js';
import type { Tool } from '../../src/tools/tool.js';
import { NO_SPEND, type Spend } from '../../src/util/spend.js';
import { createAgent, createDefinition, createTask } from '../helpers/definitions.js';
import { runScripted } from '../helpers/run-scripted.js';

const delegate = (id: string) => ({
  id,
  name: 'delegate_work_to_coworker',
  args: { task: 'Find it.', context: '', coworker: 'researcher' },
});
const manager = createAgent({ key: 'manager', role: 'Crew Manager' });
const researcher = createAgent({ key: 'researcher' });

function createTool(name: string, execute: Tool['execute'], effects: Tool['effects'] = 'none'): Tool {
  return {
    name,
    description: `The tool ${name}.`,
    parameters: { type: 'object', properties: {} },
    effects,
    digest: name,
    execute,
    parseArguments: async (value) => ({ ok: true, value: value as Record<string, never> }),
  };
}

const until = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });

function shown(error: unknown): string {
  if (!(error instanceof LimitError)) throw new Error('it did not end at a limit', { cause: error });
  return `\n${error.message}\n→ ${error.hint}\n`.replaceAll(/resume \w+/g, 'resume RUN');
}

describe('the limits of a run', () => {
  it('count the calls of manager, coworkers and choices of the order', async () => {
    const { error, result, models } = await runScripted(
      createDefinition({
        agents: [researcher],
        manager,
        taskOrder: 'manager',
        tasks: [createTask({ key: 'a' }), createTask({ key: 'b' })],
        limits: { maxModelCalls: 4 },
      }),
      {
        'Crew Manager': [
          { calls: [{ id: 'order', name: 'choose_task', args: { task: 'b' } }] },
          { calls: [delegate('x')] },
          'Done with b.',
        ],
        researcher: ['Found.'],
      },
    );
    expect(models.owed()).toEqual({});
    expect(result).toMatchObject({ status: 'failed', exit_code: 4 });
    expect(shown(error)).toMatchInlineSnapshot(`
      "
      limits.max_model_calls of 4 is reached: 4 made
      → Raise limits.max_model_calls in the crew file and go on with crew resume RUN --with-current.
      "
    `);
  });

  it('end a run before the call that the budget does not cover; what is finished stays', async () => {
    const { error, result, steps, events } = await runScripted(
      createDefinition({
        tasks: [createTask({ key: 'a' }), createTask({ key: 'b' })],
        limits: { budgetUsd: 0.0105 },
      }),
      { worker: ['Done with a.'] },
    );
    expect(shown(error)).toMatchInlineSnapshot(`
      "
      the budget of $0.0105 does not cover the next call: $0.0010 is used, and openai/gpt-4.1-mini could cost up to $0.0100
      → Go on with crew resume RUN --budget 0.022, or lower max_tokens of the model, and with it what a call can cost.
      "
    `);
    expect(result.tasks_output.map(({ status }) => status)).toEqual(['completed', 'failed']);
    expect(steps.map(({ path, status }) => [path, status])).toEqual([
      ['a/llm/1', 'completed'],
      ['b/llm/1', 'failed'],
    ]);
    const calls = events.filter(({ type }) => type === 'model-call-start' || type === 'model-call-end');
    expect(calls).toHaveLength(4);
  });

  it('do not let parallel tasks spend together what each alone could', async () => {
    let atOnce = 0;
    let most = 0;
    const answer = async (): Promise<string> => {
      atOnce += 1;
      most = Math.max(most, atOnce);
      await new Promise(setImmediate);
      atOnce -= 1;
      return 'Done.';
    };
    const tasks = ['a', 'b', 'c', 'd'].map((key) => createTask({ key, context: [] }));
    const { result } = await runScripted(createDefinition({ tasks, limits: { budgetUsd: 0.025 } }), {
      worker: [answer, answer, answer, answer],
    });
    expect(result.status).toBe('completed');
    expect(most).toBe(2);
  });
});

describe('max_execution_time of an agent', () => {
  const hasty = createAgent({ key: 'hasty', role: 'Hasty Writer', maxExecutionTimeMs: 5 });

  it('aborts a model call', async () => {
    const { error, result } = await runScripted(
      createDefinition({ agents: [hasty], tasks: [createTask({ key: 'a' })] }),
      { 'Hasty Writer': [() => new Promise<never>(() => undefined)] },
    );
    expect(result.exit_code).toBe(4);
    expect(shown(error)).toMatchInlineSnapshot(`
      "
      Hasty Writer took longer than its max_execution_time of 5 ms
      → Go on with crew resume RUN, which gives it the full time again, or raise agents.hasty.max_execution_time and add --with-current.
      "
    `);
  });

  it('reaches its tools and what it delegated, and leaves other tasks alone', async () => {
    const aborted: string[] = [];
    const slow = createTool('slow', (_args, { signal }) => {
      signal.addEventListener('abort', () => aborted.push('slow'));
      return until(signal);
    });
    const { error, tasks } = await runScripted(
      createDefinition({
        agents: [
          { ...hasty, maxExecutionTimeMs: 300, allowDelegation: true },
          researcher,
          createAgent({ key: 'calm' }),
        ],
        tasks: [
          createTask({ key: 'a', agent: 'hasty', context: [] }),
          createTask({ key: 'b', agent: 'calm', context: [] }),
        ],
      }),
      {
        'Hasty Writer': [{ calls: [delegate('x')] }],
        researcher: [{ calls: [{ id: 'y', name: 'slow', args: {} }] }],
        calm: ['Done.'],
      },
      { agentTools: new Map([['researcher', [slow]]]) },
    );
    expect(aborted).toEqual(['slow']);
    expect((error as Error).message).toMatch(/^Hasty Writer took longer/);
    expect(tasks.map(({ key, status }) => [key, status])).toEqual([
      ['a', 'failed'],
      ['b', 'completed'],
    ]);
  });
});

it('tells and stores what a call took that failed', async () => {
  const spend: Spend = { ...NO_SPEND, costUsd: 0.5, usage: { ...NO_SPEND.usage, inputTokens: 90, outputTokens: 10 } };
  const refused = new ProviderError('refused', { trouble: 'content-filter', model: 'openai/x', spend });
  const { result, events, steps } = await runScripted(
    createDefinition({ tasks: [createTask({ key: 'a' })], limits: { maxTokens: 100_000 } }),
    { worker: [{ error: refused }] },
  );
  expect(events.find(({ type }) => type === 'model-call-end')).toMatchObject({ error: 'refused', spend });
  expect(steps).toMatchObject([{ path: 'a/llm/1', status: 'failed', spend }]);
  expect(result).toMatchObject({ cost_usd: 0.5, token_usage: { total_tokens: 100, successful_requests: 0 } });
  expect(result.tasks_output[0]).toMatchObject({ cost_usd: 0.5, token_usage: { prompt_tokens: 90 } });
});

describe('max_rpm', () => {
  it('is asked for each call with the agent that makes it', async () => {
    const turns: string[] = [];
    await runScripted(
      createDefinition({ agents: [researcher], manager, tasks: [createTask({ key: 'a' })] }),
      { 'Crew Manager': [{ calls: [delegate('x')] }, 'Done.'], researcher: ['Found.'] },
      {
        rateLimiter: {
          waitForTurn: async ({ key }, { taskKey }) => void turns.push(`${taskKey} ${key}`),
        },
      },
    );
    expect(turns).toEqual(['a manager', 'a researcher', 'a manager']);
  });
});

it('tells a model of a call that it repeats beside others that vary, and ends at the fifth', async () => {
  const search = createTool('search', () => Promise.resolve('Nothing.'));
  const read = createTool('read', () => Promise.resolve('A page.'));
  const answers = [1, 2, 3, 4, 5].map((page) => ({
    calls: [
      { id: `s${page}`, name: 'search', args: { words: 'solar' } },
      { id: `r${page}`, name: 'read', args: { page } },
    ],
  }));
  const { error, models, steps } = await runScripted(
    createDefinition({ tasks: [createTask({ key: 'a' })] }),
    { worker: answers },
    { agentTools: new Map([['worker', [search, read]]]) },
  );
  const last = JSON.stringify(models.requests.at(-1)?.request.messages.at(-1));
  expect(last.match(/made this same call \d times/g)).toEqual(['made this same call 4 times']);
  expect((error as Error).message).toBe('worker made the same call 5 times in a row: search {"words":"solar"}');
  expect(steps.filter(({ kind }) => kind === 'tool')).toHaveLength(8);
});
