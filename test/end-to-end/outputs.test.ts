import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadCrew } from '../../src/index.js';
import { type ServerAnswer, text } from '../helpers/provider-server.js';
import { createScene, type Scene } from '../helpers/run-process.js';

const CREW_TEXT = `name: brief
inputs: { topic: sun }
agents:
  writer: { role: Writer, goal: Write, backstory: Wrote }
tasks:
  find: { description: "Find {topic}.", expected_output: Facts., outputs: { "out/{topic}.md": raw } }
  write:
    description: Write it.
    expected_output: A title.
    output_file: out/result.json
    outputs: { out/report.txt: raw, out/data.json: json }
    output_json: { type: object, properties: { title: { type: string } }, required: [title] }
`;
const ANSWERS: readonly ServerAnswer[] = [text('Hot.'), text('It is {"title": "Sun"}')];
const KICKOFF = ['kickoff', 'crew.yaml'];
const FILES = ['out/sun.md', 'out/result.json', 'out/report.txt', 'out/data.json'];

function filesOf({ folder }: Scene): Record<string, string> {
  const there = FILES.filter((file) => existsSync(join(folder, file)));
  return Object.fromEntries(there.map((file) => [file, readFileSync(join(folder, file), 'utf8')]));
}

const WRITTEN = {
  'out/sun.md': 'Hot.\n',
  'out/result.json': '{\n  "title": "Sun"\n}\n',
  'out/report.txt': 'It is {"title": "Sun"}\n',
  'out/data.json': '{\n  "title": "Sun"\n}\n',
};

it('response_model asks for its schema, and its value is shown as pydantic', async () => {
  const scene = await createScene({ 'crew.yaml': CREW_TEXT.replace('output_json', 'response_model') }, [
    text('Hot.'),
    text('no'),
    text('{"title": "Sun"}'),
  ]);
  const { exitCode, stdout } = await scene.crew([...KICKOFF, '--format', 'json']);
  expect({ exitCode, result: JSON.parse(stdout) as unknown }).toMatchObject({
    exitCode: 0,
    result: { json_dict: null, pydantic: { title: 'Sun' } },
  });
  scene.server.assertDone();
});

describe('several outputs of a task', () => {
  it('are written when the output is accepted, each in its form, and are all told of', async () => {
    const scene = await createScene({ 'crew.yaml': CREW_TEXT }, [text('Hot.'), text('no'), ...ANSWERS.slice(1)]);
    const outcome = await scene.crew(KICKOFF);
    expect(filesOf(scene)).toEqual(WRITTEN);
    expect(scene.transcript(outcome)).toMatchInlineSnapshot(`
      "exit 0
      --- stdout
      {
        "title": "Sun"
      }
      --- stderr
      brief run <run> · sequential · 2 tasks
      find 1/2 · Writer
      ✓ find completed · <time> · 15 tokens · <$0.0001 → out/sun.md
      write 2/2 · Writer
      ✓ write completed · <time> · 30 tokens · <$0.0001 → out/result.json, out/report.txt, out/data.json
      done · run <run> · <time> · 45 tokens · <$0.0001
      see it: crew show <run>
      "
    `);
    expect(scene.query('SELECT task_key, output_file FROM task_outputs ORDER BY position')).toEqual([
      { task_key: 'find', output_file: join(scene.folder, 'out/sun.md') },
      { task_key: 'write', output_file: join(scene.folder, 'out/result.json') },
    ]);
  });

  it('stand as a list in the event of a task that has ended', async () => {
    const scene = await createScene({ 'crew.yaml': CREW_TEXT }, ANSWERS);
    const { stdout } = await scene.crew([...KICKOFF, '--format', 'jsonl']);
    const ended = stdout.split('\n').filter((line) => line.includes('"type":"task-end"'));
    expect(ended.map((line) => (JSON.parse(line) as { more_files?: unknown }).more_files)).toEqual([
      undefined,
      [join(scene.folder, 'out/report.txt'), join(scene.folder, 'out/data.json')],
    ]);
  });

  it('are written again for tasks that are reused, where they are not there', async () => {
    const scene = await createScene({ 'crew.yaml': CREW_TEXT }, [...ANSWERS, text('{"title": "Star"}')]);
    await scene.crew(KICKOFF);
    rmSync(join(scene.folder, 'out'), { recursive: true });
    await scene.crew(['replay', '-t', 'write']);
    expect(filesOf(scene)).toEqual({
      'out/sun.md': 'Hot.\n',
      'out/result.json': '{\n  "title": "Star"\n}\n',
      'out/report.txt': '{"title": "Star"}\n',
      'out/data.json': '{\n  "title": "Star"\n}\n',
    });
  });

  it('are refused before the first call where two are one file, one is the definition or one is outside', async () => {
    const refusal = async (outputs: string): Promise<string> => {
      const crewText = CREW_TEXT.replace('{ "out/{topic}.md": raw }', outputs);
      return (await createScene({ 'crew.yaml': crewText })).refusal(KICKOFF);
    };
    expect(
      [
        await refusal('{ out/x/../data.json: raw }'),
        await refusal('{ a.md: raw, ./a.md: raw }'),
        await refusal('{ crew.yaml: raw }'),
        await refusal('{ "../{topic}": raw }'),
      ].join(''),
    ).toMatchInlineSnapshot(`
      "
      error: the output file of task write, out/data.json, is that of task find too

      error: the output file of task find, ./a.md, is that of task find too

      error: the output file of task find, crew.yaml, is the definition itself

      error: output file ../sun is outside the working directory <folder>
      hint: give a path inside it, or allow it with --allow-outside
      "
    `);
  });
});

