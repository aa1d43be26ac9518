import { describe, expect, it } from 'vitest';
import type { RunResult } from '../../src/result.js';
import { failure, hang, text, toolCalls, type ServerAnswer } from '../helpers/provider-server.js';
import { createScene, type ProcessOutcome, type Scene } from '../helpers/run-process.js';

const CREW_TEXT = `name: prices
inputs: { item: bolt }
agents:
  clerk: { role: Clerk, goal: Read prices, backstory: You read., tools: [list_directory] }
tasks:
  look: { description: "Look for {item}.", expected_output: A place. }
  price:
    description: Read the price.
    expected_output: The price.
    guardrail_max_retries: 0
    output_json:
      type: object
      properties: { price: { type: number } }
      required: [price]
`;
const LOOKING: readonly ServerAnswer[] = [
  toolCalls([{ id: 'call_a', name: 'list_directory', arguments: {} }], {
    usage: { input: 100, output: 10, cached: 40 },
  }),
  text('Aisle 3.', { usage: { input: 200, output: 5 } }),
];
const PRICE = text('{"price": 2.5}', { usage: { input: 300, output: 6, reasoning: 2 } });
const KICKOFF = ['kickoff', 'crew.yaml', '--format'];

/** The one object on stdout; it has to be all that stands there. */
function resultIn({ stdout }: ProcessOutcome): RunResult {
  return JSON.parse(stdout) as RunResult;
}

type Row = Readonly<Record<string, unknown>> & { readonly type: string };

/** The rows of stdout, one JSON object a line. */
function rowsIn({ stdout }: ProcessOutcome): Row[] {
  expect(stdout.endsWith('\n')).toBe(true);
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Row);
}

