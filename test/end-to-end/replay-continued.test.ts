import { describe, expect, it } from 'vitest';
import { createGate, failure, hang, text } from '../helpers/provider-server.js';
import { BRIEF, createReplayScene } from '../helpers/replay-scene.js';

const WITHOUT_KEY = { env: { OPENAI_API_KEY: undefined, OPENAI_BASE_URL: undefined } } as const;

describe('a replay that stopped', () => {
  it('is resumed after Ctrl-C: what it reuses stays, and only open calls are made', async () => {
    const reached = createGate();
    let hangs = false;
    const scene = await createReplayScene({
      answer: (_body, task) => {
        if (!hangs || task !== 'Write') return undefined;
        reached.open();
        return hang;
      },
    });
    await scene.kickoff();
    hangs = true;
    const { child, ended } = scene.start(['replay', '-t', 'outline', '--quiet', '--set-output', 'research=Mine.']);
    await reached.opened;
    child.kill('SIGINT');
    expect((await ended).exitCode).toBe(130);
    hangs = false;
    scene.newCalls();
    expect(scene.transcript(await scene.crew(['resume']))).toMatchInlineSnapshot(`
      "exit 0
      --- stdout
      Write 5.
      --- stderr
      brief run run-0002 · sequential · 2 of 3 tasks done · resumed · replay of run-0001
      write 3/3 · Writer
      ✓ write completed · <time> · 15 tokens · <$0.0001
      done · run run-0002 · <time> · 30 tokens · <$0.0001
      see it: crew show run-0002
      "
    `);
    expect(scene.newCalls()).toEqual(['Write research=Mine. outline=Outline 4.']);
    expect(scene.tasksOf(scene.latestRun())).toMatchInlineSnapshot(`
      [
        "research reused, Mine.",
        "outline completed, Outline 4.",
        "write completed, Write 5.",
      ]
    `);
    const row = 'SELECT requests, status FROM runs ORDER BY started_at';
    expect(scene.query(row)).toEqual([
      { requests: 3, status: 'completed' },
      { requests: 2, status: 'completed' },
    ]);
  });

  it('is replayed like any other run', async () => {
    let isDown = false;
    const scene = await createReplayScene({
      answer: (_body, task) => (isDown && task === 'Write' ? failure(503) : undefined),
    });
    await scene.kickoff();
    isDown = true;
    expect((await scene.replay('-t', 'outline', '--quiet')).exitCode).toBe(6);
    isDown = false;
    scene.newCalls();
    expect(await scene.plan('--auto')).toMatchInlineSnapshot(`
      "
      Replay of run-0002
      1  research  reused     from run-0001/research
      2  outline   reused     from run-0002/outline
      3  write     run again  never finished: failed (openai/gpt-4.1-mini: the provider failed (503 Service Unavailable): failure 503)
      "
    `);
    expect((await scene.replay('--auto', '--quiet')).stdout).toBe('Write 5.\n');
    expect(scene.newCalls()).toEqual(['Write research=Research 1. outline=Outline 4.']);
  });

  it('ends with 4 at a limit, and goes on with a higher one', async () => {
    const dear = { usage: { input: 100_000, output: 100_000 } };
    const scene = await createReplayScene({
      crew: BRIEF.replace('max_retries: 0', 'max_retries: 0, max_tokens: 100'),
      answer: (_body, task) => text(`${task}.`, dear),
    });
    const runId = await scene.kickoff();
    scene.newCalls();
    const outcome = await scene.replay('-t', 'outline', '--budget', '0.1');
    expect(scene.transcript(outcome)).toMatchInlineSnapshot(`
      "exit 4
      --- stderr
      Replay of run-0001
      1  research  reused     from run-0001/research
      2  outline   run again  chosen
      3  write     run again  follows outline
      brief run run-0002 · sequential · 1 of 3 tasks done · replay of run-0001
      ↺ research reused from run-0001/research
      outline 2/3 · Writer
      warning: $0.2000 of the budget of $0.1000 used
      ✓ outline completed · <time> · 200,000 tokens · $0.2000
      write 3/3 · Writer
      ✗ write failed · <time> · 0 tokens · $0
      error: task write: the budget of $0.1000 does not cover the next call: $0.2000 is used, and openai/gpt-4.1-mini could cost up to $0.0002
      hint: Go on with crew resume run-0002 --budget 0.41, or lower max_tokens of the model, and with it what a call can cost.
      failed · run run-0002 · <time> · 200,000 tokens · $0.2000
      see it: crew show run-0002 --steps
      "
    `);
    expect(scene.newCalls()).toEqual(['Outline research=Research.']);
    const resumed = await scene.crew(['resume', '--budget', '1', '--quiet']);
    expect(resumed).toMatchObject({ exitCode: 0, stdout: 'Write.\n' });
    expect(scene.newCalls()).toEqual(['Write research=Research. outline=Outline.']);
    expect(scene.query(`SELECT count(*) AS count FROM runs WHERE parent_run_id = '${runId}'`)).toEqual([{ count: 1 }]);
  });
});

describe('a replay with a cassette', () => {
  it('records what it called, and is played from it without a key or a call', async () => {
    const scene = await createReplayScene();
    const runId = await scene.kickoff('--record', 'whole.yaml');
    expect((await scene.replay('-t', 'outline', '--quiet', '--record', 'part.yaml')).stdout).toBe('Write 5.\n');
    scene.newCalls();
    const play = (file: string, task = 'outline') =>
      scene.crew(['replay', '--run', runId, '-t', task, '--quiet', '--cassette', file], WITHOUT_KEY);
    expect(await play('part.yaml')).toMatchObject({ exitCode: 0, stdout: 'Write 5.\n' });
    expect(await play('part.yaml', 'research')).toMatchObject({ exitCode: 0, stdout: 'Write 5.\n' });
    expect(await play('whole.yaml')).toMatchObject({ exitCode: 0, stdout: 'Write 3.\n' });
    expect(scene.newCalls()).toEqual([]);
  });
});
