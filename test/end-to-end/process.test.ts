import { describe, expect, it } from 'vitest';
import { text, toolCalls } from '../helpers/provider-server.js';
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
        read_file: <data from="read_file">
        Solar grew by a third.
        
        </data>
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
