import type { ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { InterruptedError, loadCrew, RunError } from '../../src/index.js';
import {
  after,
  createGate,
  failure,
  hang,
  type ServerScript,
  stall,
  text,
  toolCalls,
} from '../helpers/provider-server.js';
import { createScene, type ProcessOutcome, type Scene } from '../helpers/run-process.js';

const CREW = `name: essays
agents:
  writer: { role: Writer, goal: Write, backstory: You write. }
tasks:
  essay: { description: Write., expected_output: A text. }
  title: { description: Name it., expected_output: A title. }
`;
const MANAGED = CREW.replace('agents:', 'process: hierarchical\nmanager_llm: openai/gpt-4.1-mini\nagents:');
const WITH_TOOL = CREW.replace('You write. }', 'You write., tools: [./wait.js] }');
/** A tool that says so and then ends as late as it is told to, whatever its signal says. */
const WAIT = `import { existsSync } from 'node:fs';

export default {
  name: 'wait',
  description: 'Waits.',
  parameters: { type: 'object', properties: {} },
  async execute(_args, { log }) {
    log('waiting');
    if (existsSync('patient')) await new Promise((resolve) => setTimeout(resolve, 60_000));
    return 'waited';
  },
};
`;
const USE_WAIT = toolCalls([{ id: 'call_a', name: 'wait', arguments: {} }]);
const delegate = (id: string) => ({
  id,
  name: 'delegate_work_to_coworker',
  arguments: { task: 'Write.', context: '', coworker: 'Writer' },
});

const KICKOFF = ['kickoff', 'crew.yaml'];
const JSONL = [...KICKOFF, '--format', 'jsonl'];
const WAY_ON = /crew resume [a-z0-9]{8}\b/;

interface ErrorWords {
  readonly message: string;
}

interface Result {
  readonly run_id: string | null;
  readonly status: string;
  readonly exit_code: number;
  readonly error: ErrorWords | null;
  readonly tasks_output: readonly { readonly name: string; readonly status: string; readonly raw: string | null }[];
}

const createEssays = (script: ServerScript): Promise<Scene> => createScene({ 'crew.yaml': CREW }, script);

/** Resolves when the words have been written. */
function said(stream: ChildProcess['stdout'], words: string): Promise<void> {
  let all = '';
  return new Promise((resolve) =>
    stream?.on('data', (chunk: Buffer) => {
      all += chunk.toString();
      if (all.includes(words)) resolve();
    }),
  );
}

/** Does what stops the command; the provider has to see all connections closed within a second. */
async function stop({ server }: Scene, act: () => void): Promise<void> {
  const startedAt = performance.now();
  act();
  await server.waitUntilIdle();
  expect(performance.now() - startedAt).toBeLessThan(1000);
}

/** What the exit code, the last event or the JSON result, and the database say: the same. */
function agreement(scene: Scene, { exitCode, stdout }: Pick<ProcessOutcome, 'exitCode' | 'stdout'>) {
  const result = JSON.parse(stdout.startsWith('{\n') ? stdout : (stdout.trimEnd().split('\n').at(-1) ?? '')) as Result;
  const rows = scene.query<{ id: string; status: string; exit_code: number; error: string }>('SELECT * FROM runs');
  const tasks = scene.query('SELECT task_key AS name, status, raw FROM task_outputs ORDER BY position');
  expect(rows.map(({ id, status, exit_code, error }) => [id, status, exit_code, JSON.parse(error)])).toEqual([
    [result.run_id, result.status, exitCode, result.error],
  ]);
  expect(result.exit_code).toBe(exitCode);
  expect(result.tasks_output.map(({ name, status, raw }) => ({ name, status, raw: raw || null }))).toEqual(tasks);
  return {
    exitCode,
    run: `${result.status}: ${result.error?.message}`,
    tasks: result.tasks_output.map(({ name, status, raw }) => `${name} ${status}${raw ? `: ${raw}` : ''}`),
    steps: scene
      .query<{ step: string }>("SELECT path || ' ' || status AS step FROM steps ORDER BY path")
      .map(({ step }) => step),
  };
}

describe('a signal', () => {
  it.each([
    { signal: 'SIGINT', exitCode: 130, words: 'interrupted' },
    { signal: 'SIGTERM', exitCode: 143, words: 'terminated' },
    { signal: 'SIGHUP', exitCode: 143, words: 'terminated: the terminal was closed' },
  ] as const)(
    '$signal ends the run with $exitCode, and what was finished is kept',
    async ({ signal, exitCode, words }) => {
      const scene = await createEssays([text('The essay.'), hang]);
      const { child, ended } = scene.start([...KICKOFF, '--format', 'json']);
      await scene.server.waitForRequests(2);
      await stop(scene, () => child.kill(signal));
      const outcome = await ended;
      expect(agreement(scene, outcome)).toEqual({
        exitCode,
        run: `interrupted: ${words}`,
        tasks: ['essay completed: The essay.', 'title interrupted'],
        steps: ['essay/llm/1 completed', 'title/llm/1 failed'],
      });
      expect(scene.tidy(outcome.stderr)).toContain(`✗ title interrupted · <time> · 0 tokens · $0\nerror: ${words}\n`);
      expect(outcome.stderr).toMatch(WAY_ON);
    },
  );

  it('closes all calls of a hierarchical run', async () => {
    const scene = await createScene({ 'crew.yaml': MANAGED }, [
      toolCalls([delegate('call_a'), delegate('call_b'), delegate('call_c')]),
      text('One.'),
      hang,
      hang,
    ]);
    const { child, ended } = scene.start(JSONL);
    await Promise.all([scene.server.waitForRequests(4), said(child.stdout, '"delegation-end"')]);
    await stop(scene, () => child.kill('SIGTERM'));
    const { steps, ...agreed } = agreement(scene, await ended);
    expect(agreed).toEqual({
      exitCode: 143,
      run: 'interrupted: terminated',
      tasks: ['essay interrupted', 'title pending'],
    });
    expect(steps.filter((step) => step.endsWith('completed'))).toHaveLength(3);
    expect(steps.filter((step) => step.endsWith('failed'))).toHaveLength(4);
  });

  it('is heeded while an answer has arrived by half', async () => {
    const scene = await createEssays([stall]);
    const { child, ended } = scene.start(JSONL);
    await scene.server.waitForRequests(1);
    await stop(scene, () => child.kill('SIGINT'));
    expect(agreement(scene, await ended)).toMatchInlineSnapshot(`
      {
        "exitCode": 130,
        "run": "interrupted: interrupted",
        "steps": [
          "essay/llm/1 failed",
        ],
        "tasks": [
          "essay interrupted",
          "title pending",
        ],
      }
    `);
  });

  it('is heeded while the next try is waited for', async () => {
    const scene = await createEssays([failure(503, 'Busy.', { 'retry-after': '120' })]);
    const { child, ended } = scene.start(JSONL);
    await said(child.stdout, 'trying again');
    child.kill('SIGINT');
    expect(agreement(scene, await ended)).toMatchInlineSnapshot(`
      {
        "exitCode": 130,
        "run": "interrupted: interrupted",
        "steps": [
          "essay/llm/1 failed",
        ],
        "tasks": [
          "essay interrupted",
          "title pending",
        ],
      }
    `);
  });

  it('is heeded while a tool works that does not listen, whose outcome then is unknown', async () => {
    const scene = await createScene({ 'crew.yaml': WITH_TOOL, 'wait.js': WAIT, patient: '' }, [USE_WAIT]);
    const { child, ended } = scene.start(JSONL);
    await said(child.stdout, 'waiting');
    child.kill('SIGTERM');
    expect(agreement(scene, await ended)).toMatchInlineSnapshot(`
      {
        "exitCode": 143,
        "run": "interrupted: terminated",
        "steps": [
          "essay/llm/1 completed",
          "essay/tool/call_a running",
        ],
        "tasks": [
          "essay interrupted",
          "title pending",
        ],
      }
    `);
  });

  it('is heeded in a run that a cassette answers', async () => {
    const scene = await createScene({ 'crew.yaml': WITH_TOOL, 'wait.js': WAIT }, [
      USE_WAIT,
      text('The essay.'),
      text('The title.'),
    ]);
    expect(await scene.crew([...KICKOFF, '--quiet', '--record', 'calls.yaml', '--db', 'other.db'])).toMatchObject({
      exitCode: 0,
    });
    writeFileSync(join(scene.folder, 'patient'), '');
    const { child, ended } = scene.start([...JSONL, '--cassette', 'calls.yaml']);
    await said(child.stdout, 'waiting');
    child.kill('SIGINT');
    expect(agreement(scene, await ended)).toMatchInlineSnapshot(`
      {
        "exitCode": 130,
        "run": "interrupted: interrupted",
        "steps": [
          "essay/llm/1 completed",
          "essay/tool/call_a running",
        ],
        "tasks": [
          "essay interrupted",
          "title pending",
        ],
      }
    `);
  });

  it('while stdin is read ends with 130, and nothing was called', async () => {
    const scene = await createEssays([]);
    // More than a pipe holds: when it is drained, the command is reading.
    const { child, ended } = scene.start([...KICKOFF, '--inputs', '-'], {
      input: '#'.repeat(1_000_000),
      keepsStdinOpen: true,
    });
    child.stdin?.once('drain', () => child.kill('SIGINT'));
    expect(scene.transcript(await ended)).toBe('exit 130\n--- stderr\nerror: interrupted\n');
    expect(scene.query('SELECT * FROM runs')).toEqual([]);
  });

  it('while the definition is loaded ends with 143, and nothing was called', async () => {
    const tool = `console.error('loading');
await new Promise((resolve) => setTimeout(resolve, 60_000));
export default { description: 'Waits.', parameters: { type: 'object' }, execute() {} };
`;
    const scene = await createScene({ 'crew.yaml': WITH_TOOL, 'wait.js': tool });
    const { child, ended } = scene.start(JSONL);
    await said(child.stderr, 'loading');
    child.kill('SIGHUP');
    const { exitCode, stdout, stderr } = await ended;
    expect([exitCode, stderr]).toEqual([143, 'loading\nerror: terminated: the terminal was closed\n']);
    expect(JSON.parse(stdout)).toMatchObject({ type: 'run-end', run_id: null, exit_code: 143 });
    expect(scene.server.requests).toEqual([]);
    expect(scene.query('SELECT * FROM runs')).toEqual([]);
  });

  it('that kills leaves every answer in the database that something was built on', async () => {
    const scene = await createEssays([text('The essay.'), hang]);
    const { child, ended } = scene.start(KICKOFF);
    await scene.server.waitForRequests(2);
    child.kill('SIGKILL');
    expect((await ended).exitCode).toBeNull();
    expect(scene.query('SELECT status, exit_code FROM runs')).toEqual([{ status: 'running', exit_code: null }]);
    expect(scene.query("SELECT status, response FROM steps WHERE path = 'essay/llm/1'")).toEqual([
      { status: 'completed', response: '{"content":[{"type":"text","text":"The essay."}],"finishReason":"stop"}' },
    ]);
  });
});

describe('a second signal', () => {
  it('is the same stop where it was only passed on: the run ends in order', async () => {
    const scene = await createEssays([hang]);
    const { child, ended } = scene.start(JSONL);
    await scene.server.waitForRequests(1);
    // Of two that are the same only one may arrive.
    for (const signal of ['SIGTERM', 'SIGHUP'] as const) child.kill(signal);
    expect(agreement(scene, await ended)).toMatchObject({
      exitCode: 143,
      tasks: ['essay interrupted', 'title pending'],
    });
  });

  it.each([
    { signal: 'SIGINT', exitCode: 130 },
    { signal: 'SIGTERM', exitCode: 143 },
  ] as const)('$signal after it ends the process at once', async ({ signal, exitCode }) => {
    const scene = await createEssays([hang]);
    const { child, ended } = scene.start(KICKOFF);
    await scene.server.waitForRequests(1);
    // While another process holds the database, the state cannot be saved: the first signal waits for it.
    const other = new Sqlite(join(scene.folder, '.crew/crew.db'));
    other.exec('BEGIN IMMEDIATE');
    await stop(scene, () => child.kill('SIGINT'));
    const knocking = setInterval(() => child.kill(signal), 100);
    expect((await ended).exitCode).toBe(exitCode);
    clearInterval(knocking);
    other.close();
    expect(scene.query('SELECT status FROM runs')).toEqual([{ status: 'running' }]);
  });
});

describe('a reader of stdout that goes away', () => {
  /** The command's own exit code, not that of the reader. */
  const into = (reader: string) => ['bash', '-c', `"$@" | ${reader}; exit "\${PIPESTATUS[0]}"`, 'bash'];

  it('while the run goes on ends it with 143, and the way on is on stderr', async () => {
    const gate = createGate();
    const scene = await createEssays([after(gate.opened, text('The essay.')), hang]);
    const { child, ended } = scene.start(JSONL, { wrapper: into("sed '/model-call-start/q'") });
    await said(child.stdout, 'model-call-start');
    gate.open();
    const { exitCode, stderr } = await ended;
    expect(exitCode).toBe(143);
    expect(scene.tidy(stderr)).toMatch(
      /^error: terminated: nobody reads the output any more\ninterrupted · run <run> · <time> · 15 tokens · <\$0.0001\n/,
    );
    expect(stderr).toMatch(WAY_ON);
    expect(scene.query('SELECT status, exit_code FROM runs')).toEqual([{ status: 'interrupted', exit_code: 143 }]);
    expect(scene.query("SELECT status FROM steps WHERE path = 'essay/llm/1'")).toEqual([{ status: 'completed' }]);
  });

  it('such as `head -1` gets its line, and the run ends with 143', async () => {
    const gate = createGate();
    const scene = await createEssays([after(gate.opened, text('The essay.')), hang]);
    const { child, ended } = scene.start(JSONL, { wrapper: into('head -1') });
    await said(child.stdout, 'run-start');
    gate.open();
    const { exitCode, stdout } = await ended;
    expect(exitCode).toBe(143);
    expect(stdout.split('\n')).toEqual([expect.stringContaining('"run-start"'), '']);
    expect(scene.query('SELECT status, exit_code FROM runs')).toEqual([{ status: 'interrupted', exit_code: 143 }]);
  });

  it('after the run has ended takes nothing away: exit 0', async () => {
    const lines = Array.from({ length: 50_000 }, (_, index) => `line ${index}`).join('\n');
    const scene = await createEssays([text('The essay.'), text(lines)]);
    const { exitCode, stdout } = await scene.crew([...KICKOFF, '--quiet'], { wrapper: into('head -1') });
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: 'line 0\n' });
    expect(scene.query('SELECT status, exit_code FROM runs')).toEqual([{ status: 'completed', exit_code: 0 }]);
  });
});