/** The result without what differs from run to run. */
function tidied(scene: Scene, result: unknown): unknown {
  return JSON.parse(scene.tidy(JSON.stringify(result)), (name, value: unknown) => {
    if (name === 'run_id' && typeof value === 'string') return '<run>';
    if (name === 'task_id') return String(value).replace(/^[a-z0-9]{8}\//, '<run>/');
    if (name === 'duration_ms' && typeof value === 'number') return '<time>';
    return value;
  });
}

/** What the database says of the run, under the names of the result. */
function storedIn(scene: Scene) {
  const [run] = scene.query<Readonly<Record<string, string | number>>>('SELECT * FROM runs');
  return {
    run_id: run?.['id'],
    status: run?.['status'],
    exit_code: run?.['exit_code'],
    cost_usd: run?.['cost_usd'],
    duration_ms: Number(run?.['ended_at']) - Number(run?.['started_at']),
    error: JSON.parse(String(run?.['error'] ?? null)) as unknown,
    token_usage: {
      total_tokens: Number(run?.['input_tokens']) + Number(run?.['output_tokens']),
      prompt_tokens: run?.['input_tokens'],
      completion_tokens: run?.['output_tokens'],
      cached_prompt_tokens: run?.['cached_input_tokens'],
      reasoning_tokens: run?.['reasoning_tokens'],
      successful_requests: run?.['requests'],
    },
    tasks_output: scene
      .query<Readonly<Record<string, unknown>>>('SELECT * FROM task_outputs ORDER BY position')
      .map(({ task_key, status, raw, agent }) => ({ name: task_key, status, raw, agent })),
  };
}

describe('--format json', () => {
  it('is the result of a run that went well', async () => {
    const scene = await createScene({ 'crew.yaml': CREW_TEXT }, [...LOOKING, PRICE]);
    const outcome = await scene.crew([...KICKOFF, 'json']);
    const result = resultIn(outcome);
    expect(outcome.exitCode).toBe(0);
    expect(tidied(scene, result)).toMatchInlineSnapshot(`
      {
        "cost_usd": 0.0002616,
        "crew": "prices",
        "duration_ms": "<time>",
        "error": null,
        "exit_code": 0,
        "json_dict": {
          "price": 2.5,
        },
        "pydantic": null,
        "raw": "{"price": 2.5}",
        "run_id": "<run>",
        "status": "completed",
        "tasks_output": [
          {
            "agent": "Clerk",
            "cost_usd": 0.000132,
            "description": "Look for bolt.",
            "duration_ms": "<time>",
            "error": null,
            "expected_output": "A place.",
            "json_dict": null,
            "name": "look",
            "output_format": "raw",
            "pydantic": null,
            "raw": "Aisle 3.",
            "skip_reason": null,
            "source_task_id": null,
            "status": "completed",
            "summary": "Look for bolt.",
            "task_id": "<run>/look",
            "token_usage": {
              "cached_prompt_tokens": 40,
              "completion_tokens": 15,
              "prompt_tokens": 300,
              "reasoning_tokens": 0,
              "successful_requests": 2,
              "total_tokens": 315,
            },
          },
          {
            "agent": "Clerk",
            "cost_usd": 0.0001296,
            "description": "Read the price.",
            "duration_ms": "<time>",
            "error": null,
            "expected_output": "The price.",
            "json_dict": {
              "price": 2.5,
            },
            "name": "price",
            "output_format": "json",
            "pydantic": null,
            "raw": "{"price": 2.5}",
            "skip_reason": null,
            "source_task_id": null,
            "status": "completed",
            "summary": "Read the price.",
            "task_id": "<run>/price",
            "token_usage": {
              "cached_prompt_tokens": 0,
              "completion_tokens": 6,
              "prompt_tokens": 300,
              "reasoning_tokens": 2,
              "successful_requests": 1,
              "total_tokens": 306,
            },
          },
        ],
        "token_usage": {
          "cached_prompt_tokens": 40,
          "completion_tokens": 21,
          "prompt_tokens": 600,
          "reasoning_tokens": 2,
          "successful_requests": 3,
          "total_tokens": 621,
        },
      }
    `);
    expect(result).toMatchObject(storedIn(scene));
    expect(scene.tidy(outcome.stderr)).toMatchInlineSnapshot(`
      "prices run <run> · sequential · 2 tasks
      look 1/2 · Clerk
        Clerk uses list_directory {}
      ✓ look completed · <time> · 315 tokens · $0.0001
      price 2/2 · Clerk
      ✓ price completed · <time> · 306 tokens · $0.0001
      done · run <run> · <time> · 621 tokens · $0.0003
      see it: crew show <run>
      "
    `);
  });

  it('is the result of a run that failed, with what was finished', async () => {
    const scene = await createScene({ 'crew.yaml': CREW_TEXT }, [...LOOKING, text('About two.')]);
    const outcome = await scene.crew([...KICKOFF, 'json', '--quiet']);
    const result = resultIn(outcome);
    expect(outcome.exitCode).toBe(3);
    expect(tidied(scene, result)).toMatchInlineSnapshot(`
      {
        "cost_usd": 0.000144,
        "crew": "prices",
        "duration_ms": "<time>",
        "error": {
          "code": "unmet",
          "hint": "Loosen the schema, describe its fields, or raise guardrail_max_retries.",
          "message": "the answer of Clerk did not fit the output schema in 1 attempt: it is not JSON",
        },
        "exit_code": 3,
        "json_dict": null,
        "pydantic": null,
        "raw": null,
        "run_id": "<run>",
        "status": "failed",
        "tasks_output": [
          {
            "agent": "Clerk",
            "cost_usd": 0.000132,
            "description": "Look for bolt.",
            "duration_ms": "<time>",
            "error": null,
            "expected_output": "A place.",
            "json_dict": null,
            "name": "look",
            "output_format": "raw",
            "pydantic": null,
            "raw": "Aisle 3.",
            "skip_reason": null,
            "source_task_id": null,
            "status": "completed",
            "summary": "Look for bolt.",
            "task_id": "<run>/look",
            "token_usage": {
              "cached_prompt_tokens": 40,
              "completion_tokens": 15,
              "prompt_tokens": 300,
              "reasoning_tokens": 0,
              "successful_requests": 2,
              "total_tokens": 315,
            },
          },
          {
            "agent": "Clerk",
            "cost_usd": 0.000012,
            "description": "Read the price.",
            "duration_ms": "<time>",
            "error": {
              "code": "unmet",
              "hint": "Loosen the schema, describe its fields, or raise guardrail_max_retries.",
              "message": "the answer of Clerk did not fit the output schema in 1 attempt: it is not JSON",
            },
            "expected_output": "The price.",
            "json_dict": null,
            "name": "price",
            "output_format": "raw",
            "pydantic": null,
            "raw": null,
            "skip_reason": null,
            "source_task_id": null,
            "status": "failed",
            "summary": "Read the price.",
            "task_id": "<run>/price",
            "token_usage": {
              "cached_prompt_tokens": 0,
              "completion_tokens": 5,
              "prompt_tokens": 10,
              "reasoning_tokens": 0,
              "successful_requests": 1,
              "total_tokens": 15,
            },
          },
        ],
        "token_usage": {
          "cached_prompt_tokens": 40,
          "completion_tokens": 20,
          "prompt_tokens": 310,
          "reasoning_tokens": 0,
          "successful_requests": 3,
          "total_tokens": 330,
        },
      }
    `);
    expect(result).toMatchObject(storedIn(scene));
    expect(scene.tidy(outcome.stderr)).toMatchInlineSnapshot(`
      "error: task price: the answer of Clerk did not fit the output schema in 1 attempt: it is not JSON
      hint: Loosen the schema, describe its fields, or raise guardrail_max_retries.
      "
    `);
  });

  it('is the result of a run that the provider ended', async () => {
    const scene = await createScene({ 'crew.yaml': CREW_TEXT }, [failure(401, 'Who are you?')]);
    const outcome = await scene.crew([...KICKOFF, 'json']);
    const result = resultIn(outcome);
    expect(result.exit_code).toBe(outcome.exitCode);
    expect(result).toMatchObject({ ...storedIn(scene), exit_code: 6, error: { code: 'provider' } });
  });

  it('is the result of a run that was interrupted', async () => {
    const scene = await createScene({ 'crew.yaml': CREW_TEXT }, [hang]);
    const { child, ended } = scene.start([...KICKOFF, 'json']);
    await scene.server.waitForRequests(1);
    child.kill('SIGINT');
    const outcome = await ended;
    const result = resultIn(outcome);
    expect(result.exit_code).toBe(outcome.exitCode);
    expect(result).toMatchObject({ ...storedIn(scene), exit_code: 130, status: 'interrupted' });
  });

  it('is an object also where nothing was run', async () => {
    const scene = await createScene({ 'crew.yaml': 'agents: 3\n' });
    const outcome = await scene.crew([...KICKOFF, 'json']);
    expect(outcome.exitCode).toBe(2);
    expect(tidied(scene, resultIn(outcome))).toMatchInlineSnapshot(`
      {
        "cost_usd": 0,
        "crew": null,
        "duration_ms": "<time>",
        "error": {
          "code": "definition",
          "hint": null,
          "message": "crew.yaml: tasks is missing
        = The tasks by name in their order, as a list with \`name\`, or the path of a file with them.

      crew.yaml:1:1 agents: must be a map of agents, not a number
        1 | agents: 3
          | ^^^^^^",
        },
        "exit_code": 2,
        "json_dict": null,
        "pydantic": null,
        "raw": null,
        "run_id": null,
        "status": "failed",
        "tasks_output": [],
        "token_usage": {
          "cached_prompt_tokens": 0,
          "completion_tokens": 0,
          "prompt_tokens": 0,
          "reasoning_tokens": 0,
          "successful_requests": 0,
          "total_tokens": 0,
        },
      }
    `);
    expect(scene.tidy(outcome.stderr)).toMatchInlineSnapshot(`
      "crew.yaml: tasks is missing
        = The tasks by name in their order, as a list with \`name\`, or the path of a file with them.

      crew.yaml:1:1 agents: must be a map of agents, not a number
        1 | agents: 3
          | ^^^^^^
      "
    `);
    expect(scene.server.requests).toEqual([]);
    expect(scene.query('SELECT * FROM runs')).toEqual([]);
  });

  it.each([
    { what: 'there is no file', args: ['none.yaml'], code: 'definition' },
    { what: 'an input does not fit', args: ['crew.yaml', '-i', 'item'], code: 'usage' },
    { what: 'the cassette is none', args: ['crew.yaml', '--cassette', 'crew.yaml'], code: 'cassette' },
    { what: 'the database is none', args: ['crew.yaml', '--db', 'crew.yaml'], code: 'store' },
  ])('is an object also where $what', async ({ args, code }) => {
    const scene = await createScene({ 'crew.yaml': CREW_TEXT });
    const outcome = await scene.crew(['kickoff', ...args, '--format', 'json']);
    expect(outcome.exitCode).toBe(2);
    expect(resultIn(outcome)).toMatchObject({ run_id: null, status: 'failed', exit_code: 2, error: { code } });
    expect(outcome.stderr).not.toBe('');
    expect(scene.server.requests).toEqual([]);
  });
});

describe('--format jsonl', () => {
  it('is one event a line, and the result at the end', async () => {
    const scene = await createScene({ 'crew.yaml': CREW_TEXT }, [...LOOKING, PRICE]);
    const outcome = await scene.crew([...KICKOFF, 'jsonl']);
    const rows = rowsIn(outcome);
    const { type, ...result } = rows.at(-1) ?? { type: '' };
    expect(outcome.exitCode).toBe(0);
    expect(type).toBe('run-end');
    expect(result).toMatchObject(storedIn(scene));
    expect(result).toMatchObject({ raw: '{"price": 2.5}', json_dict: { price: 2.5 }, exit_code: 0 });
    expect(tidied(scene, rows.slice(0, -1))).toMatchInlineSnapshot(`
      [
        {
          "crew": "prices",
          "done_count": 0,
          "is_resumed": false,
          "parent_run_id": null,
          "process": "sequential",
          "run_id": "<run>",
          "task_count": 2,
          "type": "run-start",
        },
        {
          "agent": "Clerk",
          "position": 1,
          "task_key": "look",
          "type": "task-start",
        },
        {
          "agent": "Clerk",
          "model": "openai/gpt-4.1-mini",
          "path": "look/llm/1",
          "task_key": "look",
          "type": "model-call-start",
        },
        {
          "agent": "Clerk",
          "duration_ms": "<time>",
          "model": "openai/gpt-4.1-mini",
          "path": "look/llm/1",
          "spend": {
            "cached_prompt_tokens": 40,
            "completion_tokens": 10,
            "cost_usd": 0.000044,
            "prompt_tokens": 100,
            "reasoning_tokens": 0,
            "successful_requests": 1,
            "total_tokens": 110,
          },
          "task_key": "look",
          "text": "",
          "type": "model-call-end",
        },
        {
          "agent": "Clerk",
          "arguments": {},
          "path": "look/tool/call_a",
          "task_key": "look",
          "tool": "list_directory",
          "type": "tool-call-start",
        },
        {
          "agent": "Clerk",
          "duration_ms": "<time>",
          "is_error": false,
          "path": "look/tool/call_a",
          "result": "<data from="list_directory">
      crew.yaml
      </data>",
          "task_key": "look",
          "tool": "list_directory",
          "type": "tool-call-end",
        },
        {
          "agent": "Clerk",
          "model": "openai/gpt-4.1-mini",
          "path": "look/llm/2",
          "task_key": "look",
          "type": "model-call-start",
        },
        {
          "agent": "Clerk",
          "duration_ms": "<time>",
          "model": "openai/gpt-4.1-mini",
          "path": "look/llm/2",
          "spend": {
            "cached_prompt_tokens": 0,
            "completion_tokens": 5,
            "cost_usd": 0.00008800000000000001,
            "prompt_tokens": 200,
            "reasoning_tokens": 0,
            "successful_requests": 1,
            "total_tokens": 205,
          },
          "task_key": "look",
          "text": "Aisle 3.",
          "type": "model-call-end",
        },
        {
          "output_file": null,
          "result": {
            "agent": "Clerk",
            "cost_usd": 0.000132,
            "description": "Look for bolt.",
            "duration_ms": "<time>",
            "error": null,
            "expected_output": "A place.",
            "json_dict": null,
            "name": "look",
            "output_format": "raw",
            "pydantic": null,
            "raw": "Aisle 3.",
            "skip_reason": null,
            "source_task_id": null,
            "status": "completed",
            "summary": "Look for bolt.",
            "task_id": "<run>/look",
            "token_usage": {
              "cached_prompt_tokens": 40,
              "completion_tokens": 15,
              "prompt_tokens": 300,
              "reasoning_tokens": 0,
              "successful_requests": 2,
              "total_tokens": 315,
            },
          },
          "task_key": "look",
          "type": "task-end",
        },
        {
          "agent": "Clerk",
          "position": 2,
          "task_key": "price",
          "type": "task-start",
        },
        {
          "agent": "Clerk",
          "model": "openai/gpt-4.1-mini",
          "path": "price/llm/1",
          "task_key": "price",
          "type": "model-call-start",
        },
        {
          "agent": "Clerk",
          "duration_ms": "<time>",
          "model": "openai/gpt-4.1-mini",
          "path": "price/llm/1",
          "spend": {
            "cached_prompt_tokens": 0,
            "completion_tokens": 6,
            "cost_usd": 0.0001296,
            "prompt_tokens": 300,
            "reasoning_tokens": 2,
            "successful_requests": 1,
            "total_tokens": 306,
          },
          "task_key": "price",
          "text": "{"price": 2.5}",
          "type": "model-call-end",
        },
        {
          "output_file": null,
          "result": {
            "agent": "Clerk",
            "cost_usd": 0.0001296,
            "description": "Read the price.",
            "duration_ms": "<time>",
            "error": null,
            "expected_output": "The price.",
            "json_dict": {
              "price": 2.5,
            },
            "name": "price",
            "output_format": "json",
            "pydantic": null,
            "raw": "{"price": 2.5}",
            "skip_reason": null,
            "source_task_id": null,
            "status": "completed",
            "summary": "Read the price.",
            "task_id": "<run>/price",
            "token_usage": {
              "cached_prompt_tokens": 0,
              "completion_tokens": 6,
              "prompt_tokens": 300,
              "reasoning_tokens": 2,
              "successful_requests": 1,
              "total_tokens": 306,
            },
          },
          "task_key": "price",
          "type": "task-end",
        },
      ]
    `);
    expect(scene.tidy(outcome.stderr)).toMatchInlineSnapshot(`
      "done · run <run> · <time> · 621 tokens · $0.0003
      see it: crew show <run>
      "
    `);
  });

  it('ends with the same object as --format json prints', async () => {
    const scene = await createScene({ 'crew.yaml': CREW_TEXT }, [...LOOKING, PRICE, ...LOOKING, PRICE]);
    const result = resultIn(await scene.crew([...KICKOFF, 'json']));
    const { type, ...last } = rowsIn(await scene.crew([...KICKOFF, 'jsonl'])).at(-1) ?? { type: '' };
    expect(type).toBe('run-end');
    expect(Object.keys(last)).toEqual(Object.keys(result));
    expect(tidied(scene, last)).toEqual(tidied(scene, result));
  });

  it('ends with the result of a run that failed', async () => {
    const scene = await createScene({ 'crew.yaml': CREW_TEXT }, [...LOOKING, text('About two.')]);
    const outcome = await scene.crew([...KICKOFF, 'jsonl']);
    const rows = rowsIn(outcome);
    const { type, ...result } = rows.at(-1) ?? { type: '' };
    expect(outcome.exitCode).toBe(3);
    expect(type).toBe('run-end');
    expect(result).toMatchObject({ ...storedIn(scene), exit_code: 3, error: { code: 'unmet' } });
    expect(rows.at(-2)).toMatchObject({ type: 'task-end', task_key: 'price', result: { status: 'failed' } });
  });

  it('is one run-end also where nothing was run', async () => {
    const scene = await createScene({ 'crew.yaml': 'agents: 3\n' });
    const outcome = await scene.crew([...KICKOFF, 'jsonl']);
    expect(outcome.exitCode).toBe(2);
    expect(rowsIn(outcome)).toMatchObject([
      { type: 'run-end', run_id: null, status: 'failed', exit_code: 2, error: { code: 'definition' } },
    ]);
    expect(scene.server.requests).toEqual([]);
  });
});

it('tells the same of a run in kickoff, runs and show', async () => {
  const scene = await createScene({ 'crew.yaml': CREW_TEXT }, [...LOOKING, PRICE]);
  const result = resultIn(await scene.crew([...KICKOFF, 'json']));
  const [listed] = JSON.parse((await scene.crew(['runs', '--format', 'json'])).stdout) as object[];
  const shown = JSON.parse((await scene.crew(['show', '--format', 'json'])).stdout) as object;
  const common = {
    run_id: result.run_id,
    status: result.status,
    exit_code: result.exit_code,
    crew: result.crew,
    cost_usd: result.cost_usd,
    token_usage: result.token_usage,
  };
  expect(listed).toMatchObject(common);
  expect(shown).toMatchObject(common);
});
