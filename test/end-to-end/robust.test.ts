import { expect, it } from 'vitest';
import { after, createGate, text, toolCalls } from '../helpers/provider-server.js';
import { createScene } from '../helpers/run-process.js';

const CREW = `
agents:
  worker: { role: Worker, goal: Work, backstory: You work., tools: [./tool.js] }
tasks:
  reports: { description: Do it., expected_output: The result. }
`;
const tool = (body: string): string => `
console.log('loaded');
export default {
  name: 'tool',
  description: 'A tool.',
  parameters: { type: 'object', properties: {} },
  execute() { ${body} },
};
`;
const call = toolCalls([{ name: 'tool', arguments: {} }]);

it('keeps what tools print out of stdout', async () => {
  const files = {
    'crew.yaml': CREW,
    'tool.js': tool("console.log('noise'); process.stdout.write('more noise'); return 'ok';"),
  };
  const scene = await createScene(files, [call, text('The answer.')]);
  const { stdout, stderr, exitCode } = await scene.crew(['kickoff', '--quiet']);
  expect([exitCode, stdout]).toEqual([0, 'The answer.\n']);
  expect(stderr).toBe('loaded\nnoise\nmore noise');
});

it('waits for a tool with nothing that holds the process, until it is told to stop', async () => {
  const files = { 'crew.yaml': CREW, 'tool.js': tool('return new Promise(() => {});') };
  const scene = await createScene(files, [call]);
  const { child, ended } = scene.start(['kickoff', '--format', 'json']);
  await new Promise<void>((resolve) =>
    child.stderr?.on('data', (chunk) => String(chunk).includes('uses tool') && resolve()),
  );
  child.kill('SIGINT');
  const { exitCode, stdout } = await ended;
  expect([exitCode, (JSON.parse(stdout) as { status: string }).status]).toEqual([130, 'interrupted']);
  expect(scene.query("SELECT status FROM steps WHERE kind = 'tool'")).toEqual([{ status: 'running' }]);
});

it('stores its rows whole where a secret is spelled like one of their names', async () => {
  const yaml = CREW.replace('[./tool.js]', '[{ use: read_file, root: "${DOCS}" }]');
  const scene = await createScene({ 'crew.yaml': yaml, 'reports/a.txt': 'a' }, [text('All the reports.')]);
  const { exitCode, stdout } = await scene.crew(['kickoff', '--quiet'], { env: { DOCS: 'reports' } });
  expect([exitCode, stdout]).toEqual([0, 'All the [redacted:DOCS].\n']);
  expect(scene.query('SELECT task_key, status FROM task_outputs')).toEqual([
    { task_key: 'reports', status: 'completed' },
  ]);
});

it('says that its result could not be written, with an exit code that is not 0', async () => {
  const scene = await createScene({ 'crew.yaml': CREW.replace(', tools: [./tool.js]', '') }, [text('The answer.')]);
  const { exitCode, stderr } = await scene.crew([], {
    wrapper: ['sh', '-c', '"$@" kickoff --quiet > /dev/full', 'sh'],
  });
  expect([exitCode, stderr]).toEqual([
    1,
    'error: the result could not be written: ENOSPC: no space left on device, write\n',
  ]);
  expect(scene.query('SELECT status, exit_code FROM runs')).toEqual([{ status: 'completed', exit_code: 0 }]);
});

it('stores an answer that arrives while another process holds the database', async () => {
  const gate = createGate();
  const scene = await createScene({ 'crew.yaml': CREW.replace(', tools: [./tool.js]', '') }, [
    after(gate.opened, text('The answer.')),
  ]);
  const { ended } = scene.start(['kickoff', '--quiet']);
  await scene.server.waitForRequests(1);
  const { default: Sqlite } = await import('better-sqlite3');
  const other = new Sqlite(`${scene.folder}/.crew/crew.db`);
  other.exec('BEGIN IMMEDIATE');
  gate.open();
  await new Promise((resolve) => setTimeout(resolve, 600));
  other.exec('COMMIT');
  other.close();
  expect(await ended).toMatchObject({ exitCode: 0, stdout: 'The answer.\n' });
});

it('refuses tools of which one would silently stand in for another', async () => {
  const yaml = CREW.replace('The result. }', 'The result., tools: [./other.js] }');
  const files = { 'crew.yaml': yaml, 'tool.js': tool(''), 'other.js': tool('').replace('A tool.', 'Another tool.') };
  const scene = await createScene(files);
  expect(await scene.refusal(['kickoff', '-q'])).toMatchInlineSnapshot(`
    "
    loaded
    loaded
    error: two different tools are named tool
    hint: export one of them under another name
    "
  `);
  const reserved = {
    'crew.yaml': CREW,
    'tool.js': tool('').replace("name: 'tool'", "name: 'ask_question_to_coworker'"),
  };
  const second = await createScene(reserved);
  expect(await second.refusal(['kickoff', '-q'])).toMatchInlineSnapshot(`
    "
    loaded
    error: a tool must not be named ask_question_to_coworker
    hint: agents delegate with the tool of that name
    "
  `);
});