it('goes on where the reader of stderr goes away', async () => {
  const gate = createGate();
  const scene = await createEssays([after(gate.opened, text('The essay.')), text('The title.')]);
  const { child, ended } = scene.start(KICKOFF);
  await new Promise((resolve) => child.stderr?.once('data', resolve));
  child.stderr?.destroy();
  gate.open();
  const { exitCode, stdout } = await ended;
  expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: 'The title.\n' });
});

describe('a terminal that goes away', () => {
  /** Runs a command line on a terminal of `script`, which goes when the child does; stderr is kept as 3. */
  const TERMINAL = `exec 3>&2; exec script --quiet --command "exec $(printf '%q ' "$@")" /dev/null`;
  /** Runs the command line below a shell that does this on SIGHUP; at last its exit code is all there is on stderr. */
  const shell = (onHangup: string, command: string) =>
    `stty cols 100 rows 30; trap '${onHangup}' HUP; exec 4<&0; ${command} <&4 & wait $!; wait $!; echo $? >&3`;
  const onTerminal = (onHangup: string, command = '"$@"') =>
    ['bash', '-c', TERMINAL, 'bash'].concat('bash', '-c', shell(onHangup, command), 'bash');
  /** As shells do, and the kernel after them. */
  const PASS_ON = 'kill -HUP $!; kill -HUP $!';
  const IGNORE = '';

  it('stops the run in order: 143', async () => {
    const scene = await createEssays([text('The essay.'), hang]);
    const { child, ended } = scene.start(KICKOFF, { wrapper: onTerminal(PASS_ON) });
    await scene.server.waitForRequests(2);
    await stop(scene, () => child.kill('SIGKILL'));
    expect((await ended).stderr).toBe('143\n');
    expect(scene.query('SELECT status, exit_code FROM runs')).toEqual([{ status: 'interrupted', exit_code: 143 }]);
    expect(scene.query('SELECT status, raw FROM task_outputs ORDER BY position')).toEqual([
      { status: 'completed', raw: 'The essay.' },
      { status: 'interrupted', raw: null },
    ]);
  });

  it('without a signal does no harm to the run', async () => {
    const gate = createGate();
    const scene = await createEssays([after(gate.opened, text('The essay.')), text('The title.')]);
    const { child, ended } = scene.start(KICKOFF, { wrapper: onTerminal(IGNORE) });
    await scene.server.waitForRequests(1);
    child.kill('SIGKILL');
    child.once('exit', () => gate.open());
    expect((await ended).stderr).toBe('0\n');
    expect(scene.query('SELECT status, exit_code FROM runs')).toEqual([{ status: 'completed', exit_code: 0 }]);
  });

  it('without a signal stops a run whose events it shows: 143', async () => {
    const gate = createGate();
    const scene = await createEssays([after(gate.opened, text('The essay.')), hang]);
    const { child, ended } = scene.start(JSONL, { wrapper: onTerminal(IGNORE) });
    await scene.server.waitForRequests(1);
    child.kill('SIGKILL');
    child.once('exit', () => gate.open());
    expect((await ended).stderr).toBe('143\n');
    expect(scene.query('SELECT status, exit_code FROM runs')).toEqual([{ status: 'interrupted', exit_code: 143 }]);
  });

  it('does no harm to a run under nohup', async () => {
    const gate = createGate();
    const scene = await createEssays([after(gate.opened, text('The essay.')), text('The title.')]);
    const { child, ended } = scene.start(KICKOFF, { wrapper: onTerminal(PASS_ON, 'nohup "$@"') });
    await scene.server.waitForRequests(1);
    child.kill('SIGKILL');
    child.once('exit', () => gate.open());
    expect((await ended).stderr).toBe('0\n');
    expect(scene.query('SELECT status, exit_code FROM runs')).toEqual([{ status: 'completed', exit_code: 0 }]);
  });

  it.each([
    { how: 'with a signal', onHangup: PASS_ON },
    { how: 'without one', onHangup: IGNORE },
  ])('while an input is asked for ends with 143, and nothing was called, $how', async ({ onHangup }) => {
    const asking = CREW.replace('agents:', 'inputs: { topic: }\nagents:').replace('Write.,', '"Write {topic}.",');
    const scene = await createScene({ 'crew.yaml': asking });
    const { child, ended } = scene.start(KICKOFF, { wrapper: onTerminal(onHangup), keepsStdinOpen: true });
    await said(child.stdout, 'topic: ');
    child.kill('SIGKILL');
    expect((await ended).stderr).toBe('143\n');
    expect(scene.query('SELECT * FROM runs')).toEqual([]);
  });
});

it('ends the calls of a run of the library, whose process goes on', async () => {
  const scene = await createEssays([text('The essay.'), hang]);
  const crew = await loadCrew(join(scene.folder, 'crew.yaml'), {
    env: { OPENAI_API_KEY: 'not-a-real-key', OPENAI_BASE_URL: scene.server.url },
    workingDirectory: scene.folder,
  });
  const controller = new AbortController();
  const running = crew.kickoff({}, { signal: controller.signal }).catch((error: unknown) => error);
  await scene.server.waitForRequests(2);
  await stop(scene, () => controller.abort());
  const error = await running;
  expect(error).toBeInstanceOf(RunError);
  expect((error as RunError).cause).toBeInstanceOf(InterruptedError);
  expect(scene.query('SELECT status, exit_code FROM runs')).toEqual([{ status: 'interrupted', exit_code: 130 }]);
});
