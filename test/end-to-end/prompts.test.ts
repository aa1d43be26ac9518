import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { PROMPT_PIECES } from '../../src/definition/prompt-pieces.js';
import { type ChatRequestBody, text, toolCalls } from '../helpers/provider-server.js';
import { BRIEF, createReplayScene } from '../helpers/replay-scene.js';
import { createScene } from '../helpers/run-process.js';

const crewWith = (top: string, agent: string, task = ''): string => `name: essays
${top}agents:
  writer: { role: Writer, goal: Write, backstory: You write., llm: openai/gpt-4.1-mini${agent} }
tasks:
  essay: { description: Write it., expected_output: A text.${task} }
`;
const messagesOf = ({ messages }: ChatRequestBody): unknown[] =>
  messages.map(({ role, content }) => ({ role, content }));
const WITHOUT_KEY = { OPENAI_API_KEY: undefined, OPENAI_BASE_URL: undefined } as const;

describe('prompt_file', () => {
  it('can be what crew schema --prompts prints, and then changes nothing', async () => {
    const scene = await createScene({ 'crew.yaml': crewWith('', '') }, [text('Text.'), text('Text.')]);
    const listed = await scene.crew(['schema', '--prompts']);
    expect(listed).toMatchObject({ exitCode: 0, stderr: '' });
    expect(listed.stdout.split('\n').slice(0, 10).join('\n')).toMatchInlineSnapshot(`
      "# Texts of the prompts. A crew takes a file like this one as its prompt_file; what the file leaves out stays as it is.
      # {slot} stands for what the run puts in, and {{slot}} for {slot} itself.

      # first line of the system message
      role: "Role: {role}"

      # system message: what the agent is there to reach
      goal: "Goal: {goal}"

      # system message: who the agent is"
    `);
    expect(Object.keys(parse(listed.stdout) as object)).toEqual(Object.keys(PROMPT_PIECES));
    const json = await scene.crew(['schema', '--prompts', '--format', 'json']);
    expect(JSON.parse(json.stdout)).toEqual(PROMPT_PIECES);
    writeFileSync(join(scene.folder, 'prompts.yaml'), listed.stdout);
    await scene.crew(['kickoff', 'crew.yaml', '--quiet']);
    writeFileSync(join(scene.folder, 'crew.yaml'), crewWith('prompt_file: prompts.yaml\n', ''));
    expect(await scene.crew(['kickoff', 'crew.yaml', '--quiet'])).toMatchObject({ exitCode: 0, stderr: '' });
    const [before, after] = scene.server.requests;
    expect(after?.body).toEqual(before?.body);
  });

  it('puts its texts into the prompts, and a run keeps them', async () => {
    const prompts = 'role: "Rolle: {role}"\ntask: "Aufgabe: {description}"\ncomplete_result: Nur das Ergebnis.\n';
    const crew = crewWith('prompt_file: de.yaml\nlanguage: German\n', '');
    const scene = await createScene({ 'crew.yaml': crew, 'de.yaml': prompts }, [text('Eins.'), text('Zwei.')]);
    expect(await scene.crew(['kickoff', 'crew.yaml', '--quiet'])).toMatchObject({ exitCode: 0, stderr: '' });
    expect(messagesOf(scene.server.requests[0]!.body)).toMatchInlineSnapshot(`
      [
        {
          "content": "Rolle: Writer
      Goal: Write
      You write.
      Answer in German.",
          "role": "system",
        },
        {
          "content": "Aufgabe: Write it.

      Expected output: A text.

      Nur das Ergebnis.",
          "role": "user",
        },
      ]
    `);
    rmSync(join(scene.folder, 'de.yaml'));
    const replayed = await scene.crew(['replay', '-t', 'essay', '--as-recorded', '--quiet']);
    expect(replayed).toMatchObject({ exitCode: 0, stdout: 'Zwei.\n' });
    expect(scene.server.requests[1]?.body).toEqual(scene.server.requests[0]?.body);
  });

  it('with a mistake is refused before anything is called', async () => {
    const files = { 'crew.yaml': crewWith('language_file: de.json\n', ''), 'de.json': '{\n  "gaol": "Ziel"\n}\n' };
    const scene = await createScene(files);
    const refusal = await scene.refusal(['kickoff', 'crew.yaml']);
    expect(refusal.replace(/pieces: role, goal, .*/, 'pieces: <all>')).toMatchInlineSnapshot(`
      "
      de.json:2:3 language_file.gaol: there is no prompt piece of this name
        2 |   "gaol": "Ziel"
          |   ^^^^^^
          = did you mean "goal"? pieces: <all>
      "
    `);
  });

  it('makes outputs stale when it, or the language, changes', async () => {
    const scene = await createReplayScene({
      crew: BRIEF.replace('agents:', 'language: French\nprompt_file: p.yaml\nagents:'),
      files: { 'p.yaml': 'markdown: In Markdown.\n' },
    });
    await scene.kickoff();
    writeFileSync(join(scene.folder, 'p.yaml'), 'markdown: As Markdown.\n');
    scene.edit(['language: French', 'language: German'], ['goal: Write well', 'inject_date: true, goal: Write well']);
    expect(await scene.plan('--auto')).toMatchInlineSnapshot(`
      "
      Replay of run-0001
      1  research  run again  language changed from French to German; prompts changed
      2  outline   run again  language changed from French to German; prompts changed; date format changed from none to %Y-%m-%d; upstream research runs again
      3  write     run again  language changed from French to German; prompts changed; date format changed from none to %Y-%m-%d; upstream research, outline run again
      "
    `);
  });
});

