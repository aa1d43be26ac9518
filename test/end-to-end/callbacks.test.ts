import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createGate, hang, text } from '../helpers/provider-server.js';
import { createScene, type Scene } from '../helpers/run-process.js';

const CREW = `name: watched
inputs: { topic: solar, day: }
models: { m: { model: openai/gpt-4.1-mini, max_retries: 0 } }
step_callback: ./hooks.ts#step
task_callback: ./hooks.ts#task
before_kickoff: ./hooks.ts#before
after_kickoff: [./hooks.ts#after]
agents:
  writer: { role: Writer, goal: Write, backstory: You write., llm: m }
tasks:
  research: { description: "Research {topic} on {day}.", expected_output: Facts. }
  essay: { description: Write it., expected_output: A text., callback: ./hooks.ts#own }
`;

/** Notes each call as a line of `calls.txt`. */
const HOOKS = `import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
const note = (line) => appendFileSync('calls.txt', line + '\\n');
export function before(inputs) {
  note('before ' + JSON.stringify(inputs));
  return { ...inputs, day: 'Monday' };
}
export const step = ({ path, costUsd, usage }) => note('step ' + path + ' ' + usage.inputTokens + ' ' + (costUsd > 0));
export const task = async ({ name, raw }) => note('task ' + name + ' ' + raw);
export const own = ({ name, status }) => note('own ' + name + ' ' + status);
export const after = ({ raw, status }, { runId }) => note('after ' + raw + ' ' + status + ' ' + runId.length);
`;

const callsOf = ({ folder }: Scene): string[] => readFileSync(join(folder, 'calls.txt'), 'utf8').trimEnd().split('\n');

it('calls code of the crew before and after the run, and after each step and task', async () => {
  const scene = await createScene({ 'crew.yaml': CREW, 'hooks.ts': HOOKS }, [text('Facts.'), text('Essay.')]);
  const outcome = await scene.crew(['kickoff', 'crew.yaml']);
  expect(scene.transcript(outcome)).toMatchInlineSnapshot(`
    "exit 0
    --- stdout
    Essay.
    --- stderr
    watched run <run> · sequential · 2 tasks
    research 1/2 · Writer
    ✓ research completed · <time> · 15 tokens · <$0.0001
    essay 2/2 · Writer
    ✓ essay completed · <time> · 15 tokens · <$0.0001
    done · run <run> · <time> · 30 tokens · <$0.0001
    see it: crew show <run>
    "
  `);
  expect(callsOf(scene)).toEqual([
    'before {"topic":"solar"}',
    'step research/llm/1 10 true',
    'task research Facts.',
    'step essay/llm/1 10 true',
    'own essay completed',
    'task essay Essay.',
    'after Essay. completed 8',
  ]);
  expect(JSON.stringify(scene.server.requests[0]?.body.messages)).toContain('Research solar on Monday.');
  expect(scene.query('SELECT inputs FROM runs')).toEqual([{ inputs: '{"topic":"solar","day":"Monday"}' }]);
  const { stdout } = await scene.crew(['show']);
  expect(
    scene
      .tidy(stdout)
      .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?/g, '<date>')
      .replaceAll(/ +(<time>|TIME)/g, ' $1'),
  ).toMatchInlineSnapshot(`
    "Run <run>  watched  completed (exit 0)

    started     <date>
    time <time>
    tokens      30: 20 in, 10 out, 2 model calls
    cost        <$0.0001
    process     sequential
    definition  <folder>/crew.yaml
    inputs      topic: solar
                day: Monday

    TASKS AND STEPS                        AGENT   TOKENS      COST TIME
    ✓ 1 research                           Writer      15  <$0.0001 <time>
    ├─ ✓ model openai/gpt-4.1-mini         Writer      15  <$0.0001 <time>
    │  └─ ✓ step_callback ./hooks.ts#step  Writer <time>
    └─ ✓ task_callback ./hooks.ts#task     Writer <time>
    ✓ 2 essay                              Writer      15  <$0.0001 <time>
    ├─ ✓ model openai/gpt-4.1-mini         Writer      15  <$0.0001 <time>
    │  └─ ✓ step_callback ./hooks.ts#step  Writer <time>
    ├─ ✓ callback ./hooks.ts#own           Writer <time>
    └─ ✓ task_callback ./hooks.ts#task     Writer <time>
    ✓ after_kickoff ./hooks.ts#after <time>
    "
  `);
});

