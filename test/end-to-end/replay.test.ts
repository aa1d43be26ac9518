import { describe, expect, it } from 'vitest';
import { createGate, failure, hang } from '../helpers/provider-server.js';
import { createReplayScene, type ReplayScene } from '../helpers/replay-scene.js';

/** Scenes with a run that ended, or that stopped in its second task. */
const STATES = {
  async finished() {
    const scene = await createReplayScene();
    return { scene, runId: await scene.kickoff() };
  },
  async failed() {
    let isDown = true;
    const scene = await createReplayScene({
      answer: (_body, task) => (isDown && task === 'Outline' ? failure(503, 'overloaded') : undefined),
    });
    const runId = await scene.kickoff();
    isDown = false;
    return { scene, runId };
  },
  interrupted: () => stopWith('SIGINT'),
  killed: () => stopWith('SIGKILL'),
  async replayed() {
    const scene = await createReplayScene();
    await scene.kickoff();
    expect((await scene.replay('-t', 'outline', '--quiet')).exitCode).toBe(0);
    return { scene, runId: scene.latestRun() };
  },
} satisfies Record<string, () => Promise<{ scene: ReplayScene; runId: string }>>;

async function stopWith(signal: 'SIGINT' | 'SIGKILL'): Promise<{ scene: ReplayScene; runId: string }> {
  const reached = createGate();
  let hangs = true;
  const scene = await createReplayScene({
    answer: (_body, task) => {
      if (!hangs || task !== 'Outline') return undefined;
      reached.open();
      return hang;
    },
  });
  const { child, ended } = scene.start(['kickoff', 'crew.yaml', '--quiet']);
  await reached.opened;
  await expect.poll(() => scene.tasksOf(scene.latestRun())[0]).toBe('research completed, Research 1.');
  child.kill(signal);
  await ended;
  hangs = false;
  return { scene, runId: scene.latestRun() };
}

/** Replays from each task in turn, and tells what was called and stored. The run itself has to stay as it is. */
async function replayFromEach({ scene, runId }: { scene: ReplayScene; runId: string }): Promise<string> {
  await scene.crew(['runs']); // Marks what is dead.
  const stored = scene.storedOf(runId);
  const lines: string[] = [];
  for (const key of ['research', 'outline', 'write']) {
    scene.newCalls();
    const { exitCode, stdout, stderr } = await scene.replay('-t', `${runId}/${key}`, '--quiet');
    lines.push(`-t ${key}: exit ${exitCode}, ${stdout.trim() || scene.tidy(stderr).trim()}`);
    if (exitCode !== 0) continue;
    const [run] = scene.query<{ parent_run_id: string; requests: number }>(
      `SELECT parent_run_id, requests FROM runs WHERE id = '${scene.latestRun()}'`,
    );
    const calls = scene.newCalls();
    expect(run).toEqual({ parent_run_id: runId, requests: calls.length });
    lines.push(...calls.map((call) => `  called: ${call}`));
    lines.push(...scene.tasksOf(scene.latestRun()).map((task) => `  stored: ${task}`));
  }
  expect(scene.storedOf(runId)).toEqual(stored);
  return `\n${lines.join('\n')}\n`;
}