describe('templates', () => {
  it('stand around the messages, and system texts can do without a message of their own', async () => {
    const agent = `, use_system_prompt: false, prompt_template: "[INST] {{ .Prompt }} [/INST]", response_template: "<a>{{ .Response }}</a>"`;
    const scene = await createScene({ 'crew.yaml': crewWith('', agent, ', markdown: true') }, [text('Text.')]);
    await scene.crew(['kickoff', 'crew.yaml', '--quiet', '--record', 'tape.yaml']);
    const { body } = scene.server.requests[0]!;
    expect(messagesOf(body)).toMatchInlineSnapshot(`
      [
        {
          "content": "Role: Writer
      Goal: Write
      You write.

      [INST] Task: Write it.

      Expected output: A text.

      Format the answer in Markdown.

      Answer with the complete result, nothing else. [/INST]
      <a>",
          "role": "user",
        },
      ]
    `);
    expect(body['stop']).toEqual(['</a>']);
    const shown = await scene.crew(['show', '--format', 'json', '--steps']);
    expect(JSON.parse(shown.stdout)).toMatchObject({
      steps: [{ conversation: [{ role: 'user' }, { role: 'assistant' }] }],
    });
    const played = await scene.crew(['kickoff', 'crew.yaml', '--cassette', 'tape.yaml', '--quiet'], {
      env: WITHOUT_KEY,
    });
    expect(played).toMatchObject({ exitCode: 0, stderr: '', stdout: 'Text.\n' });
  });
});

describe('the date', () => {
  it('of a cassette is that of its recording, wherever and whenever it is played', async () => {
    const agent = ', inject_date: true, date_format: "%d %B %Y, %H:%M:%S.%f %Z", tools: [read_file]';
    const call = toolCalls([{ name: 'read_file', arguments: { file_path: 'crew.yaml' } }]);
    const scene = await createScene({ 'crew.yaml': crewWith('', agent) }, [call, text('Text.')]);
    const env = { TZ: 'America/New_York' };
    const recorded = await scene.crew(['kickoff', 'crew.yaml', '--quiet', '--record', 'tape.yaml'], { env });
    expect(recorded).toMatchObject({ exitCode: 0, stderr: '' });
    const told = /Current date: (.*)/.exec(String(scene.server.requests[0]?.body.messages[1]?.content))?.[1] ?? '';
    expect(told).toMatch(/^\d\d \w+ \d{4}, \d\d:\d\d:\d\d\.\d{6} -0[45]00$/);
    const tape = readFileSync(join(scene.folder, 'tape.yaml'), 'utf8');
    expect(tape).toMatch(/^date: \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}-0[45]:00$/m);
    const play = () => scene.crew(['kickoff', 'crew.yaml', '--cassette', 'tape.yaml', '--quiet'], { env: WITHOUT_KEY });
    expect(await play()).toMatchObject({ exitCode: 0, stderr: '', stdout: 'Text.\n' });
    const shown = await scene.crew(['show', '--steps']);
    expect(shown.stdout).toContain(told);
    writeFileSync(join(scene.folder, 'tape.yaml'), tape.replace(/^date: .*$/m, 'date: today'));
    const broken = await play();
    expect(`\n${scene.tidy(broken.stderr)}`).toMatchInlineSnapshot(`
      "
      error: tape.yaml is not a cassette: date: must be a date such as 2026-01-31T14:05:09.000+01:00
      hint: A cassette is written by crew kickoff <file> --record <cassette>.
      "
    `);
  });

  it('of a cassette of two days is that of the replay', async () => {
    const crew = BRIEF.replaceAll('llm: m }', 'llm: m, inject_date: true, date_format: "%H:%M:%S.%f" }');
    const scene = await createReplayScene({ crew });
    await scene.kickoff();
    await scene.replay('-t', 'write', '--quiet', '--record', 'tape.yaml');
    const { calls } = parse(readFileSync(join(scene.folder, 'tape.yaml'), 'utf8')) as {
      calls: { fingerprint?: string }[];
    };
    expect(calls.map(({ fingerprint }) => typeof fingerprint)).toEqual(['undefined', 'undefined', 'string']);
    const played = await scene.crew(['kickoff', 'crew.yaml', '--cassette', 'tape.yaml', '--quiet'], {
      env: WITHOUT_KEY,
    });
    expect(played).toMatchObject({ exitCode: 0, stderr: '', stdout: 'Write 4.\n' });
  });
});

describe('a description', () => {
  it('of several paragraphs reaches the model as it is', async () => {
    const crew = crewWith('', '').replace(
      /essay: .*\n/,
      'essay:\n    description: |\n\n      First:\n\n        - one\n\n      Last.\n\n    expected_output: A text.\n',
    );
    const scene = await createScene({ 'crew.yaml': crew }, [text('Text.')]);
    await scene.crew(['kickoff', 'crew.yaml', '--quiet']);
    expect(scene.server.requests[0]?.body.messages[1]?.content).toMatchInlineSnapshot(`
      "Task: First:

        - one

      Last.

      Expected output: A text.

      Answer with the complete result, nothing else."
    `);
  });
});
