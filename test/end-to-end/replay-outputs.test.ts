import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { failure } from '../helpers/provider-server.js';
import { BRIEF, createReplayScene, type ReplayScene } from '../helpers/replay-scene.js';

const WITHOUT_KEY = { env: { OPENAI_API_KEY: undefined, OPENAI_BASE_URL: undefined } } as const;

async function createFinished(crew = BRIEF): Promise<ReplayScene> {
  const scene = await createReplayScene({ crew });
  await scene.kickoff();
  scene.newCalls();
  return scene;
}

describe('--set-output', () => {
  it('takes the place of an output, in the prompts of what runs and in the history', async () => {
    const scene = await createFinished();
    const outcome = await scene.replay('-t', 'write', '--set-output', 'outline=One, two.');
    expect(scene.transcript(outcome)).toMatchInlineSnapshot(`
      "exit 0
      --- stdout
      Write 4.
      --- stderr
      Replay of run-0001
      1  research  reused       from run-0001/research
      2  outline   set by hand
      3  write     run again    chosen
      brief run run-0002 · sequential · 2 of 3 tasks done · replay of run-0001
      ↺ research reused from run-0001/research
      ↺ outline set by hand
      write 3/3 · Writer
      ✓ write completed · <time> · 15 tokens · <$0.0001
      done · run run-0002 · <time> · 15 tokens · <$0.0001
      see it: crew show run-0002
      "
    `);
    expect(scene.newCalls()).toMatchInlineSnapshot(`
      [
        "Write research=Research 1. outline=One, two.",
      ]
    `);
    expect(scene.tasksOf(scene.latestRun())).toMatchInlineSnapshot(`
      [
        "research reused, of run-0001/research",
        "outline reused, One, two.",
        "write completed, Write 4.",
      ]
    `);
    expect((await scene.crew(['log-tasks-outputs', '--brief'])).stdout).toContain('set by hand');
  });

  it('reads a file, and with --auto runs again what depends on it', async () => {
    const scene = await createFinished();
    writeFileSync(join(scene.folder, 'facts.txt'), 'Facts=found.\nMore.\n');
    const args = ['--auto', '--set-output', 'research=@facts.txt'];
    expect(await scene.plan(...args)).toMatchInlineSnapshot(`
      "
      Replay of run-0001
      1  research  set by hand
      2  outline   run again    upstream research was set by hand
      3  write     run again    upstream research was set by hand; upstream outline runs again
      "
    `);
    expect((await scene.replay(...args, '--quiet')).stdout).toBe('Write 5.\n');
    expect(scene.newCalls()).toMatchInlineSnapshot(`
      [
        "Outline research=Facts=found.
      More.",
        "Write research=Facts=found.
      More. outline=Outline 4.",
      ]
    `);
  });

  it('holds in later replays, which point at the run where it was set', async () => {
    const scene = await createFinished();
    await scene.replay('-t', 'outline', '--set-output', 'research=Mine.', '--quiet');
    scene.newCalls();
    expect(await scene.plan('--auto')).toMatchInlineSnapshot(`
      "
      Replay of run-0002
      1  research  reused  from run-0002/research
      2  outline   reused  from run-0002/outline
      3  write     reused  from run-0002/write
      "
    `);
    expect(await scene.plan('-t', 'write', '--set-output', 'research=Yours.')).toMatchInlineSnapshot(`
      "
      Replay of run-0002
      1  research  set by hand
      2  outline   refused      stale because upstream research was set by hand
      3  write     run again    chosen
      error: an output of run run-0002 cannot be reused:
        outline: upstream research was set by hand
      hint: -t run-0002/outline runs again from there; --auto runs again what has changed or is missing, and what depends on it; --force reuses what is stale
      exit 2
      "
    `);
    expect((await scene.replay('-t', 'write', '--quiet')).exitCode).toBe(0);
    expect(scene.newCalls()).toEqual(['Write research=Mine. outline=Outline 4.']);
    expect(scene.tasksOf(scene.latestRun())).toMatchInlineSnapshot(`
      [
        "research reused, of run-0002/research",
        "outline reused, of run-0002/outline",
        "write completed, Write 6.",
      ]
    `);
    // Until its task is edited: that is the newer wish.
    scene.edit(['Research {topic}.', 'Study {topic}.']);
    expect(await scene.plan('--auto')).toMatchInlineSnapshot(`
      "
      Replay of run-0003
      1  research  run again  description changed
      2  outline   run again  upstream research runs again
      3  write     run again  upstream research, outline run again
      "
    `);
  });

  it('may take the place of the chosen task, and of one that was never finished', async () => {
    let isDown = true;
    const scene = await createReplayScene({
      answer: (_body, task) => (isDown && task === 'Outline' ? failure(503) : undefined),
    });
    await scene.kickoff();
    isDown = false;
    scene.newCalls();
    const outcome = await scene.replay('-t', 'outline', '--set-output', 'outline=Mine.', '--quiet');
    expect(outcome).toMatchObject({ exitCode: 0, stdout: 'Write 2.\n' });
    expect(scene.newCalls()).toEqual(['Write research=Research 1. outline=Mine.']);
  });

  it('has to fit the output schema, and is then the structured output', async () => {
    const scene = await createFinished(
      BRIEF.replace(
        'expected_output: An outline.',
        'expected_output: An outline., output_json: { type: object, properties: { title: { type: string } }, required: [title] }',
      ).replace('outline: {', 'outline: { guardrail_max_retries: 0,'),
    );
    const refusals = [];
    for (const output of ['outline={"title": 7}', 'outline=no JSON', 'outlin=x', 'x', '=x', 'write=@missing.txt'])
      refusals.push(scene.tidy((await scene.replay('-t', '3', '--set-output', output)).stderr));
    expect(refusals.join('\n')).toMatchInlineSnapshot(`
      "error: the output given for outline does not fit its schema: title: must be a string, got 7

      error: the output given for outline does not fit its schema: it is not JSON

      error: there is no task "outlin" to set the output of
      hint: did you mean "outline"?

      error: --set-output x: write it as <task>=<text> or <task>=@<file>

      error: --set-output =x: write it as <task>=<text> or <task>=@<file>

      error: --set-output write=@missing.txt: does not exist
      "
    `);
    expect(scene.newCalls()).toEqual([]);
    const { stdout } = await scene.replay('--auto', '--set-output', 'outline={"title":"Sun"}', '--format', 'json');
    expect(JSON.parse(stdout)).toMatchObject({
      exit_code: 0,
      tasks_output: [
        {},
        { status: 'reused', source_task_id: null, raw: '{"title":"Sun"}', json_dict: { title: 'Sun' } },
        { status: 'completed' },
      ],
    });
  });
});

