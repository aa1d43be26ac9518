import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { beforeAll, expect, it } from 'vitest';
import { createShowCommand } from '../../src/commands/show.js';
import { openStore } from '../../src/store/open-store.js';
import { writeHistory, writeOpenRun, writeReplay } from '../helpers/history.js';
import { type CommandOutcome, runCommand } from '../helpers/run-command.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { newRun, START } from '../store/sample.js';
import { sharedFolder } from '../helpers/temporary-folder.js';

const cwd = sharedFolder();
const show = (...args: string[]): Promise<CommandOutcome> => runCommand(createShowCommand, args, { cwd });

beforeAll(async () => {
  process.env.TZ = 'UTC';
  const store = openStore(join(cwd, '.crew', 'crew.db'));
  await writeOpenRun(store, 'cccc4444');
  await writeHistory(store);
  await store.createRun(newRun({ id: 'bbbb0000', startedAt: START - 99_000, tasks: [] }));
  store.close();
});

it('shows the tasks of a run with everything that happened inside them', async () => {
  const { exitCode, stdout, stderr } = await show('bbbb3');
  expect(stdout).toMatchInlineSnapshot(`
    "Run bbbb3333  市場 brief  failed (exit 6)

    started     2026-01-02 03:04:05
    time        3.0 s
    tokens      1,580: 1,500 in, 80 out, 3 model calls
    cost        $0.0132
    process     hierarchical
    definition  /project/crew.yaml
    replay of   aaaa2222
    inputs      topic: solar

    error: openai/gpt-4o refused the key (401)
    hint: Set OPENAI_API_KEY.

    TASKS AND STEPS                    AGENT          TOKENS     COST    TIME
    ✗ 1 research (failed)              Crew Manager    1,580  $0.0132   3.0 s
    ├─ ✓ model openai/gpt-4o           Crew Manager    1,050  $0.0123   1.0 s
    ├─ ✓ delegates to Senior writer    Crew Manager      530  $0.0009   1.5 s
    │  ├─ ✓ model openai/gpt-4o        Senior writer     210  $0.0004  500 ms
    │  ├─ ! tool read_file (error)     Senior writer                    12 ms
    │  │     error: facts.md does not exist. There are: a.md, b.md
    │  └─ ✓ model openai/gpt-4o        Senior writer     320  $0.0005  988 ms
    └─ ✗ model openai/gpt-4o (failed)  Crew Manager                    500 ms
          error: openai/gpt-4o refused the key (401)
    ○ 2 article (pending)
    "
  `);
  expect([exitCode, stderr]).toEqual([0, '']);
});

it('shows prompts and answers, each once and in order', async () => {
  expect((await show('bbbb3', '--steps')).stdout.split('\n\n').at(-1)).toMatchInlineSnapshot(`
    "TASKS AND STEPS                    AGENT          TOKENS     COST    TIME
    ✗ 1 research (failed)              Crew Manager    1,580  $0.0132   3.0 s
    ├─ ✓ model openai/gpt-4o           Crew Manager    1,050  $0.0123   1.0 s
    │     system: You manage.
    │     user:
    │       Research solar.
    │       Expected: Facts.
    │     tools: delegate_work_to_coworker
    │     reasoning: A writer can.
    │     calls: delegate_work_to_coworker {"coworker":"Senior writer","task":"Find facts.","context":""}
    ├─ ✓ delegates to Senior writer    Crew Manager      530  $0.0009   1.5 s
    │  │  request: Find facts.
    │  ├─ ✓ model openai/gpt-4o        Senior writer     210  $0.0004  500 ms
    │  │     user: Find facts.
    │  │     calls: read_file {"path":"facts.md"}
    │  ├─ ! tool read_file (error)     Senior writer                    12 ms
    │  │     arguments:
    │  │       {
    │  │         "path": "facts.md"
    │  │       }
    │  │     error:
    │  │       facts.md does not exist.
    │  │       There are: a.md, b.md
    │  └─ ✓ model openai/gpt-4o        Senior writer     320  $0.0005  988 ms
    │        results: of read_file, as above
    │        answer:
    │          Solar grew.
    │          A lot.
    │     result:
    │       Solar grew.
    │       A lot.
    └─ ✗ model openai/gpt-4o (failed)  Crew Manager                    500 ms
          results: of delegate_work_to_coworker, as above
          error: openai/gpt-4o refused the key (401)
    ○ 2 article (pending)
    "
  `);
});

