import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { text } from '../helpers/provider-server.js';
import { createScene, type Scene } from '../helpers/run-process.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

const CREW_TEXT = `name: essays
inputs:
  topic: { description: What to write about }
  words: { type: integer }
  tags: { type: list, default: [a] }
agents:
  writer: { role: Writer, goal: Write, backstory: You write. }
tasks:
  essay: { description: "Write {words} words about {topic} for {tags}.", expected_output: A text. }
`;
const ESSAY = [text('The essay.')];

/** The text of the task that the model was asked to do. */
function askedOf({ server }: Scene): string {
  const [, prompt] = server.requests[0]?.body.messages ?? [];
  return /Task: (.*)/.exec(JSON.stringify(prompt?.content))?.[1]?.split(String.raw`\n`)[0] ?? '';
}

describe('a required input without a value', () => {
  it('is refused without a terminal, and all that are missing are named', async () => {
    const scene = await createScene({ 'crew.yaml': CREW_TEXT });
    expect(await scene.refusal(['kickoff', 'crew.yaml'])).toMatchInlineSnapshot(`
      "
      error: 2 required inputs have no value:
        topic: What to write about
        words (integer)
      hint: give them with --input topic=… --input words=…, or a file with --inputs
      "
    `);
    expect(await scene.refusal(['kickoff', 'crew.yaml', '-i', 'topic=sun'], { input: '300\n' })).toMatchInlineSnapshot(`
      "
      error: a required input has no value:
        words (integer)
      hint: give it with --input words=…, or a file with --inputs
      "
    `);
  });

  it('is asked for on a terminal, until the answer fits, and the crew runs', async () => {
    const scene = await createScene({ 'crew.yaml': CREW_TEXT }, ESSAY);
    const outcome = await scene.crewOnTerminal(
      ['kickoff', 'crew.yaml', '-i', 'tags=x, y'],
      [
        { question: 'topic (What to write about): ', typed: '\n' },
        { question: 'topic (What to write about): ', typed: ' the sun \n' },
        { question: 'words: ', typed: 'many\n' },
        { question: 'words: ', typed: '300\n' },
      ],
    );
    expect(scene.transcript(outcome)).toMatchInlineSnapshot(`
      "exit 0
      --- stdout
      The essay.
      --- stderr
      topic (What to write about): 
      input topic needs a value
      topic (What to write about):  the sun 
      words: many
      input words must be an integer, not "many"
      words: 300
      essays run <run> · sequential · 1 task
      essay 1/1 · Writer
      ✓ essay completed · <time> · 15 tokens · <$0.0001
      done · run <run> · <time> · 15 tokens · <$0.0001
      see it: crew show <run>
      "
    `);
    expect(askedOf(scene)).toMatchInlineSnapshot(`"Write 300 words about the sun for [\\"x\\",\\"y\\"]."`);
    expect(scene.query('SELECT inputs FROM runs')).toEqual([
      { inputs: '{"topic":"the sun","words":300,"tags":["x","y"]}' },
    ]);
  });

  it('is refused on a terminal where the person gives no answer', async () => {
    const scene = await createScene({ 'crew.yaml': CREW_TEXT });
    const outcome = await scene.crewOnTerminal(
      ['kickoff', 'crew.yaml', '-i', 'words=1'],
      [{ question: 'topic (What to write about): ', typed: '\u0004' }],
    );
    expect(scene.transcript(outcome)).toMatchInlineSnapshot(`
      "exit 2
      --- stderr
      topic (What to write about): 
      error: a required input has no value:
        topic: What to write about
      hint: give it with --input topic=…, or a file with --inputs
      "
    `);
    expect(scene.server.requests).toEqual([]);
  });

  it('ends with 130 where the person presses Ctrl-C instead of answering', async () => {
    const scene = await createScene({ 'crew.yaml': CREW_TEXT });
    const outcome = await scene.crewOnTerminal(
      ['kickoff', 'crew.yaml', '-i', 'words=1'],
      [{ question: 'topic (What to write about): ', typed: '\u0003' }],
    );
    expect(scene.transcript(outcome)).toMatchInlineSnapshot(`
      "exit 130
      --- stderr
      topic (What to write about): ^C
      error: interrupted
      "
    `);
    expect(scene.server.requests).toEqual([]);
  });

  it('is not asked for where CI is set', async () => {
    const scene = await createScene({ 'crew.yaml': CREW_TEXT });
    const outcome = await scene.crewOnTerminal(['kickoff', 'crew.yaml', '-i', 'words=1'], [], { env: { CI: 'true' } });
    expect(scene.transcript(outcome)).toMatchInlineSnapshot(`
      "exit 2
      --- stderr
      error: a required input has no value:
        topic: What to write about
      hint: give it with --input topic=…, or a file with --inputs
      "
    `);
  });
});

