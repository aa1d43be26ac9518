import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hang } from '../helpers/provider-server.js';
import { BRIEF, createReplayScene, type ReplayScene } from '../helpers/replay-scene.js';

async function createFinished(): Promise<ReplayScene> {
  const scene = await createReplayScene();
  await scene.kickoff();
  scene.newCalls();
  return scene;
}

/** What a person is told by a replay that is refused; nothing is called and nothing stored. */
async function refusalOf(scene: ReplayScene, ...args: string[]): Promise<string> {
  const count = 'SELECT count(*) AS count FROM runs';
  const before = scene.query(count);
  const { exitCode, stdout, stderr } = await scene.replay(...args);
  expect({ exitCode, stdout, calls: scene.newCalls() }).toEqual({ exitCode: 2, stdout: '', calls: [] });
  expect(scene.query(count)).toEqual(before);
  return `\n${scene.tidy(stderr)}`;
}

describe('the task to replay', () => {
  it('is asked for with the tasks of the latest run', async () => {
    const scene = await createFinished();
    expect(await refusalOf(scene)).toMatchInlineSnapshot(`
      "
      error: say from which task to run again: -t <task>, by its id, key or number. It runs again with all that follows; what comes before is reused. Tasks of the run:
        1  run-0001/research  completed
        2  run-0001/outline   completed
        3  run-0001/write     completed
      hint: crew replay -t run-0001/write; --auto runs again what has changed; --dry-run only tells.
      "
    `);
    const { stdout } = await scene.replay('--format', 'json');
    expect(JSON.parse(stdout)).toMatchObject({ run_id: null, exit_code: 2, error: { code: 'usage' } });
  });

  it('has to be there', async () => {
    const scene = await createReplayScene();
    expect(await refusalOf(scene)).toMatchInlineSnapshot(`
      "
      error: there are no runs yet
      hint: \`crew kickoff <file>\` makes the first one.
      "
    `);
    expect(await refusalOf(scene, '-t', 'research')).toMatchInlineSnapshot(`
      "
      error: there are no runs yet
      hint: \`crew kickoff <file>\` makes the first one.
      "
    `);
    expect(await refusalOf(scene, '--auto')).toMatchInlineSnapshot(`
      "
      error: there are no runs yet
      hint: \`crew kickoff <file>\` makes the first one.
      "
    `);
    expect(existsSync(join(scene.folder, '.crew'))).toBe(false);
    await scene.kickoff();
    scene.newCalls();
    const refusals = [];
    for (const name of ['resaerch', '7', 'nothing/research', '']) refusals.push(await refusalOf(scene, '-t', name));
    refusals.push(await refusalOf(scene, '--run', 'nothing', '--auto'));
    expect(refusals.join('')).toMatchInlineSnapshot(`
      "
      error: run run-0001 has no task "resaerch"
      hint: did you mean "research"? Its tasks: 1 research, 2 outline, 3 write; name one as run-0001/research.

      error: run run-0001 has no task "7"
      hint: Its tasks: 1 research, 2 outline, 3 write; name one as run-0001/research.

      error: there is no run "nothing"
      hint: \`crew runs\` lists the runs.

      error: which task of run run-0001 (brief)?
      hint: Its tasks: 1 research, 2 outline, 3 write; name one as run-0001/research.

      error: there is no run "nothing"
      hint: \`crew runs\` lists the runs.
      "
    `);
  });

  it('has to be the only one of that beginning', async () => {
    const scene = await createFinished();
    scene.edit(['  write:', '  wrap: { description: Wrap it., expected_output: A box., agent: writer }\n  write:']);
    expect(await refusalOf(scene, '-t', 'wr')).toMatchInlineSnapshot(`
      "
      error: several tasks of run run-0001 begin with "wr": 3 write, wrap
      hint: Type more of the key, or give the number.
      "
    `);
  });

  it('may be new in the definition', async () => {
    const scene = await createFinished();
    scene.edit(['  write:', '  extra: { description: Add it., expected_output: More., agent: writer }\n  write:']);
    const runId = scene.latestRun();
    const plan = await scene.plan('-t', 'extra');
    expect(plan).toMatchInlineSnapshot(`
      "
      Replay of run-0001
      1  research  reused     from run-0001/research
      2  outline   reused     from run-0001/outline
      3  extra     run again  chosen
      4  write     run again  follows extra
      "
    `);
    for (const name of ['4', 'ext', `${runId}/extra`, `${runId.slice(0, 4)}/e`])
      expect(await scene.plan('-t', name)).toBe(name === '4' ? await scene.plan('-t', 'write') : plan);
    expect(await refusalOf(scene, '-t', '3')).toMatchInlineSnapshot(`
      "
      error: 3 is write in run run-0001, and extra in the definition
      hint: Name the task by its key.
      "
    `);
    expect((await scene.replay('-t', 'extra', '--quiet')).exitCode).toBe(0);
    expect(scene.newCalls()).toMatchInlineSnapshot(`
      [
        "Add research=Research 1. outline=Outline 2.",
        "Write research=Research 1. outline=Outline 2. extra=Add 4.",
      ]
    `);
  });

  it('goes before one whose name only begins so, where it is new', async () => {
    const scene = await createFinished();
    scene.edit(['  write:', '  out: { description: Add it., expected_output: More., agent: writer }\n  write:']);
    expect(await scene.plan('-t', 'out')).toMatchInlineSnapshot(`
      "
      Replay of run-0001
      1  research  reused     from run-0001/research
      2  outline   reused     from run-0001/outline
      3  out       run again  chosen
      4  write     run again  follows out
      "
    `);
  });

  it('has to be in the definition still', async () => {
    const scene = await createFinished();
    scene.edit(['  outline:', '  sketch:']);
    expect(await refusalOf(scene, '-t', 'outline')).toMatchInlineSnapshot(`
      "
      error: task outline of run run-0001 is no longer in <folder>/crew.yaml
      hint: It has research, sketch, write; --as-recorded takes the definition as the run has it.
      "
    `);
    expect((await scene.replay('-t', 'outline', '--as-recorded', '--quiet')).exitCode).toBe(0);
    expect(scene.newCalls()).toHaveLength(2);
  });

  it('is not one of a run that is at work', async () => {
    const scene = await createReplayScene({ answer: () => hang });
    const { child, ended } = scene.start(['kickoff', 'crew.yaml', '--quiet']);
    await scene.server.waitForRequests(1);
    scene.newCalls();
    expect((await refusalOf(scene, '-t', 'outline')).replace(/process \d+ on \S+/, 'process <id> on <host>'))
      .toMatchInlineSnapshot(`
      "
      error: run run-0001 is at work in process <id> on <host>
      hint: Wait for its end, or stop that process first. A process of another machine or container counts as dead <time> after its last sign of life.
      "
    `);
    expect((await scene.replay('--auto')).exitCode).toBe(2);
    child.kill('SIGINT');
    await ended;
  });
});