describe('--dry-run', () => {
  it('tells the plan on stdout, without a key, a call or a row', async () => {
    const scene = await createFinished();
    const outcome = await scene.crew(['replay', '-t', '2', '--dry-run'], WITHOUT_KEY);
    expect(scene.transcript(outcome)).toMatchInlineSnapshot(`
      "exit 0
      --- stdout
      Replay of run-0001
      1  research  reused     from run-0001/research
      2  outline   run again  chosen
      3  write     run again  follows outline
      "
    `);
    const json = await scene.crew(['replay', '-t', '2', '--dry-run', '--format', 'json'], WITHOUT_KEY);
    expect(json).toMatchObject({ exitCode: 0, stderr: '' });
    expect(JSON.parse(scene.tidy(json.stdout))).toMatchInlineSnapshot(`
      {
        "effects": [],
        "parent_run_id": "run-0001",
        "tasks": [
          {
            "action": "reuse",
            "name": "research",
            "number": 1,
            "reasons": [],
            "refused": false,
            "renamed_from": null,
            "source_task_id": "run-0001/research",
          },
          {
            "action": "run",
            "name": "outline",
            "number": 2,
            "reasons": [
              "chosen",
            ],
            "refused": false,
            "renamed_from": null,
            "source_task_id": null,
          },
          {
            "action": "run",
            "name": "write",
            "number": 3,
            "reasons": [
              "follows outline",
            ],
            "refused": false,
            "renamed_from": null,
            "source_task_id": null,
          },
        ],
      }
    `);
    const line = await scene.crew(['replay', '-t', '2', '--dry-run', '--format', 'jsonl'], WITHOUT_KEY);
    expect(line.stdout.trimEnd().split('\n')).toHaveLength(1);
    expect(JSON.parse(line.stdout)).toEqual(JSON.parse(json.stdout));
    expect(scene.newCalls()).toEqual([]);
    expect(scene.query('SELECT count(*) AS count FROM runs')).toEqual([{ count: 1 }]);
  });

  it('tells the plan and ends with 2 where it would be refused', async () => {
    const scene = await createFinished();
    scene.edit(['Research {topic}.', 'Study {topic}.']);
    const { exitCode, stdout, stderr } = await scene.replay('-t', '2', '--dry-run', '--format', 'json');
    expect({ exitCode, plan: JSON.parse(scene.tidy(stdout)) as unknown }).toMatchInlineSnapshot(`
      {
        "exitCode": 2,
        "plan": {
          "effects": [],
          "parent_run_id": "run-0001",
          "tasks": [
            {
              "action": "reuse",
              "name": "research",
              "number": 1,
              "reasons": [
                "description changed",
              ],
              "refused": true,
              "renamed_from": null,
              "source_task_id": "run-0001/research",
            },
            {
              "action": "run",
              "name": "outline",
              "number": 2,
              "reasons": [
                "chosen",
              ],
              "refused": false,
              "renamed_from": null,
              "source_task_id": null,
            },
            {
              "action": "run",
              "name": "write",
              "number": 3,
              "reasons": [
                "follows outline",
              ],
              "refused": false,
              "renamed_from": null,
              "source_task_id": null,
            },
          ],
        },
      }
    `);
    expect(scene.tidy(stderr)).toMatchInlineSnapshot(`
      "error: an output of run run-0001 cannot be reused:
        research: description changed
      hint: -t run-0001/research runs again from there; --auto runs again what has changed or is missing, and what depends on it; --force reuses what is stale; --as-recorded keeps to the definition of that run
      "
    `);
  });
});

