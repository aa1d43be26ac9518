import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { OutputSchema } from '../../src/definition/output-schema.js';
import { InterruptedError, ProviderError } from '../../src/errors.js';
import type { Tool } from '../../src/tools/tool.js';
import type { JsonObject } from '../../src/util/json.js';
import { createAgent, createDefinition, createTask } from '../helpers/definitions.js';
import { runScripted, toolTexts, userTexts } from '../helpers/run-scripted.js';

const delegate = (id: string, coworker: unknown, task = 'Find it.') => ({
  id,
  name: 'delegate_work_to_coworker',
  args: { task, context: 'All of it.', coworker },
});
const manager = createAgent({ key: 'manager', role: 'Crew Manager', goal: '', backstory: '' });
const team = [createAgent({ key: 'researcher', role: 'Researcher' }), createAgent({ key: 'writer', role: 'Writer' })];

function createTool(
  name: string,
  execute: (args: JsonObject) => Promise<string>,
  effects: Tool['effects'] = 'none',
): Tool {
  return {
    name,
    description: `The tool ${name}.`,
    parameters: { type: 'object', properties: {} },
    effects,
    digest: name,
    execute,
    parseArguments: async (value) =>
      typeof value === 'object' ? { ok: true, value: value as JsonObject } : { ok: false, reason: 'must be an object' },
  };
}

describe('a sequential crew', () => {
  it('gives each task the outputs it names, in file order whatever order they were finished in', async () => {
    let releaseFirst = (): void => undefined;
    const firstMayEnd = new Promise<void>((resolve) => (releaseFirst = resolve));
    const agents = ['one', 'two', 'three'].map((key) => createAgent({ key }));
    const { models, result } = await runScripted(
      createDefinition({
        agents,
        tasks: [
          createTask({ key: 'a', agent: 'one', asyncExecution: true, context: [] }),
          createTask({ key: 'b', agent: 'two', asyncExecution: true, context: [] }),
          createTask({ key: 'c', agent: 'three', context: ['a', 'b'] }),
        ],
      }),
      {
        one: [() => firstMayEnd.then(() => 'output of a')],
        two: [
          async () => {
            releaseFirst();
            return 'output of b';
          },
        ],
        three: ['output of c'],
      },
    );
    expect(models.owed()).toEqual({});
    expect(result).toMatchObject({ status: 'completed', exit_code: 0, raw: 'output of c' });
    expect(userTexts(models.requests.at(-1)?.request ?? { messages: [] })).toMatchInlineSnapshot(`
      [
        "Task: Do c.

      Expected output: The result of c.

      Results of earlier tasks:

      <result task="a">
      output of a
      </result>

      <result task="b">
      output of b
      </result>

      Answer with the complete result, nothing else.",
      ]
    `);
  });

  it('records every task from the start, and each call as a step with its path and what is new in it', async () => {
    const { steps, tasks, result } = await runScripted(
      createDefinition({ tasks: [createTask({ key: 'a' }), createTask({ key: 'b' })] }),
      { worker: [{ calls: [{ id: 'call_1', name: 'note', args: { x: 1 } }] }, 'first', 'second'] },
      { agentTools: new Map([['worker', [createTool('note', async () => 'noted')]]]) },
    );
    expect(steps.map(({ path, kind, status }) => [path, kind, status])).toEqual([
      ['a/llm/1', 'model', 'completed'],
      ['a/tool/call_1', 'tool', 'completed'],
      ['a/llm/2', 'model', 'completed'],
      ['b/llm/1', 'model', 'completed'],
    ]);
    expect(steps[2]?.request).toEqual({ messages: [{ role: 'tool', results: [{ step: 'a/tool/call_1' }] }] });
    expect(tasks.map(({ key, status, raw }) => [key, status, raw])).toEqual([
      ['a', 'completed', 'first'],
      ['b', 'completed', 'second'],
    ]);
    expect(result.token_usage).toMatchObject({ total_tokens: 45, successful_requests: 3 });
    expect(result.cost_usd).toBeCloseTo(0.003);
  });

  it('keeps what finished when a task fails, and leaves the rest pending', async () => {
    const failure = new ProviderError('openai/x: 401 bad key', { trouble: 'auth', model: 'openai/x', status: 401 });
    const { result, tasks, steps } = await runScripted(
      createDefinition({ tasks: ['a', 'b', 'c'].map((key) => createTask({ key })) }),
      { worker: ['first', { error: failure }] },
    );
    expect(result).toMatchObject({ status: 'failed', exit_code: 6, error: { code: 'provider' } });
    expect(tasks.map(({ status }) => status)).toEqual(['completed', 'failed', 'pending']);
    expect(steps.at(-1)).toMatchObject({ path: 'b/llm/1', status: 'failed' });
  });

  it('marks the run and the task interrupted when its signal is aborted', async () => {
    const controller = new AbortController();
    const { result, tasks } = await runScripted(
      createDefinition({ tasks: [createTask({ key: 'a' })] }),
      {
        worker: [
          async () => {
            controller.abort(new InterruptedError('SIGTERM'));
            throw controller.signal.reason as Error;
          },
        ],
      },
      { signal: controller.signal },
    );
    expect(result).toMatchObject({ status: 'interrupted', exit_code: 143 });
    expect(tasks[0]?.status).toBe('interrupted');
  });
});

