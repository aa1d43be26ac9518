import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createFinishedReport, type Edit, type ReplayScene, TOOL } from '../helpers/replay-scene.js';

/** What a replay called and stored. */
async function replayed(scene: ReplayScene, ...args: string[]): Promise<string> {
  const { exitCode, stderr } = await scene.replay(...args, '--quiet');
  const calls = scene.newCalls().map((call) => `called: ${call}\n`);
  const stored = scene.tasksOf(scene.latestRun()).map((task) => `stored: ${task}\n`);
  return `\nexit ${exitCode}\n${exitCode === 0 ? [...calls, ...stored].join('') : scene.tidy(stderr)}`;
}

const EDIT: Edit = [['Research {topic}.', 'Study {topic}.']];
const CHECK = '  check: { description: Check it., expected_output: A list., agent: analyst, context: [research] }\n';
const NEW = '  extra: { description: Add it., expected_output: More., agent: writer, context: [research] }\n';

it('refuses without a call or a row, and says in --format json what it would have done', async () => {
  const scene = await createFinishedReport();
  scene.edit(...EDIT);
  expect(scene.transcript(await scene.replay('-t', 'write'))).toMatchInlineSnapshot(`
    "exit 2
    --- stderr
    Replay of run-0001
    1  research  refused    stale because description changed
    2  outline   reused     from run-0001/outline
    3  check     reused     from run-0001/check
    4  write     run again  chosen
    error: an output of run run-0001 cannot be reused:
      research: description changed
    hint: -t run-0001/research runs again from there; --auto runs again what has changed or is missing, and what depends on it; --force reuses what is stale; --as-recorded keeps to the definition of that run
    "
  `);
  const { stdout } = await scene.replay('-t', 'write', '--format', 'json');
  expect(JSON.parse(stdout)).toMatchObject({
    run_id: null,
    status: 'failed',
    exit_code: 2,
    error: { code: 'usage' },
  });
  expect(scene.newCalls()).toEqual([]);
  expect(scene.query('SELECT count(*) AS count FROM runs')).toEqual([{ count: 1 }]);
});

it('--force reuses what is stale, and a later replay still says so', async () => {
  const scene = await createFinishedReport();
  scene.edit(...EDIT);
  expect(await scene.plan('-t', 'write', '--force')).toMatchInlineSnapshot(`
    "
    Replay of run-0001
    1  research  reused     from run-0001/research, stale because description changed
    2  outline   reused     from run-0001/outline
    3  check     reused     from run-0001/check
    4  write     run again  chosen
    "
  `);
  expect(await replayed(scene, '-t', 'write', '--force')).toMatchInlineSnapshot(`
    "
    exit 0
    called: Write outline={"title":"Sun"}
    stored: research reused, of run-0001/research
    stored: outline reused, of run-0001/outline
    stored: check reused, of run-0001/check
    stored: write completed, Write 4.
    "
  `);
  expect(await scene.plan('-t', 'write')).toMatchInlineSnapshot(`
    "
    Replay of run-0002
    1  research  refused    stale because description changed
    2  outline   reused     from run-0001/outline
    3  check     reused     from run-0001/check
    4  write     run again  chosen
    error: an output of run run-0002 cannot be reused:
      research: description changed
    hint: -t run-0002/research runs again from there; --auto runs again what has changed or is missing, and what depends on it; --force reuses what is stale; --as-recorded keeps to the definition of that run
    exit 2
    "
  `);
});

it('--force cannot reuse what is not there', async () => {
  const scene = await createFinishedReport();
  scene.edit([CHECK, NEW + CHECK]);
  expect(await replayed(scene, '-t', 'check', '--force')).toMatchInlineSnapshot(`
    "
    exit 2
    error: an output of run run-0001 cannot be reused:
      extra: new
    hint: -t run-0001/extra runs again from there; --auto runs again what has changed or is missing, and what depends on it; --as-recorded keeps to the definition of that run
    "
  `);
});