it('shows the latest run without an id, also one that never ended', async () => {
  expect((await show()).stdout).toMatchInlineSnapshot(`
    "Run cccc4444  brief  running

    started     2026-01-02 03:05:05
    tokens      0: 0 in, 0 out, 0 model calls
    cost        $0
    process     sequential
    definition  /project/crew.yaml
    inputs      topic: solar

    TASKS AND STEPS         AGENT    TOKENS  COST  TIME
    ▶ 1 research (running)  Analyst
    ○ 2 article (pending)
    "
  `);
});

it('says where reused outputs come from', async () => {
  const folder = temporaryFolder();
  const store = openStore(join(folder, '.crew', 'crew.db'));
  await writeHistory(store);
  await writeReplay(store, 'eeee6666');
  store.close();
  expect((await runCommand(createShowCommand, [], { cwd: folder })).stdout).toMatchInlineSnapshot(`
    "Run eeee6666  brief  completed (exit 0)

    started     2026-01-02 03:05:35
    time        1.0 s
    tokens      0: 0 in, 0 out, 0 model calls
    cost        $0
    process     sequential
    definition  /project/crew.yaml
    replay of   aaaa2222
    inputs      topic: solar

    TASKS AND STEPS                               AGENT    TOKENS  COST  TIME
    ↺ 1 research (reused from aaaa2222/research)  Analyst
    ↺ 2 article (set by hand)
    "
  `);
  const { stdout } = await runCommand(createShowCommand, ['--format', 'json'], { cwd: folder });
  expect(JSON.parse(stdout)).toMatchObject({
    parent_run_id: 'aaaa2222',
    tasks: [
      { status: 'reused', source_task_id: 'aaaa2222/research', raw: 'Solar grew.\n\n- by a third\n- in a year\n' },
      { status: 'reused', source_task_id: null, raw: 'Written by hand.' },
    ],
  });
});