describe('tools', () => {
  const crew = createDefinition({ tasks: [createTask({ key: 'a' })] });
  const call = (id: string, name: string, args: unknown = {}) => ({ calls: [{ id, name, args }] });

  it('run in parallel when called in parallel, and their results come back in the order of the calls', async () => {
    let slowMayEnd = (): void => undefined;
    const slow = new Promise<void>((resolve) => (slowMayEnd = resolve));
    const { models, result } = await runScripted(
      crew,
      {
        worker: [
          {
            calls: [
              { id: '1', name: 'slow', args: {} },
              { id: '2', name: 'quick', args: {} },
            ],
          },
          'done',
        ],
      },
      {
        agentTools: new Map([
          [
            'worker',
            [
              createTool('slow', () => slow.then(() => 'slow result')),
              createTool('quick', async () => {
                slowMayEnd();
                return 'quick result';
              }),
            ],
          ],
        ]),
      },
    );
    expect(result.raw).toBe('done');
    expect(toolTexts(models.requests[1]?.request ?? { messages: [] })).toEqual(['slow result', 'quick result']);
  });

  it('tell the model what went wrong: a tool that throws, one that is unknown, arguments that do not fit', async () => {
    let executions = 0;
    const broken = (): Promise<never> => {
      executions += 1;
      return Promise.reject(new Error('no disk'));
    };
    const { models, steps } = await runScripted(
      crew,
      { worker: [call('1', 'broken'), call('2', 'brokne'), call('3', 'broken', 'not json'), 'done'] },
      { agentTools: new Map([['worker', [createTool('broken', broken)]]]) },
    );
    expect(executions).toBe(1);
    expect(toolTexts(models.requests.at(-1)?.request ?? { messages: [] })).toMatchInlineSnapshot(`
      [
        "It failed: no disk",
        "There is no tool brokne. Available: broken.",
        "The arguments do not fit: must be an object. Correct them and call again.",
      ]
    `);
    expect(steps.filter(({ kind }) => kind === 'tool').map(({ isError }) => isError)).toEqual([true, true, true]);
  });

  it('tell the model of the third same call in a row and end the task with exit 4 before the fifth', async () => {
    let runs = 0;
    const again = ['1', '2', '3', '4', '5'].map((id) => call(id, 'poll', { a: 1 }));
    const { models, result, tasks } = await runScripted(
      crew,
      { worker: again },
      {
        agentTools: new Map([['worker', [createTool('poll', async () => `run ${(runs += 1)}`)]]]),
      },
    );
    expect(runs).toBe(4);
    expect(toolTexts(models.requests.at(-1)?.request ?? { messages: [] }).slice(1, 3)).toMatchInlineSnapshot(`
      [
        "run 2",
        "run 3

      You have now made this same call 3 times in a row. Use its result, or do something else.",
      ]
    `);
    expect(result).toMatchObject({ status: 'failed', exit_code: 4 });
    expect(result.error?.message).toMatchInlineSnapshot(`"worker made the same call 5 times in a row: poll {"a":1}"`);
    expect(tasks[0]?.spend.usage.requests).toBe(5);
  });

  it('are not offered any more after max_iter calls, when the best answer is asked for', async () => {
    const { models, result } = await runScripted(
      createDefinition({ agents: [createAgent({ key: 'worker', maxIter: 2 })], tasks: [createTask({ key: 'a' })] }),
      { worker: [call('1', 'note', { a: 1 }), call('2', 'note', { a: 2 }), 'best so far'] },
      { agentTools: new Map([['worker', [createTool('note', async () => 'noted')]]]) },
    );
    expect(result.raw).toBe('best so far');
    expect(models.requests.map(({ request }) => request.tools.length)).toEqual([1, 1, 0]);
    expect(userTexts(models.requests[2]?.request ?? { messages: [] }).at(-1)).toMatchInlineSnapshot(
      `"No more tool calls are possible. Give your best complete answer now."`,
    );
  });

  it('get steps of their own when a server numbers its calls anew in each answer', async () => {
    const { steps } = await runScripted(
      crew,
      {
        worker: [
          call('call_0', 'note', { a: 1 }),
          call('call_0', 'note', { a: 2 }),
          call('', 'note', { a: 3 }),
          'done',
        ],
      },
      { agentTools: new Map([['worker', [createTool('note', async () => 'noted')]]]) },
    );
    expect(steps.filter(({ kind }) => kind === 'tool').map(({ path }) => path)).toEqual([
      'a/tool/call_0',
      'a/tool/call_0.2',
      'a/tool/call',
    ]);
  });
});

