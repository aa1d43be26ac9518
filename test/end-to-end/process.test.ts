import { describe, expect, it } from 'vitest';
import { after, createGate, failure, hang, text, toolCalls } from '../helpers/provider-server.js';
import { createScene, type Scene } from '../helpers/run-process.js';

const CREW_TEXT = `name: essays
agents:
  writer: { role: Writer, goal: Write, backstory: You write., tools: [read_file] }
tasks:
  essay: { description: Write., expected_output: A text. }
  title: { description: Name it., expected_output: A title. }
`;
const NOTES = 'Solar grew by a third.\n';
const KICKOFF = ['kickoff', 'crew.yaml'];

const createEssays = (script: Parameters<typeof createScene>[1]): Promise<Scene> =>
  createScene({ 'crew.yaml': CREW_TEXT, 'notes.txt': NOTES }, script);

/** What the database says of the run, its tasks and steps. */
function storedIn(scene: Scene): unknown {
  return {
    runs: scene.query('SELECT status, exit_code, requests FROM runs'),
    tasks: scene.query('SELECT task_key, status, raw FROM task_outputs ORDER BY position'),
    steps: scene.query('SELECT path, status FROM steps ORDER BY id'),
  };
}

describe('a command line that is none', () => {
  it('is refused for an unknown command', async () => {
    const scene = await createEssays([]);
    expect(await scene.refusal(['kickof', 'crew.yaml'])).toMatchInlineSnapshot(`
      "
      error: unknown command 'kickof'
      (Did you mean kickoff?)
      "
    `);
  });

  it('is refused for an unknown option', async () => {
    const scene = await createEssays([]);
    expect(await scene.refusal([...KICKOFF, '--verbos'])).toMatchInlineSnapshot(`
      "
      error: unknown option '--verbos'
      (Did you mean --verbose?)
      "
    `);
  });

  it('is refused for a second file', async () => {
    const scene = await createEssays([]);
    expect(await scene.refusal([...KICKOFF, 'other.yaml'])).toMatchInlineSnapshot(`
      "
      error: too many arguments for 'kickoff'. Expected 1 argument but got 2.
      "
    `);
  });

  it.each(['0', '-1', '1.5', 'many', ''])('is refused for --concurrency %j', async (count) => {
    const scene = await createEssays([]);
    expect(await scene.refusal([...KICKOFF, `--concurrency=${count}`])).toBe(`
error: option '--concurrency <n>' argument '${count}' is invalid. It must be a whole number from 1.
`);
  });

  it('is refused for a format that is none', async () => {
    const scene = await createEssays([]);
    expect(await scene.refusal([...KICKOFF, '--format', 'xml'])).toMatchInlineSnapshot(`
      "
      error: option '--format <format>' argument 'xml' is invalid. Allowed choices are text, json, jsonl.
      "
    `);
  });

  it('shows the help and ends with 2 where nothing is asked for', async () => {
    const scene = await createEssays([]);
    expect(await scene.refusal([])).toMatch(/^\nUsage: crew/);
  });
});

