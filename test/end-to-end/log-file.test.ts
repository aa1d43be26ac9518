import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loadCrew } from '../../src/index.js';
import { failure, hang, text, toolCalls } from '../helpers/provider-server.js';
import { createScene, type Scene } from '../helpers/run-process.js';

const CREW_TEXT = `name: brief
process: hierarchical
models: { m: { model: openai/gpt-4.1-mini, max_retries: 0 } }
manager_llm: m
output_log_file: true
agents:
  writer: { role: Writer, goal: Write, backstory: Wrote, llm: m, tools: [list_directory] }
tasks:
  write: { description: Write it., expected_output: A text. }
`;
const SMALL = `output_log_file: logs/run.json
agents:
  writer: { role: Writer, goal: Write, backstory: Wrote }
tasks:
  write: { description: Write it., expected_output: A text. }
  check: { description: Check it., expected_output: A word. }
`;
const KICKOFF = ['kickoff', 'crew.yaml', '--quiet'];

/** The log without what differs from run to run. */
function logOf(scene: Scene, file = 'logs.txt'): string {
  const content = readFileSync(join(scene.folder, file), 'utf8');
  return `\n${scene.tidy(content.replaceAll(/^\S+Z [a-z0-9]{8} /gm, '<time> <run> '))}`;
}

function rowsOf({ folder }: Scene, file = 'logs/run.json') {
  const lines = readFileSync(join(folder, file), 'utf8').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as { readonly type: string; readonly run_id: string });
}

it('tells of delegations, tools, failures and the end, in full and without secrets', async () => {
  const secret = 'hunter22-is-secret';
  const scene = await createScene(
    {
      'crew.yaml': CREW_TEXT.replace('llm: m,', 'llm: { model: gpt-4.1-mini, api_key: "${MY_KEY}", max_retries: 0 },'),
    },
    [
      toolCalls([
        {
          id: 'a',
          name: 'delegate_work_to_coworker',
          arguments: { task: 'Look.', context: `With ${secret}.`, coworker: 'Writer' },
        },
      ]),
      toolCalls([{ id: 'b', name: 'list_directory', arguments: { path: '.' } }]),
      text(`Two files.\nAnd ${secret}.`),
      failure(400, 'no such thing'),
    ],
  );
  const { exitCode } = await scene.crew(KICKOFF, { env: { MY_KEY: secret } });
  expect(exitCode).toBe(6);
  expect(logOf(scene)).toMatchInlineSnapshot(`
    "
    <time> <run> brief run <run> · hierarchical · 1 task
    <time> <run> write 1/1 · Crew Manager
    <time> <run>   Crew Manager → Writer: Look.
    <time> <run>     Writer uses list_directory {"path":"."}
    <time> <run>     list_directory: <data from="list_directory">
    <time> <run>     crew.yaml
    <time> <run>     logs.txt
    <time> <run>     </data>
    <time> <run>     Writer (openai/gpt-4.1-mini): Two files.
    <time> <run>     And [redacted:MY_KEY].
    <time> <run>   Crew Manager ← Writer <time> · 30 tokens · <$0.0001
    <time> <run> ✗ write failed · <time> · 45 tokens · <$0.0001
    <time> <run> write: openai/gpt-4.1-mini: the request was refused (400 Bad Request): no such thing
    <time> <run> error: task write: openai/gpt-4.1-mini: the request was refused (400 Bad Request): no such thing
    <time> <run> hint: Check the settings of the model in the crew file.
    <time> <run> failed · run <run> · <time> · 45 tokens · <$0.0001
    "
  `);
});