describe('answers', () => {
  const crew = createDefinition({ tasks: [createTask({ key: 'a' })] });

  it('that are cut by the length limit are continued and put together', async () => {
    const { result, models } = await runScripted(crew, {
      worker: [{ text: 'The first half', finishReason: 'length' }, ' and the second.'],
    });
    expect(result.raw).toBe('The first half and the second.');
    expect(userTexts(models.requests[1]?.request ?? { messages: [] }).at(-1)).toMatchInlineSnapshot(
      `"You were cut off. Go on exactly where you stopped, without repeating anything."`,
    );
  });

  it('that stay cut fail the task', async () => {
    const { result } = await runScripted(crew, {
      worker: Array.from({ length: 4 }, () => ({ text: 'on and on', finishReason: 'length' as const })),
    });
    expect(result.exit_code).toBe(1);
    expect(result.error).toMatchInlineSnapshot(`
      {
        "code": "task",
        "hint": "Raise max_tokens of the model, or ask for a shorter output.",
        "message": "the answer of worker was cut off by the length limit of openai/gpt-4.1-mini again and again",
      }
    `);
  });

  it('that are empty are asked for again, and fail the task the third time', async () => {
    const { result, models } = await runScripted(crew, { worker: ['', '<think>hm</think>', ''] });
    expect(result.exit_code).toBe(1);
    expect(result.error).toMatchInlineSnapshot(`
      {
        "code": "task",
        "hint": "Try another model, or see the calls with crew show --steps.",
        "message": "worker (openai/gpt-4.1-mini) answered with nothing, 3 times",
      }
    `);
    expect(userTexts(models.requests[1]?.request ?? { messages: [] }).at(-1)).toMatchInlineSnapshot(
      `"Your answer was empty. Give the complete result."`,
    );
  });

  it('hold no thinking', async () => {
    const { result } = await runScripted(crew, { worker: ['<think>let me see</think>\n42'] });
    expect(result.raw).toBe('42');
  });
});