describe('a signal', () => {
  it.each([
    { signal: 'SIGINT', exitCode: 130, word: 'interrupted' },
    { signal: 'SIGTERM', exitCode: 143, word: 'terminated' },
  ] as const)(
    '$signal during a call ends the run with $exitCode, its state saved',
    async ({ signal, exitCode, word }) => {
      const scene = await createEssays([text('The essay.'), hang]);
      const { child, ended } = scene.start(KICKOFF);
      await scene.server.waitForRequests(2);
      child.kill(signal);
      expect(scene.transcript(await ended)).toBe(`exit ${exitCode}
--- stderr
essays run <run> · sequential · 2 tasks
essay 1/2 · Writer
✓ essay completed · <time> · 15 tokens · <$0.0001
title 2/2 · Writer
✗ title interrupted · <time> · 0 tokens · $0
error: ${word}
interrupted · run <run> · <time> · 15 tokens · <$0.0001
see it: crew show <run> --steps
`);
      expect(storedIn(scene)).toEqual({
        runs: [{ status: 'interrupted', exit_code: exitCode, requests: 1 }],
        tasks: [
          { task_key: 'essay', status: 'completed', raw: 'The essay.' },
          { task_key: 'title', status: 'interrupted', raw: null },
        ],
        steps: [
          { path: 'essay/llm/1', status: 'completed' },
          { path: 'title/llm/1', status: 'failed' },
        ],
      });
    },
  );

  it('ends the run although a tool does not listen to it', async () => {
    const tool = `export default {
  name: 'wait',
  description: 'Waits.',
  parameters: { type: 'object', properties: {} },
  async execute(_args: unknown, { log }: { log: (message: string) => void }) {
    log('waiting');
    await new Promise((resolve) => setTimeout(resolve, 60_000));
  },
};
`;
    const scene = await createScene({ 'crew.yaml': CREW_TEXT.replace('read_file', './wait.ts'), 'wait.ts': tool }, [
      toolCalls([{ id: 'call_a', name: 'wait', arguments: {} }]),
    ]);
    const { child, ended } = scene.start(KICKOFF);
    let isWaiting = false;
    child.stderr?.on('data', (chunk: Buffer) => {
      if (isWaiting || !chunk.toString().includes('waiting')) return;
      isWaiting = true;
      child.kill('SIGINT');
    });
    expect(scene.transcript(await ended)).toMatchInlineSnapshot(`
      "exit 130
      --- stderr
      essays run <run> · sequential · 2 tasks
      essay 1/2 · Writer
        Writer uses wait {}
        wait: waiting
        wait: interrupted
      ✗ essay interrupted · <time> · 15 tokens · <$0.0001
      error: interrupted
      interrupted · run <run> · <time> · 15 tokens · <$0.0001
      see it: crew show <run> --steps
      "
    `);
    expect(storedIn(scene)).toMatchInlineSnapshot(`
      {
        "runs": [
          {
            "exit_code": 130,
            "requests": 1,
            "status": "interrupted",
          },
        ],
        "steps": [
          {
            "path": "essay/llm/1",
            "status": "completed",
          },
          {
            "path": "essay/tool/call_a",
            "status": "running",
          },
        ],
        "tasks": [
          {
            "raw": null,
            "status": "interrupted",
            "task_key": "essay",
          },
          {
            "raw": null,
            "status": "pending",
            "task_key": "title",
          },
        ],
      }
    `);
  });

  it('while the next try is waited for ends the run at once', async () => {
    const scene = await createEssays([failure(503, 'Busy.', { 'retry-after': '120' })]);
    const { child, ended } = scene.start(KICKOFF);
    child.stderr?.on('data', (chunk: Buffer) => {
      if (chunk.toString().includes('trying again')) child.kill('SIGINT');
    });
    expect(scene.transcript(await ended)).toMatchInlineSnapshot(`
      "exit 130
      --- stderr
      essays run <run> · sequential · 2 tasks
      essay 1/2 · Writer
      warning: openai/gpt-4.1-mini: 503 Service Unavailable; trying again in <time> (2 of 4)
      ✗ essay interrupted · <time> · 0 tokens · $0
      error: interrupted
      interrupted · run <run> · <time> · 0 tokens · $0
      see it: crew show <run> --steps
      "
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

  it('while a tool is loaded ends with 143, and nothing was called', async () => {
    const tool = `console.error('loading');
await new Promise((resolve) => setTimeout(resolve, 60_000));
export default { description: 'Waits.', parameters: { type: 'object' }, execute() {} };
`;
    const crewText = CREW_TEXT.replace('read_file', './wait.mjs');
    const scene = await createScene({ 'crew.yaml': crewText, 'wait.mjs': tool });
    const { child, ended } = scene.start(KICKOFF);
    child.stderr?.once('data', () => child.kill('SIGTERM'));
    expect(scene.transcript(await ended)).toBe('exit 143\n--- stderr\nloading\nerror: terminated\n');
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
    const steps = scene.query("SELECT path, status, response FROM steps WHERE path = 'essay/llm/1'");
    expect(steps).toMatchInlineSnapshot(`
      [
        {
          "path": "essay/llm/1",
          "response": "{"content":[{"type":"text","text":"The essay."}],"finishReason":"stop"}",
          "status": "completed",
        },
      ]
    `);
  });
});

describe('a reader that goes away', () => {
  it('after the first line of jsonl does no harm to the run', async () => {
    const gate = createGate();
    const scene = await createEssays([after(gate.opened, text('The essay.')), text('The title.')]);
    const { child, ended } = scene.start([...KICKOFF, '--format', 'jsonl']);
    await new Promise((resolve) => child.stdout?.once('data', resolve));
    child.stdout?.destroy();
    gate.open();
    const { exitCode, stderr } = await ended;
    expect({ exitCode, stderr: scene.tidy(stderr) }).toMatchInlineSnapshot(`
      {
        "exitCode": 0,
        "stderr": "done · run <run> · <time> · 30 tokens · <$0.0001
      see it: crew show <run>
      ",
      }
    `);
    expect(scene.query('SELECT status FROM runs')).toEqual([{ status: 'completed' }]);
  });

  it('of a pipe to `head -1` gets its line, and the command ends with 0', async () => {
    const lines = Array.from({ length: 50_000 }, (_, index) => `line ${index}`).join('\n');
    const scene = await createEssays([text('The essay.'), text(lines)]);
    const wrapper = ['bash', '-c', '"$@" | head -1; exit "${PIPESTATUS[0]}"', 'bash'];
    const { exitCode, stdout } = await scene.crew([...KICKOFF, '--quiet'], { wrapper });
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: 'line 0\n' });
  });

  it('of stderr does no harm to the run', async () => {
    const gate = createGate();
    const scene = await createEssays([after(gate.opened, text('The essay.')), text('The title.')]);
    const { child, ended } = scene.start(KICKOFF);
    await new Promise((resolve) => child.stderr?.once('data', resolve));
    child.stderr?.destroy();
    gate.open();
    const { exitCode, stdout } = await ended;
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: 'The title.\n' });
  });
});

describe('what is printed', () => {
  const withTool = () => [
    toolCalls([{ id: 'call_a', name: 'read_file', arguments: { path: 'notes.txt' } }], { content: 'I look.' }),
    text('The essay.'),
    text('The title.'),
  ];

  it('on stdout is the whole answer, however long it is', async () => {
    const long = 'All work and no play. '.repeat(20_000).trim();
    const scene = await createEssays([text('The essay.'), text(long)]);
    const { exitCode, stdout } = await scene.crew(KICKOFF);
    expect(exitCode).toBe(0);
    expect(stdout === `${long}\n`).toBe(true);
  });

  it('is only the result with --quiet', async () => {
    const scene = await createEssays(withTool());
    expect(await scene.crew([...KICKOFF, '--quiet'])).toEqual({ exitCode: 0, stdout: 'The title.\n', stderr: '' });
  });

  it('is only the error with --quiet where the run fails', async () => {
    const scene = await createEssays([text(''), text(''), text('')]);
    expect(scene.transcript(await scene.crew([...KICKOFF, '-q']))).toMatchInlineSnapshot(`
      "exit 1
      --- stderr
      error: task essay: Writer (openai/gpt-4.1-mini) answered with nothing, 3 times
      hint: Try another model, or see the calls with crew show --steps.
      "
    `);
  });

  it('is everything with --verbose', async () => {
    const scene = await createEssays(withTool());
    expect(scene.transcript(await scene.crew([...KICKOFF, '--verbose']))).toMatchInlineSnapshot(`
      "exit 0
      --- stdout
      The title.
      --- stderr
      essays run <run> · sequential · 2 tasks
      essay 1/2 · Writer
        Writer (openai/gpt-4.1-mini): I look.
        Writer uses read_file {"path":"notes.txt"}
        read_file: Solar grew by a third.
        
        Writer (openai/gpt-4.1-mini): The essay.
      ✓ essay completed · <time> · 30 tokens · <$0.0001
      title 2/2 · Writer
        Writer (openai/gpt-4.1-mini): The title.
      ✓ title completed · <time> · 15 tokens · <$0.0001
      done · run <run> · <time> · 45 tokens · <$0.0001
      see it: crew show <run>
      "
    `);
  });

  const ESCAPE = '\u001B[';
  /** Hides the cursor. */
  const SPINNER = '\u001B[?25l';
  /** True where an escape sequence sets a colour or a style; what moves the cursor is none. */
  const hasColor = (shown: string): boolean =>
    shown
      .split(ESCAPE)
      .slice(1)
      .some((rest) => /^[\d;]*m/.test(rest));

  it('on a terminal has colours and a spinner, and stdout has none', async () => {
    const scene = await createEssays(withTool());
    const { stdout, stderr } = await scene.crewOnTerminal(KICKOFF, [], { env: { TERM: 'xterm-256color' } });
    expect(stdout).toBe('The title.\n');
    expect(hasColor(stderr)).toBe(true);
    expect(stderr).toContain(SPINNER);
  });

  it.each([
    { how: 'NO_COLOR', args: [], env: { NO_COLOR: '1' } },
    { how: '--no-color', args: ['--no-color'], env: {} },
  ])('on a terminal has no colours with $how', async ({ args, env }) => {
    const scene = await createEssays(withTool());
    const { stderr: shown } = await scene.crewOnTerminal([...KICKOFF, ...args], [], {
      env: { TERM: 'xterm-256color', ...env },
      isAllTerminal: true,
    });
    expect(shown).toContain('The title.\n');
    expect(shown).toContain(SPINNER);
    expect(hasColor(shown)).toBe(false);
  });

  it.each([
    { how: 'CI is set', env: { TERM: 'xterm-256color', CI: 'true' } },
    { how: 'the terminal is dumb', env: { TERM: 'dumb', NO_COLOR: '1' } },
  ])('on a terminal is plain lines where $how', async ({ env }) => {
    const scene = await createEssays(withTool());
    const { stdout, stderr } = await scene.crewOnTerminal(KICKOFF, [], { env });
    expect(stdout).toBe('The title.\n');
    expect(stderr).not.toContain(ESCAPE);
  });

  it('away from a terminal has no escape sequence', async () => {
    const scene = await createEssays(withTool());
    const { stderr } = await scene.crew(KICKOFF, { env: { TERM: 'xterm-256color' } });
    expect(stderr).not.toContain(ESCAPE);
  });
});
