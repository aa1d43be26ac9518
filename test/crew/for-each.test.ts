import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { type Crew, type CrewOutput, loadCrew, RunError } from '../../src/index.js';
import { openStore } from '../../src/store/open-store.js';
import { after, createGate, failure, hang, startProviderServer, text } from '../helpers/provider-server.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

const CREW = `name: briefs
models: { m: { model: openai/gpt-4.1-mini, max_retries: 0 } }
inputs: { topic: }
agents:
  writer: { role: Writer, goal: Write, backstory: You write., llm: m }
tasks:
  brief: { description: "Write about <{topic}>.", expected_output: A brief. }
`;

async function prepare(script: (topic: string, index: number) => ReturnType<typeof text>) {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'crew.yaml'), CREW);
  const server = await startProviderServer((body, index) =>
    script(/<(\w+)>/.exec(JSON.stringify(body.messages))?.[1] ?? '', index),
  );
  onTestFinished(() => server.close());
  const env = { OPENAI_API_KEY: 'not-a-real-key', OPENAI_BASE_URL: server.url };
  const crew: Crew = await loadCrew('crew.yaml', { env, workingDirectory: folder });
  const readRuns = () => {
    const store = openStore(join(folder, '.crew/crew.db'));
    try {
      return store.listRuns().map(({ id, status, inputs }) => ({ id, status, topic: inputs['topic'] }));
    } finally {
      store.close();
    }
  };
  return { crew, server, readRuns };
}

const topics = (...names: string[]) => names.map((topic) => ({ topic }));

/** What came of each item: its text, or the error that it ended with. */
const told = (outcomes: readonly PromiseSettledResult<CrewOutput>[]): string[] =>
  outcomes.map((outcome) =>
    outcome.status === 'fulfilled' ? String(outcome.value) : (outcome.reason as Error).message,
  );

it('gives the outputs in the order of the items, each of a run of its own, whichever is done first', async () => {
  const wind = createGate();
  const { crew, readRuns } = await prepare((topic) => {
    if (topic === 'wind') wind.open();
    return topic === 'solar' ? after(wind.opened, text('About solar.')) : text(`About ${topic}.`);
  });
  const outcomes = await crew.kickoffForEach(topics('solar', 'wind', 'water'));
  expect(told(outcomes)).toEqual(['About solar.', 'About wind.', 'About water.']);
  const runs = readRuns();
  expect(new Set(runs.map(({ topic }) => topic))).toEqual(new Set(['solar', 'wind', 'water']));
  for (const [index, outcome] of outcomes.entries()) {
    const runId = outcome.status === 'fulfilled' ? outcome.value.run_id : '';
    expect(runs.find(({ id }) => id === runId)?.topic).toBe(topics('solar', 'wind', 'water')[index]?.topic);
  }
});

it.each([
  { runsAtOnce: 1, most: 1 },
  { runsAtOnce: 3, most: 3 },
  { runsAtOnce: undefined, most: 4 },
])('has at most $most runs at work with runsAtOnce $runsAtOnce', async ({ runsAtOnce, most }) => {
  const gate = createGate();
  const { crew, server } = await prepare((topic, index) => {
    if (index === most - 1) gate.open();
    return after(gate.opened, text(`About ${topic}.`));
  });
  const items = topics('a', 'b', 'c', 'd', 'e', 'f');
  const outcomes = await crew.kickoffForEach(items, runsAtOnce === undefined ? {} : { runsAtOnce });
  expect(told(outcomes)).toEqual(items.map(({ topic }) => `About ${topic}.`));
  expect(server.peakInFlight).toBe(most);
});

it('loses nothing for items that fail: a provider that refuses, an input that is missing', async () => {
  const { crew, readRuns } = await prepare((topic) =>
    topic === 'wind' ? failure(400, 'not that one') : text(`About ${topic}.`),
  );
  const outcomes = await crew.kickoffForEach([...topics('solar', 'wind'), {}, ...topics('water')], { runsAtOnce: 1 });
  expect(told(outcomes)).toMatchInlineSnapshot(`
    [
      "About solar.",
      "openai/gpt-4.1-mini: the request was refused (400 Bad Request): not that one",
      "a required input has no value:
      topic",
      "About water.",
    ]
  `);
  const [, failed, refused] = outcomes as PromiseRejectedResult[];
  expect(failed?.reason).toBeInstanceOf(RunError);
  expect(failed?.reason).toMatchObject({ exitCode: 6, result: { status: 'failed' } });
  expect(refused?.reason).toMatchObject({ exitCode: 2 });
  // What could not begin is no run.
  expect(readRuns().map(({ topic, status }) => `${topic} ${status}`)).toEqual([
    'water completed',
    'wind failed',
    'solar completed',
  ]);
});

it('stops all runs at work when it is aborted, begins no more, and keeps what is done', async () => {
  const controller = new AbortController();
  const { crew, server, readRuns } = await prepare((topic) => (topic === 'solar' ? text('About solar.') : hang));
  const items = topics('solar', 'wind', 'water', 'tide', 'waves');
  const running = crew.kickoffForEach(items, { runsAtOnce: 2, signal: controller.signal });
  await server.waitForRequests(3);
  controller.abort();
  const outcomes = await running;
  expect(told(outcomes)).toEqual(['About solar.', 'interrupted', 'interrupted', 'interrupted', 'interrupted']);
  expect(outcomes.slice(1)).toMatchObject(items.slice(1).map(() => ({ reason: { exitCode: 130 } })));
  expect(server.requests).toHaveLength(3);
  // Two of them began in the same moment.
  expect(
    readRuns()
      .map(({ topic, status }) => `${topic} ${status}`)
      .toSorted(),
  ).toEqual(['solar completed', 'water interrupted', 'wind interrupted']);
});

it('tells the listener of every run, each event with its run', async () => {
  const { crew } = await prepare((topic) => text(`About ${topic}.`));
  const begun: string[] = [];
  const ended: (string | null)[] = [];
  const outcomes = await crew.kickoffForEach(topics('solar', 'wind'), {
    onEvent: (event) => {
      if (event.type === 'run-start') begun.push(event.runId);
      if (event.type === 'run-end') ended.push(event.result.run_id);
    },
  });
  const ids = outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value.run_id : ''));
  expect([new Set(begun), new Set(ended)]).toEqual([new Set(ids), new Set(ids)]);
});

it('refuses a number of runs at once that is none', async () => {
  const { crew, readRuns } = await prepare(() => text('never'));
  await expect(crew.kickoffForEach(topics('solar'), { runsAtOnce: 0 })).rejects.toMatchObject({ exitCode: 2 });
  expect(readRuns()).toEqual([]);
});

it('gives nothing for no items', async () => {
  const { crew, server } = await prepare(() => text('never'));
  expect(await crew.kickoffForEach([])).toEqual([]);
  expect(server.requests).toEqual([]);
});
