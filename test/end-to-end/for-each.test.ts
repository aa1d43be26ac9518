import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  after,
  type ChatRequestBody,
  createGate,
  failure,
  hang,
  type ServerAnswer,
  text,
} from '../helpers/provider-server.js';
import { createScene, type Scene } from '../helpers/run-process.js';

const crewWith = (settings = ''): string => `name: briefs
models:
  m: { model: openai/gpt-4.1-mini, max_retries: 0, max_tokens: 1000, price: { input: 0, output: 1000 } }
inputs:
  topic: { description: What to write about }
  words: { type: integer, default: 100 }
agents:
  writer: { role: Writer, goal: Write, backstory: You write., llm: m }
tasks:
  brief: { description: "Write <{topic}> in {words} words.", expected_output: A brief. }
${settings}
`;

const topicIn = ({ messages }: ChatRequestBody): string =>
  /<(.*?)>/.exec(String(messages.at(-1)?.content ?? JSON.stringify(messages)))?.[1] ?? '';
const answer = (body: ChatRequestBody): ServerAnswer =>
  text(`About ${topicIn(body)}.`, { usage: { input: 10, output: 100 } });
const lines = (...topics: string[]): string => topics.map((topic) => `${JSON.stringify({ topic })}\n`).join('');
const ONE_AT_A_TIME = ['--concurrency', '1'];
const kickoff = (file: string, ...flags: string[]): string[] => ['kickoff', 'crew.yaml', '--for-each', file, ...flags];

/** The text without the ids of batches and runs. */
const shown = (scene: Scene, outcome: Parameters<Scene['transcript']>[0]): string =>
  scene
    .transcript(outcome)
    .replaceAll(/batch [a-z0-9]{8}/g, 'batch <batch>')
    .replaceAll(/crew answer [a-z0-9]{8}/g, 'crew answer <run>')
    .replaceAll(/\t[a-z0-9]{8}\t/g, '\t<run>\t');
const topicsAsked = ({ server }: Scene): string[] => server.requests.map(({ body }) => topicIn(body));