it('--auto runs again what has changed and what depends on it, and nothing the second time', async () => {
  const scene = await createFinishedReport();
  scene.edit(['Check it.', 'Check it twice.'], ['Write it.', 'Sing it.']);
  expect(await replayed(scene, '--auto')).toMatchInlineSnapshot(`
    "
    exit 0
    called: Check research=Research 1.
    called: Sing outline={"title":"Sun"}
    stored: research reused, of run-0001/research
    stored: outline reused, of run-0001/outline
    stored: check completed, Check 4.
    stored: write completed, Sing 5.
    "
  `);
  expect(await replayed(scene, '--auto')).toMatchInlineSnapshot(`
    "
    exit 0
    stored: research reused, of run-0001/research
    stored: outline reused, of run-0001/outline
    stored: check reused, of run-0002/check
    stored: write reused, of run-0002/write
    "
  `);
  scene.edit(...EDIT);
  expect(await replayed(scene, '--auto', '-t', 'check')).toMatchInlineSnapshot(`
    "
    exit 0
    called: Study
    called: Outline research=Study 6.
    called: Check research=Study 6.
    called: Write outline={"title":"Sun"}
    stored: research completed, Study 6.
    stored: outline completed, {"title":"Sun"}
    stored: check completed, Check 7.
    stored: write completed, Write 8.
    "
  `);
});

it('--as-recorded keeps to the definition of the run', async () => {
  const scene = await createFinishedReport();
  scene.edit(...EDIT, ['Write it.', 'Sing it.']);
  expect(await replayed(scene, '-t', 'write', '--as-recorded')).toMatchInlineSnapshot(`
    "
    exit 0
    called: Write outline={"title":"Sun"}
    stored: research reused, of run-0001/research
    stored: outline reused, of run-0001/outline
    stored: check reused, of run-0001/check
    stored: write completed, Write 4.
    "
  `);
  writeFileSync(join(scene.folder, 'tool.js'), TOOL.replace("'a'", "'b'"));
  expect(await replayed(scene, '-t', 'write', '--as-recorded')).toMatchInlineSnapshot(`
    "
    exit 2
    error: 2 outputs of run run-0002 cannot be reused:
      research: code of tool tool changed
      check: code of tool tool changed
    hint: -t run-0002/research runs again from there; --auto runs again what has changed or is missing, and what depends on it; --force reuses what is stale
    "
  `);
});

it('the first refused task, as the hint names it, can be replayed', async () => {
  const scene = await createFinishedReport();
  scene.edit(...EDIT);
  const { stderr } = await scene.replay('-t', 'write');
  const [, name = ''] = /-t (\S+)/.exec(stderr) ?? [];
  expect(await replayed(scene, '-t', name)).toMatchInlineSnapshot(`
    "
    exit 0
    called: Study
    called: Outline research=Study 4.
    called: Check research=Study 4.
    called: Write outline={"title":"Sun"}
    stored: research completed, Study 4.
    stored: outline completed, {"title":"Sun"}
    stored: check completed, Check 5.
    stored: write completed, Write 6.
    "
  `);
});

it('a new input is asked for by its name', async () => {
  const scene = await createFinishedReport();
  scene.edit(['{topic}.', '{topic} in {place}.'], ['topic: solar', 'topic: solar, place:']);
  expect(await replayed(scene, '-t', 'research')).toMatchInlineSnapshot(`
    "
    exit 2
    error: a required input has no value:
      place
    hint: give it with --input place=…, or a file with --inputs
    "
  `);
  expect(await replayed(scene, '-t', 'research', '-i', 'place=Rome')).toMatchInlineSnapshot(`
    "
    exit 0
    called: Research
    called: Outline research=Research 4.
    called: Check research=Research 4.
    called: Write outline={"title":"Sun"}
    stored: research completed, Research 4.
    stored: outline completed, {"title":"Sun"}
    stored: check completed, Check 5.
    stored: write completed, Write 6.
    "
  `);
  expect(scene.server.requests.at(-4)?.body.messages[1]?.content).toMatch(/^Task: Research solar in Rome\./);
  // What was given then is given again.
  expect(await replayed(scene, '-t', 'write')).toMatchInlineSnapshot(`
    "
    exit 0
    called: Write outline={"title":"Sun"}
    stored: research reused, of run-0002/research
    stored: outline reused, of run-0002/outline
    stored: check reused, of run-0002/check
    stored: write completed, Write 7.
    "
  `);
  expect(scene.query('SELECT inputs FROM runs')).toMatchInlineSnapshot(`
    [
      {
        "inputs": "{"topic":"solar"}",
      },
      {
        "inputs": "{"topic":"solar","place":"Rome"}",
      },
      {
        "inputs": "{"topic":"solar","place":"Rome"}",
      },
    ]
  `);
});