it('tells in a replay only of what really ran, and does not change the inputs again', async () => {
  const scene = await createScene({ 'crew.yaml': CREW, 'hooks.ts': HOOKS }, [
    text('Facts.'),
    text('Essay.'),
    text('New.'),
  ]);
  await scene.crew(['kickoff', 'crew.yaml', '--quiet']);
  writeFileSync(join(scene.folder, 'calls.txt'), '');
  const { exitCode, stdout } = await scene.crew(['replay', '-t', 'essay', '--quiet']);
  expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: 'New.\n' });
  expect(callsOf(scene)).toEqual([
    'step essay/llm/1 10 true',
    'own essay completed',
    'task essay New.',
    'after New. completed 8',
  ]);
});

it('tells of everything once, however often the process dies', async () => {
  const reached = createGate();
  let calls = 0;
  const scene = await createScene({ 'crew.yaml': CREW, 'hooks.ts': HOOKS }, () => {
    calls += 1;
    if (calls === 2) reached.open();
    return calls === 2 ? hang : text(calls === 1 ? 'Facts.' : 'Essay.');
  });
  const { child, ended } = scene.start(['kickoff', 'crew.yaml', '--quiet']);
  await reached.opened;
  child.kill('SIGKILL');
  await ended;
  const { exitCode } = await scene.crew(['resume', '--quiet']);
  expect(exitCode).toBe(0);
  expect(callsOf(scene)).toEqual([
    'before {"topic":"solar"}',
    'step research/llm/1 10 true',
    'task research Facts.',
    'step essay/llm/1 10 true',
    'own essay completed',
    'task essay Essay.',
    'after Essay. completed 8',
  ]);
});

it('ends the run where a callback throws, keeps what was finished, and goes on when it is mended', async () => {
  const broken = HOOKS.replace("note('own '", "notes('own '");
  const scene = await createScene({ 'crew.yaml': CREW, 'hooks.ts': broken }, [text('Facts.'), text('Essay.')]);
  const outcome = await scene.crew(['kickoff', 'crew.yaml']);
  expect(scene.transcript(outcome)).toMatchInlineSnapshot(`
    "exit 1
    --- stderr
    watched run <run> · sequential · 2 tasks
    research 1/2 · Writer
    ✓ research completed · <time> · 15 tokens · <$0.0001
    essay 2/2 · Writer
    ✓ essay completed · <time> · 15 tokens · <$0.0001
    error: callback ./hooks.ts#own failed after task essay: notes is not defined
    hint: It is code of the crew: mend it, then crew resume <run> calls it again and goes on.
    failed · run <run> · <time> · 30 tokens · <$0.0001
    see it: crew show <run> --steps
    "
  `);
  writeFileSync(join(scene.folder, 'hooks.ts'), HOOKS);
  const { exitCode, stdout } = await scene.crew(['resume', '--quiet']);
  expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: 'Essay.\n' });
  expect(callsOf(scene).slice(-4)).toEqual([
    'step essay/llm/1 10 true',
    'own essay completed',
    'task essay Essay.',
    'after Essay. completed 8',
  ]);
});

it.each([
  ['throws', 'export const before = () => { throw new Error("no calendar"); };'],
  ['gives no inputs', 'export const before = () => 5;'],
  ['leaves an input without a value', 'export const before = () => undefined;'],
])('refuses to run where before_kickoff %s', async (_what, before) => {
  const hooks = HOOKS.replace(/export function before[^]*?\n}\n/, `${before}\n`);
  const scene = await createScene({ 'crew.yaml': CREW, 'hooks.ts': hooks });
  expect(await scene.refusal(['kickoff', 'crew.yaml'])).toMatchSnapshot();
});

it('refuses a callback that is no function before anything is called', async () => {
  const hooks = HOOKS.replace('export const after = (', 'export const after = 5; const unused = (');
  const scene = await createScene({ 'crew.yaml': CREW, 'hooks.ts': hooks });
  expect(await scene.refusal(['kickoff', 'crew.yaml'])).toMatchInlineSnapshot(`
    "
    error: after_kickoff ./hooks.ts#after is not a function
    hint: export function after(…) { … }
    "
  `);
  expect(() => callsOf(scene)).toThrow('ENOENT');
});

it('is called also where a cassette answers', async () => {
  const scene = await createScene({ 'crew.yaml': CREW, 'hooks.ts': HOOKS }, [text('Facts.'), text('Essay.')]);
  await scene.crew(['kickoff', 'crew.yaml', '--quiet', '--record', 'tape.yaml']);
  writeFileSync(join(scene.folder, 'calls.txt'), '');
  const played = await scene.crew(['kickoff', 'crew.yaml', '--quiet', '--cassette', 'tape.yaml'], {
    env: { OPENAI_API_KEY: undefined },
  });
  expect(played).toMatchObject({ exitCode: 0, stdout: 'Essay.\n' });
  expect(callsOf(scene)).toHaveLength(7);
});
