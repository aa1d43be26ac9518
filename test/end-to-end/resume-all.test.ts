import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { after, createGate, failure, type ServerAnswer, text } from '../helpers/provider-server.js';
import { createScene, type Scene } from '../helpers/run-process.js';

const crewText = (name: string, model = 'openai/gpt-4.1-mini') => `name: ${name}
models: { m: { model: ${model}, max_retries: 0 } }
agents:
  worker: { role: Worker, goal: Work, backstory: You work., llm: m }
tasks:
  work: { description: Work., expected_output: Done. }
`;

/** Runs that failed, one after the other; the provider is up again and answers by the script. */
async function createFailed(
  crews: readonly string[],
  script: () => ServerAnswer = () => text('Done.'),
): Promise<Scene> {
  let isDown = true;
  const files = Object.fromEntries(crews.map((crew, index) => [`${index}.yaml`, crew]));
  const scene = await createScene(files, () => (isDown ? failure(503) : script()));
  const env = { GROQ_API_KEY: 'not-a-real-key', GROQ_BASE_URL: scene.server.url };
  for (const index of crews.keys()) {
    expect((await scene.crew(['kickoff', `${index}.yaml`, '--quiet'], { env })).exitCode).toBe(6);
  }
  isDown = false;
  return scene;
}

const statesIn = (scene: Scene) =>
  scene
    .query<{ crew: string; status: string }>('SELECT crew, status FROM runs ORDER BY started_at')
    .map(({ crew, status }) => `${crew} ${status}`);

it('goes on with the other runs where one lacks its key', async () => {
  const scene = await createFailed([crewText('first', 'groq/llama'), crewText('second')]);
  const outcome = await scene.crew(['resume', '--all', '--quiet']);
  expect(scene.transcript(outcome)).toMatchInlineSnapshot(`
    "exit 2
    --- stdout
    Done.
    --- stderr
    run <run>:
    <folder>/0.yaml:4:66 agents.worker.llm: GROQ_API_KEY is not set; groq/llama needs it
      4 |   worker: { role: Worker, goal: Work, backstory: You work., llm: m }
        |                                                                  ^
        = set it, or write it into .env beside the definition; with a cassette no key is needed
    "
  `);
  expect(statesIn(scene)).toEqual(['first failed', 'second completed']);
});

it('goes on where a cassette has gone, and ends with the code of the first run that failed', async () => {
  const scene = await createScene(
    { 'crew.yaml': crewText('first'), 'tape.yaml': 'cassette: 1\ncrew: first\ncalls: []\n' },
    () => failure(401, 'bad key'),
  );
  expect((await scene.crew(['kickoff', '--cassette', 'tape.yaml'])).exitCode).toBe(2);
  expect((await scene.crew(['kickoff'])).exitCode).toBe(6);
  rmSync(join(scene.folder, 'tape.yaml'));
  expect(scene.transcript(await scene.crew(['resume', '--all', '--quiet']))).toMatchInlineSnapshot(`
    "exit 2
    --- stderr
    run <run>:
    error: cassette <folder>/tape.yaml: does not exist
    hint: A cassette is written by crew kickoff <file> --record <cassette>.
    error: task work: openai/gpt-4.1-mini: access was refused (401 Unauthorized): bad key
    hint: Check OPENAI_API_KEY.
    "
  `);
});

it('goes on where another process has taken up a run meanwhile', async () => {
  const gates = [createGate(), createGate()] as const;
  let count = 0;
  const scene = await createFailed([crewText('first'), crewText('second'), crewText('third')], () => {
    const gate = gates[count];
    count += 1;
    return gate ? after(gate.opened, text(`Done ${count}.`)) : text(`Done ${count}.`);
  });
  const all = scene.start(['resume', '--all', '--quiet']);
  await scene.server.waitForRequests(4);
  const [second] = scene.query<{ id: string }>("SELECT id FROM runs WHERE crew = 'second'");
  const other = scene.start(['resume', second?.id ?? '', '--quiet']);
  await scene.server.waitForRequests(5);
  gates[0].open();
  const outcome = await all.ended;
  gates[1].open();
  const tidied = scene.transcript(outcome).replaceAll(/process \d+ on \S+/g, 'process <number> on <host>');
  expect(tidied).toMatchInlineSnapshot(`
    "exit 2
    --- stdout
    Done 1.
    Done 3.
    --- stderr
    run <run>:
    error: run <run> is at work in process <number> on <host>
    hint: Wait for its end, or stop that process first. A process of another machine or container counts as dead <time> after its last sign of life.
    "
  `);
  expect(await other.ended).toMatchObject({ exitCode: 0, stdout: 'Done 2.\n' });
  expect(statesIn(scene)).toEqual(['first completed', 'second completed', 'third completed']);
});

it('tells programs of each run, also of one that cannot go on', async () => {
  const scene = await createFailed([crewText('first', 'groq/llama'), crewText('second')]);
  const { exitCode, stdout } = await scene.crew(['resume', '--all', '--format', 'jsonl']);
  expect(exitCode).toBe(2);
  const ends = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string; exit_code: number })
    .filter(({ type }) => type === 'run-end');
  expect(ends.map(({ exit_code: code }) => code)).toEqual([2, 0]);
});

it('takes no inputs', async () => {
  const scene = await createScene({});
  expect(await scene.refusal(['resume', '--all', '-i', 'topic=wind'])).toMatchInlineSnapshot(`
    "
    error: an input is one of a certain run: it goes without --all
    "
  `);
});