describe('a bad input', () => {
  it('is refused where it is not name=value', async () => {
    const scene = await createScene({ 'crew.yaml': CREW_TEXT });
    expect(await scene.refusal(['kickoff', 'crew.yaml', '-i', 'topic'])).toMatchInlineSnapshot(`
      "
      error: --input topic: this is not name=value
      hint: write --input topic=solar, or --input topic=@file for the text of a file
      "
    `);
    expect(await scene.refusal(['kickoff', 'crew.yaml', '-i', '=sun'])).toMatchInlineSnapshot(`
      "
      error: --input =sun: this is not name=value
      hint: write --input topic=solar, or --input topic=@file for the text of a file
      "
    `);
    expect(await scene.refusal(['kickoff', 'crew.yaml', '-i'])).toMatchInlineSnapshot(`
      "
      error: option '-i, --input <name=value>' argument missing
      "
    `);
  });

  it('is refused where its file is not there', async () => {
    const scene = await createScene({ 'crew.yaml': CREW_TEXT });
    expect(await scene.refusal(['kickoff', 'crew.yaml', '-i', 'topic=@none.txt'])).toMatchInlineSnapshot(`
      "
      error: --input topic=@none.txt: there is no such file
      "
    `);
    expect(await scene.refusal(['kickoff', 'crew.yaml', '--inputs', 'none.yaml'])).toMatchInlineSnapshot(`
      "
      error: --inputs none.yaml: there is no such file
      "
    `);
  });

  it('is refused where it is of another type, and every one is named', async () => {
    const scene = await createScene({ 'crew.yaml': CREW_TEXT });
    const args = ['kickoff', 'crew.yaml', '-i', 'topic=sun', '-i', 'words=1.5', '-i', 'tags=[1'];
    expect(await scene.refusal(args)).toMatchInlineSnapshot(`
      "
      error: input words must be an integer, not "1.5"
      input tags must be a list, as JSON or separated by commas, not "[1"
      "
    `);
  });

  it('is refused where --inputs - is no map', async () => {
    const scene = await createScene({ 'crew.yaml': CREW_TEXT });
    const args = ['kickoff', 'crew.yaml', '--inputs', '-'];
    expect(await scene.refusal(args, { input: '- sun\n' })).toMatchInlineSnapshot(`
      "
      error: --inputs -: must hold a map of names to values, not a list
      hint: one line for each input, such as topic: solar
      "
    `);
    expect(await scene.refusal(args, { input: 'topic: {' })).toMatchInlineSnapshot(`
      "
      error: stdin:1:8 not valid YAML: the closing } is missing
        1 | topic: {
          |        ^
          = the YAML parser says: Flow map in block collection must be sufficiently indented and end with a }
      "
    `);
  });
});

describe('inputs', () => {
  it('come from stdin with --inputs -, and flags win', async () => {
    const scene = await createScene({ 'crew.yaml': CREW_TEXT, 'topic.txt': 'the moon\n' }, ESSAY);
    const { exitCode, stdout } = await scene.crew(['kickoff', 'crew.yaml', '--inputs', '-', '-i', 'topic=@topic.txt'], {
      input: '{"topic": "the sun", "words": 12, "tags": ["x"]}',
    });
    expect({ exitCode, stdout, asked: askedOf(scene) }).toEqual({
      exitCode: 0,
      stdout: 'The essay.\n',
      asked: String.raw`Write 12 words about the moon for [\"x\"].`,
    });
  });

  it('are put in once and never expanded again', async () => {
    const scene = await createScene({ 'crew.yaml': CREW_TEXT }, ESSAY);
    await scene.crew(['kickoff', 'crew.yaml', '-i', 'words=1', '-i', 'topic={tags} ${HOME}']);
    expect(askedOf(scene)).toBe('Write 1 words about {tags} ${HOME} for [\\"a\\"].');
  });
});