describe('structured output', () => {
  const schema: OutputSchema = {
    name: 'sum',
    schema: { type: 'object', properties: { sum: { type: 'number' } }, required: ['sum'] },
    parse: async (value) =>
      typeof (value as JsonObject)['sum'] === 'number'
        ? { ok: true, value: value as JsonObject }
        : { ok: false, reason: 'sum: must be a number' },
  };
  const crew = (guardrailMaxRetries = 3) =>
    createDefinition({
      tasks: [
        createTask({
          key: 'a',
          guardrailMaxRetries,
          output: { field: 'output_json', schema: { kind: 'inline', schema: {} } },
        }),
      ],
    });
  const outputSchemas = new Map([['a', schema]]);

  it('is asked for by the schema alone where the agent has no tools', async () => {
    const { result, models } = await runScripted(crew(), { worker: ['{"sum": 42}'] }, { outputSchemas });
    expect(result).toMatchObject({ json_dict: { sum: 42 }, pydantic: null, raw: '{"sum": 42}' });
    expect(models.requests[0]?.request.responseSchema).toEqual({ name: 'sum', schema: schema.schema });
  });

  it('comes after the tools, and costs no further call when the answer fits', async () => {
    const { result, models } = await runScripted(
      crew(),
      { worker: [{ calls: [{ id: '1', name: 'add', args: {} }] }, 'It is:\n```json\n{"sum": 42}\n```'] },
      { outputSchemas, agentTools: new Map([['worker', [createTool('add', async () => '42')]]]) },
    );
    expect(result.json_dict).toEqual({ sum: 42 });
    expect(models.requests.map(({ request }) => request.responseSchema)).toEqual([undefined, undefined]);
  });

  it('is asked for again with the reason, and ends with exit 3 when it never fits', async () => {
    const { result, models } = await runScripted(crew(1), { worker: ['no json', '{"sum": "?"}'] }, { outputSchemas });
    expect(result).toMatchObject({ status: 'failed', exit_code: 3 });
    expect(result.error).toMatchInlineSnapshot(`
      {
        "code": "unmet",
        "hint": "Loosen the schema, describe its fields, or raise guardrail_max_retries.",
        "message": "the answer of worker did not fit the output schema in 2 attempts: sum: must be a number",
      }
    `);
    expect(userTexts(models.requests[1]?.request ?? { messages: [] }).at(-1)).toMatchInlineSnapshot(`
      "This answer does not fit: it is not JSON
      Answer in JSON: {sum: number}"
    `);
  });
});

describe('output_file', () => {
  it('is written after the answer is accepted, with folders made for it', async () => {
    const { workingDirectory, tasks } = await runScripted(
      createDefinition({ tasks: [createTask({ key: 'a', outputFile: 'out/a.md' })] }),
      { worker: ['# Title'] },
    );
    expect(readFileSync(join(workingDirectory, 'out/a.md'), 'utf8')).toBe('# Title\n');
    expect(tasks[0]?.outputFile).toMatch(/out\/a\.md$/);
  });

  it('is not written for a task that fails', async () => {
    const { workingDirectory } = await runScripted(
      createDefinition({ tasks: [createTask({ key: 'a', outputFile: 'a.md' })] }),
      { worker: ['', '', ''] },
    );
    expect(existsSync(join(workingDirectory, 'a.md'))).toBe(false);
  });
});