describe('create_directory: false', () => {
  const crewText = CREW_TEXT.replace(
    'description: Write it.',
    'description: Write it.\n    create_directory: false',
  ).replace(', outputs: { "out/{topic}.md": raw }', '');

  it('refuses a folder that is not there before the first call', async () => {
    const scene = await createScene({ 'crew.yaml': crewText });
    expect(await scene.refusal(KICKOFF)).toMatchInlineSnapshot(`
      "
      error: the folder of output file out/result.json does not exist
      hint: make it, or leave out create_directory: false
      "
    `);
  });

  it('writes into one that is, and fails where it has gone since', async () => {
    const scene = await createScene({ 'crew.yaml': crewText }, (_body, index) => {
      if (index === 3) rmSync(join(scene.folder, 'out'), { recursive: true });
      return ANSWERS[index % 2] as ServerAnswer;
    });
    mkdirSync(join(scene.folder, 'out'));
    expect((await scene.crew(KICKOFF)).exitCode).toBe(0);
    const outcome = await scene.crew([...KICKOFF, '--quiet']);
    expect(scene.transcript(outcome)).toMatchInlineSnapshot(`
      "exit 1
      --- stderr
      error: task write: cannot write <folder>/out/result.json: does not exist
      "
    `);
  });
});

describe('full_output', () => {
  const crewText = `full_output: true\n${CREW_TEXT}`;
  const FULL = '# find\n\nHot.\n\n# write\n\n{\n  "title": "Sun"\n}';

  it('prints the output of every task under its name', async () => {
    const scene = await createScene({ 'crew.yaml': crewText }, ANSWERS);
    const { stdout } = await scene.crew([...KICKOFF, '--quiet']);
    expect(stdout).toBe(`${FULL}\n`);
  });

  it('leaves the objects of programs as they are, which have all of them', async () => {
    const scene = await createScene({ 'crew.yaml': crewText }, [...ANSWERS, ...ANSWERS]);
    const { stdout } = await scene.crew([...KICKOFF, '--format', 'json']);
    expect(JSON.parse(stdout)).toMatchObject({ raw: 'It is {"title": "Sun"}', json_dict: { title: 'Sun' } });
    const lines = (await scene.crew([...KICKOFF, '--format', 'jsonl'])).stdout.trimEnd().split('\n');
    expect(Object.keys(JSON.parse(lines.at(-1) ?? '') as object)).not.toContain('full_output');
  });

  it('holds for replays, and for a run that is done already', async () => {
    const scene = await createScene({ 'crew.yaml': crewText }, [...ANSWERS, ...ANSWERS.slice(1)]);
    await scene.crew([...KICKOFF, '--quiet']);
    expect((await scene.crew(['replay', '-t', 'write', '--quiet'])).stdout).toBe(`${FULL}\n`);
    const [run] = scene.query<{ id: string }>('SELECT id FROM runs ORDER BY started_at DESC');
    expect((await scene.crew(['resume', run?.id ?? '', '--quiet'])).stdout).toBe(`${FULL}\n`);
  });

  it('is the text form of what the library gives', async () => {
    const scene = await createScene({ 'crew.yaml': crewText }, ANSWERS);
    const env = { OPENAI_API_KEY: 'key', OPENAI_BASE_URL: scene.server.url };
    const crew = await loadCrew(join(scene.folder, 'crew.yaml'), { env, workingDirectory: scene.folder });
    expect(String(await crew.kickoff())).toBe(FULL);
  });
});

describe('verbose', () => {
  const lines = async (crewText: string, ...flags: string[]): Promise<string[]> => {
    const scene = await createScene({ 'crew.yaml': crewText }, ANSWERS);
    const { stderr } = await scene.crew([...KICKOFF, ...flags]);
    return stderr.split('\n').filter((line) => line.includes('Hot.') || line.includes('It is'));
  };
  const twoAgents = CREW_TEXT.replace(
    'tasks:',
    '  finder: { role: Finder, goal: Find, backstory: Found, verbose: true }\ntasks:',
  )
    .replace('expected_output: Facts.,', 'expected_output: Facts., agent: finder,')
    .replace('description: Write it.', 'description: Write it.\n    agent: writer');

  it('shows everything in full, or the work of the agents that ask for it', async () => {
    expect(await lines(CREW_TEXT)).toEqual([]);
    expect(await lines(`verbose: true\n${CREW_TEXT}`)).toEqual([
      '  Writer (openai/gpt-4.1-mini): Hot.',
      '  Writer (openai/gpt-4.1-mini): It is {"title": "Sun"}',
    ]);
    expect(await lines(twoAgents)).toEqual(['  Finder (openai/gpt-4.1-mini): Hot.']);
  });

  it('gives way to --quiet', async () => {
    expect(await lines(`verbose: true\n${CREW_TEXT}`, '--quiet')).toEqual([]);
  });
});