describe('crew replay', () => {
  it('runs each task of a finished run again, with what follows', async () => {
    expect(await replayFromEach(await STATES.finished())).toMatchInlineSnapshot(`
      "
      -t research: exit 0, Write 6.
        called: Research
        called: Outline research=Research 4.
        called: Write research=Research 4. outline=Outline 5.
        stored: research completed, Research 4.
        stored: outline completed, Outline 5.
        stored: write completed, Write 6.
      -t outline: exit 0, Write 8.
        called: Outline research=Research 1.
        called: Write research=Research 1. outline=Outline 7.
        stored: research reused, of run-0001/research
        stored: outline completed, Outline 7.
        stored: write completed, Write 8.
      -t write: exit 0, Write 9.
        called: Write research=Research 1. outline=Outline 2.
        stored: research reused, of run-0001/research
        stored: outline reused, of run-0001/outline
        stored: write completed, Write 9.
      "
    `);
  });

  it('runs again from each task of a run that failed', async () => {
    expect(await replayFromEach(await STATES.failed())).toMatchInlineSnapshot(`
      "
      -t research: exit 0, Write 4.
        called: Research
        called: Outline research=Research 2.
        called: Write research=Research 2. outline=Outline 3.
        stored: research completed, Research 2.
        stored: outline completed, Outline 3.
        stored: write completed, Write 4.
      -t outline: exit 0, Write 6.
        called: Outline research=Research 1.
        called: Write research=Research 1. outline=Outline 5.
        stored: research reused, of run-0001/research
        stored: outline completed, Outline 5.
        stored: write completed, Write 6.
      -t write: exit 2, error: an output of run run-0001 cannot be reused:
        outline: never finished: failed (openai/gpt-4.1-mini: the provider failed (503 Service Unavailable): overloaded)
      hint: -t run-0001/outline runs again from there; --auto runs again what has changed or is missing, and what depends on it
      "
    `);
  });

  it('runs again from each task of a run that was interrupted', async () => {
    expect(await replayFromEach(await STATES.interrupted())).toMatchInlineSnapshot(`
      "
      -t research: exit 0, Write 4.
        called: Research
        called: Outline research=Research 2.
        called: Write research=Research 2. outline=Outline 3.
        stored: research completed, Research 2.
        stored: outline completed, Outline 3.
        stored: write completed, Write 4.
      -t outline: exit 0, Write 6.
        called: Outline research=Research 1.
        called: Write research=Research 1. outline=Outline 5.
        stored: research reused, of run-0001/research
        stored: outline completed, Outline 5.
        stored: write completed, Write 6.
      -t write: exit 2, error: an output of run run-0001 cannot be reused:
        outline: never finished: interrupted
      hint: -t run-0001/outline runs again from there; --auto runs again what has changed or is missing, and what depends on it
      "
    `);
  });

  it('runs again from each task of a run that was killed', async () => {
    expect(await replayFromEach(await STATES.killed())).toMatchInlineSnapshot(`
      "
      -t research: exit 0, Write 4.
        called: Research
        called: Outline research=Research 2.
        called: Write research=Research 2. outline=Outline 3.
        stored: research completed, Research 2.
        stored: outline completed, Outline 3.
        stored: write completed, Write 4.
      -t outline: exit 0, Write 6.
        called: Outline research=Research 1.
        called: Write research=Research 1. outline=Outline 5.
        stored: research reused, of run-0001/research
        stored: outline completed, Outline 5.
        stored: write completed, Write 6.
      -t write: exit 2, error: an output of run run-0001 cannot be reused:
        outline: never finished: interrupted
      hint: -t run-0001/outline runs again from there; --auto runs again what has changed or is missing, and what depends on it
      "
    `);
  });

  it('runs again from each task of a replay, and points at the runs that made the outputs', async () => {
    expect(await replayFromEach(await STATES.replayed())).toMatchInlineSnapshot(`
      "
      -t research: exit 0, Write 8.
        called: Research
        called: Outline research=Research 6.
        called: Write research=Research 6. outline=Outline 7.
        stored: research completed, Research 6.
        stored: outline completed, Outline 7.
        stored: write completed, Write 8.
      -t outline: exit 0, Write 10.
        called: Outline research=Research 1.
        called: Write research=Research 1. outline=Outline 9.
        stored: research reused, of run-0001/research
        stored: outline completed, Outline 9.
        stored: write completed, Write 10.
      -t write: exit 0, Write 11.
        called: Write research=Research 1. outline=Outline 4.
        stored: research reused, of run-0001/research
        stored: outline reused, of run-0002/outline
        stored: write completed, Write 11.
      "
    `);
  });

  it.each([
    ['its number', () => ['-t', '2']],
    ['its key', () => ['-t', 'outline']],
    ['the beginning of its key', () => ['-t', 'out']],
    ['its id', (runId: string) => ['-t', `${runId}/outline`]],
    ['the beginning of its id', (runId: string) => ['-t', `${runId.slice(0, 5)}/o`]],
    ['its run and key', (runId: string) => ['--run', runId, '-t', 'outline']],
    ['the beginning of its run and its number', (runId: string) => ['--run', runId.slice(0, 5), '--task', '2']],
  ])('finds a task by %s', async (_way, argumentsFor) => {
    const { scene, runId } = await STATES.finished();
    scene.newCalls();
    expect(await scene.replay(...argumentsFor(runId), '--quiet')).toMatchObject({ exitCode: 0, stdout: 'Write 5.\n' });
    expect(scene.newCalls()).toEqual(['Outline research=Research 1.', 'Write research=Research 1. outline=Outline 4.']);
  });

  it('tells what it does, and shows the whole in the history', async () => {
    const { scene } = await STATES.finished();
    const outcome = await scene.replay('-t', 'write');
    expect(scene.transcript(outcome)).toMatchInlineSnapshot(`
      "exit 0
      --- stdout
      Write 4.
      --- stderr
      Replay of run-0001
      1  research  reused     from run-0001/research
      2  outline   reused     from run-0001/outline
      3  write     run again  chosen
      brief run run-0002 · sequential · 2 of 3 tasks done · replay of run-0001
      ↺ research reused from run-0001/research
      ↺ outline reused from run-0001/outline
      write 3/3 · Writer
      ✓ write completed · <time> · 15 tokens · <$0.0001
      done · run run-0002 · <time> · 15 tokens · <$0.0001
      see it: crew show run-0002
      "
    `);
    const shown = [['log-tasks-outputs'], ['show'], ['runs', '--limit', '1']];
    const outcomes = await Promise.all(shown.map((args) => scene.crew(args)));
    const history = outcomes.map(({ stdout }) => scene.tidy(stdout)).join('\n');
    expect(history.replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?/g, '<date>').replaceAll(/ {3,}/g, '  '))
      .toMatchInlineSnapshot(`
      "Task 1: research
      id  run-0002/research
      status  reused from run-0001/research
      agent  Analyst
      output
      Research 1.

      Task 2: outline
      id  run-0002/outline
      status  reused from run-0001/outline
      agent  Writer
      output
      Outline 2.

      Task 3: write
      id  run-0002/write
      status  completed
      agent  Writer
      output
      Write 4.

      Run run-0002  brief  completed (exit 0)

      started  <date>
      time  <time>
      tokens  15: 10 in, 5 out, 1 model call
      cost  <$0.0001
      process  sequential
      definition  <folder>/crew.yaml
      replay of  run-0001
      inputs  topic: solar

      TASKS AND STEPS  AGENT  TOKENS  COST  TIME
      ↺ 1 research (reused from run-0001/research)  Analyst
      ↺ 2 outline (reused from run-0001/outline)  Writer
      ✓ 3 write  Writer  15  <$0.0001  <time>
      └─ ✓ model openai/gpt-4.1-mini  Writer  15  <$0.0001  <time>

      RUN  CREW  STATUS  STARTED  TIME  TASKS  TOKENS  COST  REPLAY OF
      run-0002  brief  completed  <date>  <time>  3/3  15  <$0.0001  run-0001
      "
    `);
  });
});