describe('a crew for each item', () => {
  it('runs once for each line, and prints a line for each', async () => {
    const scene = await createScene({ 'crew.yaml': crewWith(), 'items.jsonl': lines('sun', 'wind') }, answer);
    expect(shown(scene, await scene.crew(kickoff('items.jsonl', ...ONE_AT_A_TIME)))).toMatchInlineSnapshot(`
      "exit 0
      --- stdout
      1	completed	<run>	About sun.
      2	completed	<run>	About wind.
      --- stderr
      batch <batch> · 2 items
      2 of 2 done · batch <batch> · 220 tokens · $0.2000
      "
    `);
    expect(scene.query('SELECT crew, status FROM runs')).toEqual([
      { crew: 'briefs', status: 'completed' },
      { crew: 'briefs', status: 'completed' },
    ]);
  });

  it('is named by `crew show` of each of its runs', async () => {
    const scene = await createScene({ 'crew.yaml': crewWith(), 'items.jsonl': lines('sun', 'wind') }, answer);
    await scene.crew(kickoff('items.jsonl', ...ONE_AT_A_TIME));
    const [batch] = scene.query('SELECT id FROM batches');
    const { stdout } = await scene.crew(['show']);
    expect(stdout).toContain(`batch       ${String(batch?.['id'])}, item 2 (items.jsonl:2)\n`);
    const { stdout: json } = await scene.crew(['show', '--format', 'json']);
    expect(JSON.parse(json)).toMatchObject({ batch_id: batch?.['id'], item: 2, place: 'items.jsonl:2' });
  });

  it.each([
    ['items.csv', '\uFEFFtopic,words\r\n"sun, moon",5\r\n\r\nwind,\r\n'],
    ['items.yaml', '- { topic: "sun, moon", words: 5 }\n- topic: wind\n'],
    ['items.json', '[{"topic": "sun, moon", "words": 5}, {"topic": "wind"}]'],
  ])('reads %s', async (file, content) => {
    const scene = await createScene({ 'crew.yaml': crewWith(), [file]: content }, answer);
    const { exitCode, stderr } = await scene.crew(kickoff(file, ...ONE_AT_A_TIME, '--quiet'));
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const asked = scene.server.requests.map(({ body }) => /Write .* words/.exec(JSON.stringify(body.messages))?.[0]);
    expect(asked).toEqual(['Write <sun, moon> in 5 words', 'Write <wind> in 100 words']);
  });

  it('ends with 5 where items wait for a person, says how to answer, and counts what was answered as done', async () => {
    const crew = crewWith().replace('A brief. }', 'A brief., human_input: true }');
    const scene = await createScene({ 'crew.yaml': crew, 'items.jsonl': lines('sun') }, answer);
    expect(shown(scene, await scene.crew(kickoff('items.jsonl')))).toMatchInlineSnapshot(`
      "exit 5
      --- stdout
      1	needs_input	<run>	a person has to review the output of task brief: "About sun."
      --- stderr
      batch <batch> · 1 item
      error: an item waits for a person:
        item 1, items.jsonl:1 (run <run>): a person has to review the output of task brief: "About sun."
          Answer with crew answer <run> --approve, --revise "what to change" or --abort.
      0 of 1 done · batch <batch> · 110 tokens · $0.1000
      go on: crew resume --batch <batch>
      "
    `);
    expect((await scene.crew(['answer', '--approve', '--quiet'])).exitCode).toBe(0);
    expect((await scene.crew(['resume', '--batch', '--quiet'])).exitCode).toBe(0);
    expect(topicsAsked(scene)).toEqual(['sun']);
  });

  it('warns of a file that every item would write', async () => {
    const crew = crewWith().replace('A brief. }', 'A brief., output_file: out.md, outputs: { "{topic}.md": raw } }');
    const scene = await createScene({ 'crew.yaml': crew, 'items.jsonl': lines('sun', 'wind') }, answer);
    const { exitCode, stderr } = await scene.crew(kickoff('items.jsonl'));
    expect(exitCode).toBe(0);
    expect(stderr.split('\n')).toContain(
      'warning: every item writes the output of task brief to out.md; an input in its name, as in {topic}.md, keeps them apart',
    );
    expect(stderr.match(/warning/g)).toHaveLength(1);
  });

  it('reads lines from stdin, with inputs that all items have, and tells programs everything', async () => {
    const scene = await createScene({ 'crew.yaml': crewWith() }, answer);
    const { exitCode, stdout } = await scene.crew(
      kickoff('-', '-i', 'words=7', '--format', 'jsonl', ...ONE_AT_A_TIME),
      { input: lines('sun', 'wind').trimEnd() },
    );
    expect(exitCode).toBe(0);
    const rows = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(rows.map(({ type, item, place, status, raw }) => [type, item, place, status, raw])).toEqual([
      ['item-end', 1, 'stdin:1', 'completed', 'About sun.'],
      ['item-end', 2, 'stdin:2', 'completed', 'About wind.'],
      ['batch-end', undefined, undefined, undefined, undefined],
    ]);
    expect(rows.at(-1)).toMatchObject({ exit_code: 0, items: 2, completed: 2, failed: 0, cost_usd: 0.2, error: null });
    expect(JSON.stringify(scene.server.requests[1]?.body.messages)).toContain('in 7 words');
  });

  it('lists what failed at the end, and repeats only that with crew resume --batch', async () => {
    let isDown = true;
    const scene = await createScene({ 'crew.yaml': crewWith(), 'items.jsonl': lines('sun', 'wind', 'rain') }, (body) =>
      isDown && topicIn(body) === 'wind' ? failure(400, 'not that one') : answer(body),
    );
    expect(shown(scene, await scene.crew(kickoff('items.jsonl', ...ONE_AT_A_TIME)))).toMatchInlineSnapshot(`
      "exit 1
      --- stdout
      1	completed	<run>	About sun.
      2	failed	<run>	openai/gpt-4.1-mini: the request was refused (400 Bad Request): not that one
      3	completed	<run>	About rain.
      --- stderr
      batch <batch> · 3 items
      error: an item failed:
        item 2, items.jsonl:2 (run <run>): openai/gpt-4.1-mini: the request was refused (400 Bad Request): not that one
      2 of 3 done · batch <batch> · 220 tokens · $0.2000
      go on: crew resume --batch <batch>
      "
    `);
    isDown = false;
    expect(shown(scene, await scene.crew(['resume', '--batch']))).toMatchInlineSnapshot(`
      "exit 0
      --- stdout
      2	completed	<run>	About wind.
      --- stderr
      batch <batch> · 3 items · 2 done
      3 of 3 done · batch <batch> · 330 tokens · $0.3000
      "
    `);
    expect(topicsAsked(scene)).toEqual(['sun', 'wind', 'rain', 'wind']);
    expect((await scene.crew(['resume', '--batch', '--quiet'])).exitCode).toBe(0);
    expect(topicsAsked(scene)).toHaveLength(4);
  });

  it('does not run again what is done, where old runs are deleted', async () => {
    let isDown = true;
    const scene = await createScene({ 'crew.yaml': crewWith(), 'items.jsonl': lines('sun', 'wind', 'rain') }, (body) =>
      isDown && topicIn(body) === 'wind' ? failure(400, 'not that one') : answer(body),
    );
    await scene.crew(kickoff('items.jsonl', ...ONE_AT_A_TIME));
    await scene.crew(['runs', 'prune', '--keep', '0']);
    isDown = false;
    expect(shown(scene, await scene.crew(['resume', '--batch']))).toMatchInlineSnapshot(`
      "exit 0
      --- stdout
      2	completed	<run>	About wind.
      --- stderr
      batch <batch> · 1 item
      1 of 1 done · batch <batch> · 110 tokens · $0.1000
      "
    `);
    expect(topicsAsked(scene)).toEqual(['sun', 'wind', 'rain', 'wind']);
    await scene.crew(['runs', 'prune', '--keep', '0']);
    expect(scene.query('SELECT id FROM batches')).toEqual([]);
  });

  it('leaves to another process what that one is at work on', async () => {
    const gate = createGate();
    const scene = await createScene({ 'crew.yaml': crewWith(), 'items.jsonl': lines('a', 'b', 'c') }, (body, index) =>
      index === 0 ? after(gate.opened, answer(body)) : answer(body),
    );
    const first = scene.start(kickoff('items.jsonl', ...ONE_AT_A_TIME));
    await scene.server.waitForRequests(1);
    expect(shown(scene, await scene.crew(['resume', '--batch', ...ONE_AT_A_TIME]))).toMatchInlineSnapshot(`
      "exit 1
      --- stdout
      2	completed	<run>	About b.
      3	completed	<run>	About c.
      --- stderr
      batch <batch> · 3 items
      error: another process is at work on an item
      2 of 3 done · batch <batch> · 220 tokens · $0.2000
      go on: crew resume --batch <batch>
      "
    `);
    gate.open();
    expect(shown(scene, await first.ended)).toMatchInlineSnapshot(`
      "exit 0
      --- stdout
      1	completed	<run>	About a.
      --- stderr
      batch <batch> · 3 items
      3 of 3 done · batch <batch> · 330 tokens · $0.3000
      "
    `);
    expect(topicsAsked(scene)).toEqual(['a', 'b', 'c']);
  });

  it('follows an item to the run that took it up', async () => {
    let isDown = true;
    const scene = await createScene({ 'crew.yaml': crewWith(), 'items.jsonl': lines('sun') }, (body) =>
      isDown ? failure(400, 'no') : answer(body),
    );
    await scene.crew(kickoff('items.jsonl'));
    isDown = false;
    expect((await scene.crew(['resume', '--with-current'])).exitCode).toBe(0);
    const { exitCode, stderr } = await scene.crew(['resume', '--batch']);
    expect([exitCode, stderr]).toEqual([0, expect.stringContaining('1 of 1 done')]);
    expect(topicsAsked(scene)).toEqual(['sun', 'sun']);
  });

  it('goes on after a kill with what has no answer yet, from its record alone', async () => {
    const scene = await createScene(
      { 'crew.yaml': crewWith(), 'items.jsonl': lines('sun', 'wind', 'rain') },
      (body, index) => (index === 1 ? hang : answer(body)),
    );
    const { child, ended } = scene.start(kickoff('items.jsonl', ...ONE_AT_A_TIME));
    await scene.server.waitForRequests(2);
    child.kill('SIGKILL');
    await ended;
    rmSync(join(scene.folder, 'items.jsonl'));
    const { exitCode, stdout } = await scene.crew(['resume', '--batch', ...ONE_AT_A_TIME]);
    expect(exitCode).toBe(0);
    expect(stdout.replaceAll(/\t[a-z0-9]{8}\t/g, '\t')).toBe('2\tcompleted\tAbout wind.\n3\tcompleted\tAbout rain.\n');
    expect(topicsAsked(scene)).toEqual(['sun', 'wind', 'wind', 'rain']);
  });

  it('holds its limits for all items together, and goes on with a higher one', async () => {
    const crew = crewWith('limits: { max_model_calls: 2 }');
    const scene = await createScene({ 'crew.yaml': crew, 'items.jsonl': lines('a', 'b', 'c', 'd') }, answer);
    expect(shown(scene, await scene.crew(kickoff('items.jsonl', ...ONE_AT_A_TIME)))).toMatchInlineSnapshot(`
      "exit 4
      --- stdout
      1	completed	<run>	About a.
      2	completed	<run>	About b.
      3	failed	<run>	limits.max_model_calls of 2 is reached: 2 made
      --- stderr
      batch <batch> · 4 items
      warning: 2 of 2 model calls made (limits.max_model_calls)
      error: limits.max_model_calls of 2 is reached: 2 made
      2 of 4 done · batch <batch> · 220 tokens · $0.2000
      hint: Raise limits.max_model_calls in the crew file and go on with crew resume --batch <batch>.
      "
    `);
    expect(topicsAsked(scene)).toEqual(['a', 'b']);
    expect((await scene.crew(['resume', '--batch', '--quiet'])).exitCode).toBe(4);
    expect(topicsAsked(scene)).toEqual(['a', 'b']);
    writeFileSync(join(scene.folder, 'crew.yaml'), crewWith('limits: { max_model_calls: 4 }'));
    const { exitCode, stderr } = await scene.crew(['resume', '--batch', ...ONE_AT_A_TIME]);
    expect([exitCode, topicsAsked(scene)]).toEqual([0, ['a', 'b', 'c', 'd']]);
    expect(stderr).not.toContain('recorded');
  });

  it('keeps one budget over all its runs, those of earlier processes too', async () => {
    const scene = await createScene({ 'crew.yaml': crewWith(), 'items.jsonl': lines('a', 'b', 'c') }, answer);
    const first = await scene.crew(kickoff('items.jsonl', '--budget', '1.1', ...ONE_AT_A_TIME));
    expect([first.exitCode, topicsAsked(scene)]).toEqual([4, ['a', 'b']]);
    const again = await scene.crew(['resume', '--batch', '--budget', '1.15']);
    expect([again.exitCode, topicsAsked(scene)]).toEqual([4, ['a', 'b']]);
    const more = await scene.crew(['resume', '--batch', '--budget', '1.2']);
    expect([more.exitCode, topicsAsked(scene)]).toEqual([0, ['a', 'b', 'c']]);
  });

  it('ends with 130 after Ctrl-C, and names the command that goes on', async () => {
    const scene = await createScene({ 'crew.yaml': crewWith(), 'items.jsonl': lines('a', 'b', 'c') }, (body, index) =>
      index === 1 ? hang : answer(body),
    );
    const { child, ended } = scene.start(kickoff('items.jsonl', ...ONE_AT_A_TIME));
    await scene.server.waitForRequests(2);
    child.kill('SIGINT');
    expect(shown(scene, await ended)).toMatchInlineSnapshot(`
      "exit 130
      --- stdout
      1	completed	<run>	About a.
      2	interrupted	<run>	interrupted
      --- stderr
      batch <batch> · 3 items
      error: interrupted
      1 of 3 done · batch <batch> · 110 tokens · $0.1000
      go on: crew resume --batch <batch>
      "
    `);
  });
});