it('holds one object a line in a .json file, and is appended to by every run, also after Ctrl-C', async () => {
  const scene = await createScene({ 'crew.yaml': SMALL, 'logs/run.json': '{"type":"mine","run_id":"x"}\n' }, [
    text('A text.'),
    hang,
    text('Good.'),
    text('Better.'),
  ]);
  const first = scene.start(KICKOFF);
  await scene.server.waitForRequests(2);
  first.child.kill('SIGINT');
  expect((await first.ended).exitCode).toBe(130);
  expect((await scene.crew(['resume', '--quiet'])).exitCode).toBe(0);
  expect((await scene.crew(['replay', '-t', 'check', '--quiet'])).exitCode).toBe(0);
  const rows = rowsOf(scene);
  const runs = [...new Set(rows.map(({ run_id: id }) => id))];
  expect(rows.map(({ type, run_id: id }) => `${runs.indexOf(id)} ${type}`)).toEqual([
    '0 mine',
    '1 run-start',
    '1 task-start',
    '1 model-call-start',
    '1 model-call-end',
    '1 task-end',
    '1 task-start',
    '1 model-call-start',
    '1 model-call-end',
    '1 task-end',
    '1 run-end',
    '1 run-start',
    '1 task-start',
    '1 model-call-start',
    '1 model-call-end',
    '1 task-end',
    '1 run-end',
    '2 run-start',
    '2 task-reuse',
    '2 task-start',
    '2 model-call-start',
    '2 model-call-end',
    '2 task-end',
    '2 run-end',
  ]);
});

it('is whole up to the moment in which a run is killed', async () => {
  const scene = await createScene({ 'crew.yaml': SMALL }, [text('A text.'), hang]);
  const run = scene.start(KICKOFF);
  await scene.server.waitForRequests(2);
  run.child.kill('SIGKILL');
  await run.ended;
  expect(rowsOf(scene).at(-1)?.type).toBe('model-call-start');
});

it('is refused before the first call where it cannot be written, or is the file of an output', async () => {
  const refusal = async (file: string): Promise<string> => {
    const crewText = SMALL.replace('logs/run.json', file).replace('A word.', 'A word., output_file: out.txt');
    return (await createScene({ 'crew.yaml': crewText })).refusal(['kickoff', 'crew.yaml']);
  };
  const refusals = ['crew.yaml', 'out.txt', '../run.txt', '.', 'crew.yaml/run.txt'].map(refusal);
  expect((await Promise.all(refusals)).join('')).toMatchInlineSnapshot(`
    "
    error: the log file crew.yaml is the definition itself

    error: the log file out.txt is the output file of task check

    error: log file ../run.txt is outside the working directory <folder>
    hint: give a path inside it, or allow it with --allow-outside

    error: log file . is a folder
    hint: add a file name

    error: log file crew.yaml/run.txt: a part of the path is a file, not a folder
    "
  `);
});

it('is warned of once where it cannot be written any more, and the run goes on', async () => {
  const scene = await createScene({ 'crew.yaml': SMALL }, (_body, index) => {
    if (index === 1) {
      rmSync(join(scene.folder, 'logs/run.json'));
      mkdirSync(join(scene.folder, 'logs/run.json'));
    }
    return text('A text.');
  });
  const { exitCode, stdout, stderr } = await scene.crew(['kickoff', 'crew.yaml']);
  expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: 'A text.\n' });
  expect(stderr.split('\n').filter((line) => line.includes('warning'))).toEqual([
    'warning: the log file logs/run.json cannot be written any more: is a folder, not a file',
  ]);
});

it('is written for the library too, and not by a dry run', async () => {
  const scene = await createScene({ 'crew.yaml': SMALL }, () => text('A text.'));
  const env = { OPENAI_API_KEY: 'key', OPENAI_BASE_URL: scene.server.url };
  const crew = await loadCrew(join(scene.folder, 'crew.yaml'), { env, workingDirectory: scene.folder });
  await Promise.all([crew.kickoff(), crew.kickoff(), crew.kickoff()]);
  const rows = rowsOf(scene);
  expect(rows.filter(({ type }) => type === 'run-end')).toHaveLength(3);
  writeFileSync(join(scene.folder, 'crew.yaml'), SMALL.replace('logs/run.json', 'new.txt'));
  await scene.crew(['replay', '-t', 'check', '--dry-run']);
  expect(existsSync(join(scene.folder, 'new.txt'))).toBe(false);
});
