import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { failure } from '../helpers/provider-server.js';
import { createReplayScene, type ReplayScene } from '../helpers/replay-scene.js';

const TOKEN = `ghp_${'a1'.repeat(18)}`;
const CREW = `name: clone
models: { m: { model: openai/gpt-4.1-mini, max_retries: 0 } }
inputs: { topic: solar, token: { description: For GitHub }, hosts: { type: list, default: [] } }
agents:
  worker: { role: Worker, goal: Work, backstory: You work., llm: m }
tasks:
  clone: { description: "Clone {topic} with {token}.", expected_output: Files. }
  push: { description: "Push to {hosts} with {token}.", expected_output: Done. }
`;

/** A run that failed in its second task; the provider is up again. */
async function createFailed(): Promise<ReplayScene> {
  let isDown = true;
  const scene = await createReplayScene({
    crew: CREW,
    answer: (_body, task) => (isDown && task === 'Push' ? failure(503) : undefined),
  });
  await scene.kickoff('-i', `token=${TOKEN}`);
  isDown = false;
  scene.newCalls();
  return scene;
}

const lastPrompt = ({ server }: ReplayScene): string =>
  /Task: .*/.exec(String(server.requests.at(-1)?.body.messages[1]?.content))?.[0] ?? '';

/** Nothing of the secret may be in the database. */
function expectRedacted(scene: ReplayScene): void {
  const rows = ['runs', 'task_outputs', 'steps'].map((table) => scene.query(`SELECT * FROM ${table}`));
  expect(JSON.stringify(rows)).not.toContain(TOKEN);
}