describe('items that cannot be run', () => {
  it.each([
    ['a line that is not JSON', 'items.jsonl', '{"topic": "a"}\n{"topic": \n'],
    ['a line that is no map', 'items.jsonl', '["a"]\n'],
    ['an input without a value, and one of another type', 'items.csv', 'topic,words\n,5\nsun,many\nwind,3\n'],
    ['a row with too many fields', 'items.csv', 'topic,words\nsun,5,6\n'],
    ['two columns with one name', 'items.csv', 'topic,topic\nsun,moon\n'],
    ['a table that is not UTF-8', 'items.csv', Buffer.from('topic\nM\xfcnchen\n', 'latin1')],
    ['lines that are not UTF-8', 'items.jsonl', Buffer.from('{"topic": "M\xfcnchen"}', 'latin1')],
    ['a map instead of a list', 'items.yaml', 'topic: sun\n'],
    ['a file of another kind', 'items.txt', 'sun\n'],
    ['no items', 'items.jsonl', '\n'],
  ])('%s: nothing is run', async (_, file, content) => {
    const scene = await createScene({ 'crew.yaml': crewWith(), [file]: content }, answer);
    expect(await scene.refusal(kickoff(file))).toMatchSnapshot();
    expect(scene.query('SELECT id FROM batches')).toEqual([]);
  });

  it.each([
    ['a file that is not there', kickoff('items.jsonl')],
    ['a table that is not there', kickoff('items.csv')],
    ['one JSON object for several results', kickoff('-', '--format', 'json')],
    ['a cassette that is not there', kickoff('-', '--cassette', 'c.yaml')],
    ['a cassette of several runs', kickoff('-', '--record', 'c.yaml')],
    ['a batch that is not there', ['resume', '--batch', 'nothere1']],
    ['a batch where there is none', ['resume', '--batch']],
    ['a batch and a run', ['resume', 'abc', '--batch', 'nothere1']],
  ])('%s: nothing is run', async (_, args) => {
    const scene = await createScene({ 'crew.yaml': crewWith() }, answer);
    expect(await scene.refusal(args)).toMatchSnapshot();
  });

  it('an input that was stored without its secret is asked for again, not sent as it is stored', async () => {
    const secret = `sk-proj-${'a1B2'.repeat(10)}`;
    const scene = await createScene({ 'crew.yaml': crewWith(), 'items.jsonl': lines('sun', secret) }, (body, index) =>
      index === 0 ? hang : answer(body),
    );
    const { child, ended } = scene.start(kickoff('items.jsonl', ...ONE_AT_A_TIME));
    await scene.server.waitForRequests(1);
    child.kill('SIGKILL');
    await ended;
    const { exitCode, stderr } = await scene.crew(['resume', '--batch', ...ONE_AT_A_TIME]);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/the input topic of item 2 of batch \w+ had a secret, which is not stored/);
    expect(topicsAsked(scene)).toEqual(['sun', 'sun']);
  });
});