describe('the definition of a replay', () => {
  it('is named in the refusal where it is broken or gone, with the ways on', async () => {
    const scene = await createFinished();
    scene.edit(['agent: analyst', 'agent: analist']);
    expect(await refusalOf(scene, '-t', 'write')).toMatchInlineSnapshot(`
      "
      <folder>/crew.yaml:8:81 tasks.research.agent: there is no agent "analist"
        8 |   research: { description: "Research {topic}.", expected_output: Facts., agent: analist }
          |                                                                                 ^^^^^^^
          = did you mean "analyst"?
      hint: --as-recorded takes the definition as the run has it; --file names another file.
      "
    `);
    expect(await refusalOf(scene, '-t', 'extra')).toMatchInlineSnapshot(`
      "
      <folder>/crew.yaml:8:81 tasks.research.agent: there is no agent "analist"
        8 |   research: { description: "Research {topic}.", expected_output: Facts., agent: analist }
          |                                                                                 ^^^^^^^
          = did you mean "analyst"?
      hint: --as-recorded takes the definition as the run has it; --file names another file.
      "
    `);
    rmSync(join(scene.folder, 'crew.yaml'));
    expect(await refusalOf(scene, '--auto')).toMatchInlineSnapshot(`
      "
      <folder>/crew.yaml: there is no such file
      hint: --as-recorded takes the definition as the run has it; --file names another file.
      "
    `);
    expect((await scene.replay('-t', 'write', '--as-recorded', '--quiet')).stdout).toBe('Write 4.\n');
  });

  it('may be another file, from which later replays go on', async () => {
    const scene = await createFinished();
    mkdirSync(join(scene.folder, 'below'));
    writeFileSync(join(scene.folder, 'below', 'other.yaml'), BRIEF.replace('Write it.', 'Sing it.'));
    const below = { cwd: join(scene.folder, 'below') };
    const first = await scene.crew(['replay', '-t', 'write', '--file', 'other.yaml', '--quiet'], below);
    expect(first).toMatchObject({ exitCode: 0, stdout: 'Sing 4.\n' });
    expect(scene.query('SELECT definition_path FROM runs')).toMatchObject([
      { definition_path: join(scene.folder, 'crew.yaml') },
      { definition_path: join(scene.folder, 'below', 'other.yaml') },
    ]);
    expect((await scene.replay('-t', 'write', '--quiet')).stdout).toBe('Sing 5.\n');
    const both = await scene.replay('-t', 'write', '--file', 'crew.yaml', '--as-recorded');
    expect(both.exitCode).toBe(2);
  });

  it('is found from any folder, as are the database and the files that are named there', async () => {
    const scene = await createReplayScene({
      crew: BRIEF.replace('expected_output: A text.', 'expected_output: A text., output_file: out.md'),
    });
    const { folder } = scene;
    await scene.crew(['kickoff', 'crew.yaml', '--quiet', '--db', 'history.db']);
    mkdirSync(join(folder, 'below'));
    const cwd = join(folder, 'below');
    const named = await scene.crew(
      ['replay', '-t', 'write', '--db', '../history.db', '--record', 'tape.yaml', '--set-output', 'outline=@o.txt'],
      { cwd },
    );
    expect(named.stderr).toMatch(/^error: --set-output outline=@o.txt: does not exist\n/);
    writeFileSync(join(cwd, 'o.txt'), 'Mine.');
    const args = ['replay', '-t', 'write', '--record', 'tape.yaml', '--set-output', 'outline=@o.txt', '--quiet'];
    expect((await scene.crew([...args, '--db', '../history.db'], { cwd })).exitCode).toBe(0);
    expect((await scene.crew(args, { cwd, env: { CREW_DB: '../history.db' } })).exitCode).toBe(0);
    expect(scene.query('SELECT status FROM runs', 'history.db')).toHaveLength(3);
    expect(
      ['tape.yaml', 'out.md', 'below/tape.yaml', 'below/out.md'].map((file) => existsSync(join(folder, file))),
    ).toEqual([false, true, true, false]);
  });
});