it('gives programs the run with its tasks and steps', async () => {
  const { stdout } = await show('bbbb3333', '--format', 'json');
  const { tasks, steps, ...run } = JSON.parse(stdout) as { tasks: object[]; steps: object[] };
  expect(run).toMatchInlineSnapshot(`
    {
      "cost_usd": 0.0132,
      "crew": "市場 brief",
      "definition_path": "/project/crew.yaml",
      "duration_ms": 3000,
      "ended_at": "2026-01-02T03:04:08.000Z",
      "error": {
        "code": "provider",
        "hint": "Set OPENAI_API_KEY.",
        "message": "openai/gpt-4o refused the key (401)",
      },
      "exit_code": 6,
      "inputs": {
        "topic": "solar",
      },
      "parent_run_id": "aaaa2222",
      "process": "hierarchical",
      "run_id": "bbbb3333",
      "started_at": "2026-01-02T03:04:05.000Z",
      "status": "failed",
      "token_usage": {
        "cached_prompt_tokens": 0,
        "completion_tokens": 80,
        "prompt_tokens": 1500,
        "reasoning_tokens": 0,
        "successful_requests": 3,
        "total_tokens": 1580,
      },
    }
  `);
  expect(tasks[0]).toMatchInlineSnapshot(`
    {
      "agent": "Crew Manager",
      "cost_usd": 0.0132,
      "description": "Research solar.",
      "duration_ms": 3000,
      "ended_at": "2026-01-02T03:04:08.000Z",
      "error": {
        "code": "provider",
        "hint": "Set OPENAI_API_KEY.",
        "message": "openai/gpt-4o refused the key (401)",
      },
      "expected_output": "Facts.",
      "json_dict": null,
      "name": "research",
      "number": 1,
      "output_file": null,
      "output_format": "raw",
      "pydantic": null,
      "raw": null,
      "run_id": "bbbb3333",
      "skip_reason": null,
      "source_task_id": null,
      "started_at": "2026-01-02T03:04:05.000Z",
      "status": "failed",
      "task_id": "bbbb3333/research",
      "token_usage": {
        "cached_prompt_tokens": 0,
        "completion_tokens": 80,
        "prompt_tokens": 1500,
        "reasoning_tokens": 0,
        "successful_requests": 3,
        "total_tokens": 1580,
      },
    }
  `);
  expect(steps).toHaveLength(6);
  expect(steps[3]).toMatchInlineSnapshot(`
    {
      "agent": "Senior writer",
      "cost_usd": 0,
      "duration_ms": 12,
      "ended_at": "2026-01-02T03:04:06.512Z",
      "error": null,
      "is_error": true,
      "kind": "tool",
      "name": "read_file",
      "path": "research/delegation/call_1/tool/call_2",
      "started_at": "2026-01-02T03:04:06.500Z",
      "status": "completed",
      "task": "research",
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
});

it('gives programs whole conversations, rebuilt from what each step added', async () => {
  const { stdout } = await show('bbbb3333', '--format', 'json', '--steps');
  const { steps } = JSON.parse(stdout) as { steps: { path: string; conversation?: unknown; request: unknown }[] };
  expect(steps.find(({ path }) => path.endsWith('call_1/llm/2'))?.conversation).toMatchInlineSnapshot(`
    [
      {
        "role": "user",
        "text": "Find facts.",
      },
      {
        "content": [
          {
            "input": "{"path":"facts.md"}",
            "toolCallId": "call_2",
            "toolName": "read_file",
            "type": "tool-call",
          },
        ],
        "role": "assistant",
      },
      {
        "results": [
          {
            "is_error": true,
            "step": "research/delegation/call_1/tool/call_2",
            "text": "facts.md does not exist.
    There are: a.md, b.md",
            "tool": "read_file",
          },
        ],
        "role": "tool",
      },
      {
        "content": [
          {
            "text": "Solar grew.
    A lot.",
            "type": "text",
          },
        ],
        "role": "assistant",
      },
    ]
  `);
  expect(steps.find(({ path }) => path === 'research/llm/2')?.conversation).toHaveLength(4);
  expect(steps.find(({ path }) => path.endsWith('call_2'))).toMatchObject({
    request: { arguments: { path: 'facts.md' } },
    response: { text: 'facts.md does not exist.\nThere are: a.md, b.md' },
  });
});

it('colours the tree on a terminal, with the same text', async () => {
  const { stdout } = await runCommand(createShowCommand, ['bbbb3', '--steps'], { cwd, color: true });
  expect(stdout).toContain('\u001b[31m✗\u001b[39m');
  expect(stripVTControlCharacters(stdout)).toBe((await show('bbbb3', '--steps')).stdout);
});

it('refuses an id that no run or several runs have', async () => {
  expect(await show('zzzz')).toEqual({
    exitCode: 2,
    stdout: '',
    stderr: 'error: there is no run "zzzz"\nhint: `crew runs` lists the runs.\n',
  });
  expect(await show('bbbb')).toEqual({
    exitCode: 2,
    stdout: '',
    stderr:
      'error: several runs begin with "bbbb": bbbb3333 (市場 brief), bbbb0000 (brief)\nhint: Type more of the run id; `crew runs` lists them.\n',
  });
});

it('says that there are no runs yet', async () => {
  const outcome = {
    exitCode: 2,
    stdout: '',
    stderr: 'error: there are no runs yet\nhint: `crew kickoff <file>` makes the first one.\n',
  };
  const empty = temporaryFolder();
  expect(await runCommand(createShowCommand, [], { cwd: empty })).toEqual(outcome);
  openStore(join(empty, '.crew', 'crew.db')).close();
  expect(await runCommand(createShowCommand, ['abc'], { cwd: empty })).toEqual(outcome);
});