describe('what a replay writes', () => {
  it('is the result and nothing else on stdout, in every form', async () => {
    const scene = await createFinished();
    expect(scene.transcript(await scene.replay('-t', 'write', '--quiet'))).toMatchInlineSnapshot(`
      "exit 0
      --- stdout
      Write 4.
      "
    `);
    const { stdout } = await scene.replay('-t', 'write', '--format', 'json');
    expect(JSON.parse(stdout)).toMatchObject({
      run_id: scene.latestRun(),
      status: 'completed',
      exit_code: 0,
      raw: 'Write 5.',
      token_usage: { total_tokens: 15, successful_requests: 1 },
      tasks_output: [
        { name: 'research', status: 'reused', raw: 'Research 1.', token_usage: { total_tokens: 0 }, cost_usd: 0 },
        { name: 'outline', status: 'reused', raw: 'Outline 2.', token_usage: { total_tokens: 0 }, cost_usd: 0 },
        { name: 'write', status: 'completed', raw: 'Write 5.', token_usage: { total_tokens: 15 } },
      ],
    });
  });

  it('is one event a line with --format jsonl, with the run it replays and the outputs it reuses', async () => {
    const scene = await createFinished();
    const { stdout, stderr } = await scene.replay('-t', 'write', '--format', 'jsonl');
    const events = scene
      .tidy(stdout)
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { readonly type: string });
    expect(events.map(({ type }) => type)).toMatchInlineSnapshot(`
      [
        "run-start",
        "task-reuse",
        "task-reuse",
        "task-start",
        "model-call-start",
        "model-call-end",
        "task-end",
        "run-end",
      ]
    `);
    expect(events.slice(0, 3)).toMatchInlineSnapshot(`
      [
        {
          "crew": "brief",
          "done_count": 2,
          "is_resumed": false,
          "parent_run_id": "run-0001",
          "process": "sequential",
          "run_id": "run-0002",
          "task_count": 3,
          "type": "run-start",
        },
        {
          "agent": "Analyst",
          "position": 1,
          "source_task_id": "run-0001/research",
          "task_key": "research",
          "type": "task-reuse",
        },
        {
          "agent": "Writer",
          "position": 2,
          "source_task_id": "run-0001/outline",
          "task_key": "outline",
          "type": "task-reuse",
        },
      ]
    `);
    expect(stderr).not.toContain('Replay of');
  });
});

describe('the output file of a task that does not run', () => {
  const CREW = BRIEF.replace('An outline., agent: writer', 'An outline., agent: writer, output_file: out/outline.md');
  const read = (scene: ReplayScene): string => readFileSync(join(scene.folder, 'out/outline.md'), 'utf8');

  it('is written where it is gone, as in a fresh checkout, and left as it is where it is there', async () => {
    const scene = await createFinished(CREW);
    rmSync(join(scene.folder, 'out'), { recursive: true });
    expect((await scene.replay('-t', 'write', '--quiet')).exitCode).toBe(0);
    expect(read(scene)).toBe('Outline 2.\n');
    writeFileSync(join(scene.folder, 'out/outline.md'), 'Edited.\n');
    expect((await scene.replay('-t', 'write', '--quiet')).exitCode).toBe(0);
    expect(read(scene)).toBe('Edited.\n');
  });

  it('holds the output that is set by hand', async () => {
    const scene = await createFinished(CREW);
    expect((await scene.replay('-t', 'write', '--set-output', 'outline=By hand.', '--quiet')).exitCode).toBe(0);
    expect(read(scene)).toBe('By hand.\n');
  });
});