describe('an input that was stored without its secret', () => {
  it('has to be given again where the run is resumed', async () => {
    const scene = await createFailed();
    expect(scene.transcript(await scene.crew(['resume']))).toMatchInlineSnapshot(`
      "exit 2
      --- stderr
      error: the input token of run run-0001 had a secret, which is not stored
      hint: Give it again: -i token=…
      "
    `);
    expect(scene.newCalls()).toEqual([]);
    expect(scene.query('SELECT status FROM runs')).toEqual([{ status: 'failed' }]);
    const resumed = await scene.crew(['resume', '-i', `token=${TOKEN}`]);
    expect(scene.transcript(resumed)).toMatchInlineSnapshot(`
      "exit 0
      --- stdout
      Push 2.
      --- stderr
      clone run run-0001 · sequential · 1 of 2 tasks done · resumed
      push 2/2 · Worker
      ✓ push completed · <time> · 15 tokens · <$0.0001
      done · run run-0001 · <time> · 30 tokens · <$0.0001
      see it: crew show run-0001
      "
    `);
    expect(lastPrompt(scene)).toBe(`Task: Push to [] with ${TOKEN}.`);
    expectRedacted(scene);
  });

  it('may be given in a file', async () => {
    const scene = await createFailed();
    writeFileSync(join(scene.folder, 'inputs.yaml'), `token: ${TOKEN}\n`);
    expect((await scene.crew(['resume', '--inputs', 'inputs.yaml', '--quiet'])).exitCode).toBe(0);
    expect(lastPrompt(scene)).toBe(`Task: Push to [] with ${TOKEN}.`);
  });

  it('may be another secret, but no other text', async () => {
    const scene = await createFailed();
    expect(scene.transcript(await scene.crew(['resume', '-i', 'token=none']))).toMatchInlineSnapshot(`
      "exit 2
      --- stderr
      error: the input token is not the one that run run-0001 was given, which is stored as [redacted:github-token]
      hint: crew replay --run run-0001 --auto -i token=… makes a new run with another value.
      "
    `);
    expect(scene.newCalls()).toEqual([]);
    const other = TOKEN.replaceAll('a', 'b');
    expect((await scene.crew(['resume', '-i', `token=${other}`, '--quiet'])).exitCode).toBe(0);
    expect(lastPrompt(scene)).toBe(`Task: Push to [] with ${other}.`);
  });

  it('is found at any depth of a value', async () => {
    const scene = await createFailed();
    await scene.crew(['resume', '-i', `token=${TOKEN}`, '--quiet']);
    const hosts = 'hosts=["https://me:secret1@a.example", "https://b.example"]';
    await scene.replay('-t', 'push', '-i', `token=${TOKEN}`, '-i', hosts, '--quiet');
    expect(lastPrompt(scene)).toContain('https://me:secret1@a.example');
    const refused = await scene.replay('-t', 'push', '-i', `token=${TOKEN}`);
    expect(scene.transcript(refused)).toMatchInlineSnapshot(`
      "exit 2
      --- stderr
      error: the input hosts of run run-0002 had a secret, which is not stored
      hint: Give it again: -i hosts=…
      "
    `);
  });

  it('has to be given again where the run is replayed', async () => {
    const scene = await createFailed();
    expect(scene.transcript(await scene.replay('--auto'))).toMatchInlineSnapshot(`
      "exit 2
      --- stderr
      error: the input token of run run-0001 had a secret, which is not stored
      hint: Give it again: -i token=…
      "
    `);
    expect(scene.newCalls()).toEqual([]);
    expect((await scene.replay('--auto', '-i', `token=${TOKEN}`, '--quiet')).exitCode).toBe(0);
    expect(lastPrompt(scene)).toBe(`Task: Push to [] with ${TOKEN}.`);
    expectRedacted(scene);
  });

  it('has to be given again where the run goes on with the definition of today', async () => {
    const scene = await createFailed();
    expect(scene.transcript(await scene.crew(['resume', '--with-current']))).toMatchInlineSnapshot(`
      "exit 2
      --- stderr
      error: the input token of run run-0001 had a secret, which is not stored
      hint: Give it again: -i token=…
      "
    `);
    expect(scene.newCalls()).toEqual([]);
    const resumed = await scene.crew(['resume', '--with-current', '-i', `token=${TOKEN}`, '--quiet']);
    expect(resumed.exitCode).toBe(0);
    expect(lastPrompt(scene)).toBe(`Task: Push to [] with ${TOKEN}.`);
    expectRedacted(scene);
  });

  it('is not asked for where it is a default of the definition', async () => {
    let isDown = true;
    const crew = CREW.replace('token: { description: For GitHub }', 'token: https://me:secret1@a.example');
    const scene = await createReplayScene({ crew, answer: () => (isDown ? failure(503) : undefined) });
    await scene.kickoff();
    isDown = false;
    expect(scene.query('SELECT inputs FROM runs')).toMatchObject([
      { inputs: expect.stringContaining('https://me:[redacted:password]@a.example') as string },
    ]);
    expect((await scene.crew(['resume', '--quiet'])).exitCode).toBe(0);
    expect(lastPrompt(scene)).toBe('Task: Push to [] with https://me:secret1@a.example.');
  });
});

describe('any other input', () => {
  it('cannot change where a run is resumed', async () => {
    const scene = await createFailed();
    const given = ['-i', `token=${TOKEN}`];
    expect(scene.transcript(await scene.crew(['resume', ...given, '-i', 'topic=wind']))).toMatchInlineSnapshot(`
      "exit 2
      --- stderr
      error: the input topic of run run-0001 cannot change while the run goes on
      hint: crew replay --run run-0001 --auto -i topic=… makes a new run with another value.
      "
    `);
    expect(scene.transcript(await scene.crew(['resume', '--with-current', ...given, '-i', 'topic=wind'])))
      .toMatchInlineSnapshot(`
      "exit 2
      --- stderr
      error: the input topic of run run-0001 cannot change while the run goes on
      hint: crew replay --run run-0001 --auto -i topic=… makes a new run with another value.
      "
    `);
    expect(scene.transcript(await scene.crew(['resume', ...given, '-i', 'colour=red']))).toMatchInlineSnapshot(`
      "exit 2
      --- stderr
      error: run run-0001 has no input colour
      "
    `);
    expect(scene.newCalls()).toEqual([]);
  });
});