describe('kickoff without a file', () => {
  const SMALL = `agents:
  writer: { role: Writer, goal: Write, backstory: You write. }
tasks:
  essay: { description: Write., expected_output: A text. }
`;

  it('takes crew.yaml before crew/crew.yaml, and says so', async () => {
    const files = { 'crew.yaml': `name: near\n${SMALL}`, 'crew/crew.yaml': `name: far\n${SMALL}` };
    const scene = await createScene(files, ESSAY);
    expect(scene.transcript(await scene.crew(['kickoff']))).toMatchInlineSnapshot(`
      "exit 0
      --- stdout
      The essay.
      --- stderr
      using crew.yaml
      near run <run> · sequential · 1 task
      essay 1/1 · Writer
      ✓ essay completed · <time> · 15 tokens · <$0.0001
      done · run <run> · <time> · 15 tokens · <$0.0001
      see it: crew show <run>
      "
    `);
  });

  it('takes crew/crew.yaml, and says so', async () => {
    const scene = await createScene({ 'crew/crew.yaml': `name: far\n${SMALL}` }, ESSAY);
    expect(scene.transcript(await scene.crew(['kickoff']))).toMatchInlineSnapshot(`
      "exit 0
      --- stdout
      The essay.
      --- stderr
      using crew/crew.yaml
      far run <run> · sequential · 1 task
      essay 1/1 · Writer
      ✓ essay completed · <time> · 15 tokens · <$0.0001
      done · run <run> · <time> · 15 tokens · <$0.0001
      see it: crew show <run>
      "
    `);
  });
});

describe('output_file', () => {
  const crewText = (outputFile: string) => `name: essays
inputs: { topic: sun }
agents:
  writer: { role: Writer, goal: Write, backstory: You write. }
tasks:
  essay: { description: Write., expected_output: A text., output_file: "${outputFile}" }
`;

  it('is written with the input in its path, its folders made', async () => {
    const scene = await createScene({ 'crew.yaml': crewText('out/{topic}.md') }, ESSAY);
    expect(scene.transcript(await scene.crew(['kickoff', 'crew.yaml', '-i', 'topic=moon']))).toMatchInlineSnapshot(`
      "exit 0
      --- stdout
      The essay.
      --- stderr
      essays run <run> · sequential · 1 task
      essay 1/1 · Writer
      ✓ essay completed · <time> · 15 tokens · <$0.0001 → out/moon.md
      done · run <run> · <time> · 15 tokens · <$0.0001
      see it: crew show <run>
      "
    `);
    expect(readFileSync(join(scene.folder, 'out/moon.md'), 'utf8')).toBe('The essay.\n');
  });

  it('is refused where an input leads it out of the working directory', async () => {
    const scene = await createScene({ 'crew.yaml': crewText('out/{topic}.md') });
    const args = ['kickoff', 'crew.yaml', '-i', 'topic=../../escaped'];
    expect(await scene.refusal(args)).toMatchInlineSnapshot(`
      "
      error: output file out/../../escaped.md is outside the working directory <folder>
      hint: give a path inside it, or allow it with --allow-outside
      "
    `);
    expect(existsSync(join(dirname(scene.folder), 'escaped.md'))).toBe(false);
  });

  it('is refused where it is absolute', async () => {
    const outside = temporaryFolder();
    const scene = await createScene({ 'crew.yaml': crewText(join(outside, '{topic}.md')) });
    const stderr = await scene.refusal(['kickoff', 'crew.yaml']);
    expect(stderr.replaceAll(outside, '<outside>')).toMatchInlineSnapshot(`
      "
      error: output file <outside>/sun.md is outside the working directory <folder>
      hint: give a path relative to the working directory, or allow it with --allow-outside
      "
    `);
  });

  it('may be absolute with --allow-outside', async () => {
    const outside = temporaryFolder();
    const scene = await createScene({ 'crew.yaml': crewText(join(outside, '{topic}.md')) }, ESSAY);
    const outcome = await scene.crew(['kickoff', 'crew.yaml', '--allow-outside']);
    expect(scene.transcript(outcome).replaceAll(outside, '<outside>')).toMatchInlineSnapshot(`
      "exit 0
      --- stdout
      The essay.
      --- stderr
      essays run <run> · sequential · 1 task
      essay 1/1 · Writer
      ✓ essay completed · <time> · 15 tokens · <$0.0001 → <outside>/sun.md
      done · run <run> · <time> · 15 tokens · <$0.0001
      see it: crew show <run>
      "
    `);
    expect(readFileSync(join(outside, 'sun.md'), 'utf8')).toBe('The essay.\n');
  });
});