describe('a hierarchical crew', () => {
  const crew = (extra: object = {}) =>
    createDefinition({ manager, agents: team, tasks: [createTask({ key: 'article', ...extra })] });

  it('lets the manager delegate in parallel, also twice to one agent, and keeps each delegation apart', async () => {
    const { result, models, steps } = await runScripted(crew(), {
      'Crew Manager': [
        { calls: [delegate('x', 'Researcher', 'Find one.'), delegate('y', 'Researcher', 'Find two.')] },
        'Both found.',
      ],
      Researcher: ['answer', 'answer'],
    });
    expect(models.owed()).toEqual({});
    expect(result.raw).toBe('Both found.');
    expect(steps.map(({ path }) => path)).toEqual([
      'article/llm/1',
      'article/delegation/x',
      'article/delegation/y',
      'article/delegation/x/llm/1',
      'article/delegation/y/llm/1',
      'article/llm/2',
    ]);
    expect(steps[1]?.spend.usage.requests).toBe(1);
    expect(result.token_usage.successful_requests).toBe(4);
  });

  it.each(['researcher', ' "RESEARCHER." ', ['Researcher'], 'Researcher\n'])(
    'takes %j for the Researcher',
    async (name) => {
      const { models } = await runScripted(crew(), {
        'Crew Manager': [{ calls: [delegate('x', name)] }, 'done'],
        Researcher: ['found'],
      });
      expect(models.owed()).toEqual({});
    },
  );

  it('tells the manager the valid names when a coworker does not exist', async () => {
    const { models } = await runScripted(crew(), { 'Crew Manager': [{ calls: [delegate('x', 'Editor')] }, 'done'] });
    expect(toolTexts(models.requests[1]?.request ?? { messages: [] })).toMatchInlineSnapshot(`
      [
        "There is no coworker "Editor". Choose one of: "Researcher", "Writer".",
      ]
    `);
  });

  it('offers the tools, roles and goals of the coworkers, and the task tools to whoever gets the work', async () => {
    const taskTools = new Map([['article', [createTool('lookup', async () => 'looked up')]]]);
    const agentTools = new Map([['researcher', [createTool('search', async () => 'found')]]]);
    const { models } = await runScripted(
      crew({ agent: 'writer', coworkers: ['researcher'] }),
      { 'Crew Manager': [{ calls: [delegate('x', 'Researcher')] }, 'done'], Researcher: ['found'] },
      { taskTools, agentTools },
    );
    expect(models.requests[0]?.request).toMatchInlineSnapshot(`
      {
        "messages": [
          {
            "content": "Role: Crew Manager
      You lead your coworkers: delegate the work, check each answer against the expected output, have it revised where it falls short, then answer with the finished result.",
            "role": "system",
          },
          {
            "content": [
              {
                "text": "Task: Do article.

      Expected output: The result of article.

      Suggested coworker: Writer

      Answer with the complete result, nothing else.",
                "type": "text",
              },
            ],
            "role": "user",
          },
        ],
        "tools": [
          {
            "description": "Give a coworker work. They know only what you write here; work for several can go out at once.
      - Researcher: Goal of researcher. (tools: search)
      Tools they get for this task: lookup",
            "inputSchema": {
              "additionalProperties": false,
              "properties": {
                "context": {
                  "type": "string",
                },
                "coworker": {
                  "enum": [
                    "Researcher",
                  ],
                  "type": "string",
                },
                "task": {
                  "type": "string",
                },
              },
              "required": [
                "task",
                "context",
                "coworker",
              ],
              "type": "object",
            },
            "name": "delegate_work_to_coworker",
            "type": "function",
          },
          {
            "description": "Ask a coworker a question. They know only what you write here.",
            "inputSchema": {
              "additionalProperties": false,
              "properties": {
                "context": {
                  "type": "string",
                },
                "coworker": {
                  "enum": [
                    "Researcher",
                  ],
                  "type": "string",
                },
                "question": {
                  "type": "string",
                },
              },
              "required": [
                "question",
                "context",
                "coworker",
              ],
              "type": "object",
            },
            "name": "ask_question_to_coworker",
            "type": "function",
          },
        ],
      }
    `);
    expect(models.requests[1]?.request.tools.map(({ name }) => name)).toEqual(['search', 'lookup']);
  });

  it('lets the manager choose the order of tasks', async () => {
    const { models, events } = await runScripted(
      createDefinition({
        manager,
        agents: team,
        taskOrder: 'manager',
        tasks: [createTask({ key: 'a' }), createTask({ key: 'b' })],
      }),
      { 'Crew Manager': [{ calls: [{ id: 'c', name: 'choose_task', args: { task: 'b' } }] }, 'b done', 'a done'] },
    );
    expect(models.owed()).toEqual({});
    expect(events.flatMap((event) => (event.type === 'task-start' ? [event.taskKey] : []))).toEqual(['b', 'a']);
    expect(userTexts(models.requests[2]?.request ?? { messages: [] })[0]).toContain('b done');
  });

  it('ends a chain of delegations at the depth limit', async () => {
    const both = [
      createAgent({ key: 'ping', role: 'Ping', allowDelegation: true }),
      createAgent({ key: 'pong', role: 'Pong', allowDelegation: true }),
    ];
    const to = (coworker: string) => ({ calls: [delegate('x', coworker)] });
    const { models, result } = await runScripted(
      createDefinition({ agents: both, tasks: [createTask({ key: 'a', agent: 'ping' })] }),
      {
        Ping: [to('Pong'), to('Pong'), to('Pong'), 'p3', 'p2', 'p1'],
        Pong: [to('Ping'), to('Ping'), to('Ping'), 'did it', 'q2', 'q1'],
      },
    );
    expect(result.error).toBe(null);
    expect(models.owed()).toEqual({});
    expect(models.requests.map(({ request }) => toolTexts(request)).find((texts) => texts.length > 0))
      .toMatchInlineSnapshot(`
      [
        "This work has been handed on 5 times already and cannot be delegated further: do it yourself.",
      ]
    `);
  });

  it('tells the manager when a coworker has no usable answer', async () => {
    const { models, result } = await runScripted(crew(), {
      'Crew Manager': [{ calls: [delegate('x', 'Writer')] }, 'done without'],
      Writer: ['', '', ''],
    });
    expect(result.raw).toBe('done without');
    expect(toolTexts(models.requests.at(-1)?.request ?? { messages: [] })).toMatchInlineSnapshot(`
      [
        "Writer (openai/gpt-4.1-mini) answered with nothing, 3 times",
      ]
    `);
  });
});
