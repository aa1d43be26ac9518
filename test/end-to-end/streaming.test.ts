import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../src/events.js';
import { loadCrew } from '../../src/index.js';
import { chunkOf, createGate, event, inParts, raw, STREAM_END, text } from '../helpers/provider-server.js';
import { createScene, type ProcessOutcome } from '../helpers/run-process.js';

const CREW_TEXT = `name: brief
models: { m: { model: openai/gpt-4.1-mini, max_retries: 1 } }
agents:
  writer: { role: Writer, goal: Write, backstory: Wrote, llm: m }
tasks:
  find: { description: Find it., expected_output: Facts. }
  write: { description: Write it., expected_output: A text. }
`;
const STREAM = ['kickoff', 'crew.yaml', '--stream'];
const SSE = { headers: { 'content-type': 'text/event-stream' } };
const NOT_YET = /^warning: the text of the final task is printed when it is whole/m;

describe('--stream', () => {
  it('writes the text of the final task as it comes, and exactly the result in the end', async () => {
    const gate = createGate();
    const rest = `${chunkOf('star')}${chunkOf('.\n')}${STREAM_END}`;
    const scene = await createScene({ 'crew.yaml': CREW_TEXT }, [
      text('Facts.'),
      inParts(
        `${chunkOf('<think>Hm.</think>')}${chunkOf('\nA ')}${chunkOf('new ')}${chunkOf('big ')}`,
        gate.opened,
        rest,
      ),
    ]);
    const run = scene.start([...STREAM, '--quiet']);
    let early = '';
    await new Promise<void>((resolve) => {
      run.child.stdout?.on('data', (piece: Buffer) => {
        early += piece.toString();
        if (early === 'A new ') resolve();
      });
    });
    gate.open();
    expect(await run.ended).toEqual({ exitCode: 0, stdout: 'A new big star.\n', stderr: '' });
    expect(scene.server.requests.map(({ body }) => body.stream ?? false)).toEqual([false, true]);
    expect(scene.query('SELECT raw FROM task_outputs ORDER BY position')).toEqual([
      { raw: 'Facts.' },
      { raw: 'A new big star.' },
    ]);
  });

  it('counts the same tokens and costs as without it', async () => {
    const scene = await createScene({ 'crew.yaml': CREW_TEXT }, () =>
      text('A star.', { usage: { input: 1000, output: 50, cached: 400, reasoning: 20 } }),
    );
    await scene.crew(STREAM);
    await scene.crew(['kickoff', 'crew.yaml']);
    const [streamed, whole] = scene.query(`SELECT input_tokens, output_tokens, cached_input_tokens, reasoning_tokens,
      requests, cost_usd, unpriced_requests FROM runs`);
    expect(streamed).toEqual(whole);
    const [one, two] = scene.query<{
      all: string;
    }>(`SELECT group_concat(path || request || response || fingerprint) AS "all"
      FROM steps GROUP BY run_id`);
    expect(one).toEqual(two);
  });

  it('may stand in the file too', async () => {
    const scene = await createScene({ 'crew.yaml': `stream: true\n${CREW_TEXT}` }, () => text('A star.'));
    expect((await scene.crew(['kickoff', 'crew.yaml', '--quiet'])).stdout).toBe('A star.\n');
    expect(scene.server.requests.map(({ body }) => body.stream ?? false)).toEqual([false, true]);
  });

  it('begins anew where the stream breaks, and says where the result begins', async () => {
    const scene = await createScene({ 'crew.yaml': CREW_TEXT }, [
      text('Facts.'),
      { kind: 'cut-off', body: chunkOf('A sun, ') + chunkOf('\nand ') + chunkOf('more '), ending: 'close' },
      text('A star.'),
    ]);
    const outcome = await scene.crew(STREAM);
    expect(scene.transcript(outcome)).toMatchInlineSnapshot(`
      "exit 0
      --- stdout
      A sun, 
      and 
      A star.
      --- stderr
      brief run <run> · sequential · 2 tasks
      find 1/2 · Writer
      ✓ find completed · <time> · 15 tokens · <$0.0001
      write 2/2 · Writer
      warning: openai/gpt-4.1-mini: the connection failed; trying again in <time> (2 of 2)
      ✓ write completed · <time> · 15 tokens · <$0.0001
      warning: the answer was begun anew: on stdout the result begins at line 3, and what stands before it is not part of it
      done · run <run> · <time> · 30 tokens · <$0.0001
      see it: crew show <run>
      "
    `);
  });

  it('writes nothing twice where the second attempt says the same', async () => {
    const scene = await createScene({ 'crew.yaml': CREW_TEXT }, [
      text('Facts.'),
      raw(chunkOf('A ') + chunkOf('star ') + event({ error: { message: 'overloaded', type: 'server_error' } }), SSE),
      text('A star is born.'),
    ]);
    const { exitCode, stdout } = await scene.crew([...STREAM, '--quiet']);
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: 'A star is born.\n' });
  });

  it('ends the line of a run that fails', async () => {
    const broken = raw(chunkOf('A ') + chunkOf('star '), SSE);
    const scene = await createScene({ 'crew.yaml': CREW_TEXT }, [text('Facts.'), broken, broken]);
    expect(scene.transcript(await scene.crew([...STREAM, '--quiet']))).toMatchInlineSnapshot(`
      "exit 6
      --- stdout
      A star
      --- stderr
      error: task write: openai/gpt-4.1-mini: the answer cannot be read (2 attempts): its stream ended before the answer did
      hint: Go on later; if base_url is set, check that an API of this provider is there (most servers want it to end in /v1).
      "
    `);
  });

  it('keeps secrets out that come in pieces', async () => {
    const crewText = CREW_TEXT.replace('max_retries: 1', 'api_key: "${MY_KEY}"');
    const scene = await createScene({ 'crew.yaml': crewText }, [
      text('Facts.'),
      raw(
        `${['The key is hunt', 'er22-is-', 'secret, a', 'nd so.'].map((piece) => chunkOf(piece)).join('')}${STREAM_END}`,
        SSE,
      ),
    ]);
    const { stdout } = await scene.crew([...STREAM, '--quiet'], { env: { MY_KEY: 'hunter22-is-secret' } });
    expect(stdout).toBe('The key is [redacted:MY_KEY], and so.\n');
  });

  it.each<[string, string]>([
    ['tools are offered', CREW_TEXT.replace('llm: m }', 'llm: m, tools: [list_directory] }')],
    ['the output has a guardrail', CREW_TEXT.replace('A text.', 'A text., guardrail: { max_words: 9 }')],
    ['every output is the result', `full_output: true\n${CREW_TEXT}`],
  ])('writes the text at its end where %s, and says so', async (_, crewText) => {
    const scene = await createScene({ 'crew.yaml': crewText }, () => text('A star.'));
    const { stdout, stderr, exitCode } = await scene.crew(STREAM);
    expect(exitCode).toBe(0);
    expect(stdout.endsWith('A star.\n')).toBe(true);
    expect(stderr).toMatch(NOT_YET);
    expect((await scene.crew([...STREAM, '--quiet'])).stderr).toBe('');
  });

  it('gives a cassette its answer at once', async () => {
    const scene = await createScene({ 'crew.yaml': CREW_TEXT }, [text('Facts.'), text('A star.')]);
    expect((await scene.crew([...STREAM, '--quiet', '--record', 'c.yaml'])).exitCode).toBe(0);
    const offline = await scene.crew([...STREAM, '--quiet', '--cassette', 'c.yaml'], {
      env: { OPENAI_API_KEY: undefined },
    });
    expect(offline).toEqual({ exitCode: 0, stdout: 'A star.\n', stderr: '' });
    const rows = await scene.crew(['kickoff', 'crew.yaml', '--stream', '--cassette', 'c.yaml', '--format', 'jsonl']);
    expect(deltasIn(rows).join('')).toBe('A star.');
  });

  it('makes deltas of jsonl, and nothing of json', async () => {
    const scene = await createScene({ 'crew.yaml': CREW_TEXT }, () => text('A star.'));
    const rows = await scene.crew([...STREAM, '--format', 'jsonl']);
    expect(deltasIn(rows).join('')).toBe('A star.');
    const { stdout, stderr } = await scene.crew([...STREAM, '--format', 'json']);
    expect(JSON.parse(stdout)).toMatchObject({ raw: 'A star.' });
    expect(stderr.split('\n')[0]).toBe('note: --stream does nothing with --format json, whose result is one object');
    expect(scene.server.requests.map(({ body }) => body.stream ?? false)).toEqual([false, true, false, false]);
  });

  it('writes the text and the progress one after the other on a terminal', async () => {
    const scene = await createScene({ 'crew.yaml': CREW_TEXT }, [text('Facts.'), text('A star\nis born.')]);
    const { stderr } = await scene.crewOnTerminal(STREAM, [], { isAllTerminal: true });
    expect(scene.tidy(stderr)).toMatchInlineSnapshot(`
      "brief run <run> · sequential · 2 tasks
      find 1/2 · Writer
      ✓ find completed · <time> · 15 tokens · <$0.0001
      write 2/2 · Writer
      A star
      is born.
      ✓ write completed · <time> · 15 tokens · <$0.0001
      done · run <run> · <time> · 30 tokens · <$0.0001
      see it: crew show <run>
      "
    `);
  });

  it('takes the spinner away before the first text', async () => {
    const scene = await createScene({ 'crew.yaml': CREW_TEXT }, [text('Facts.'), text('A star\nis born.')]);
    const { stderr } = await scene.crewOnTerminal(STREAM, [], { isAllTerminal: true, env: { TERM: 'xterm' } });
    // The line is cleared, then comes the text, whole.
    const shown = stderr.replaceAll('\u001B[', '^');
    expect(shown).toMatch(/\^1G(?:\^0K)?\^\?25hA star\nis born\.\n/);
  });

  it('goes on after Ctrl-C in the middle of the text', async () => {
    const stuck = inParts(chunkOf('A ') + chunkOf('sun '), new Promise(() => undefined), '');
    const scene = await createScene({ 'crew.yaml': CREW_TEXT }, [text('Facts.'), stuck, text('A star.')]);
    const run = scene.start([...STREAM, '--quiet']);
    await new Promise<void>((resolve) => run.child.stdout?.once('data', () => resolve()));
    run.child.kill('SIGINT');
    const { exitCode, stdout } = await run.ended;
    expect({ exitCode, stdout: stdout.endsWith('\n') }).toEqual({ exitCode: 130, stdout: true });
    expect(await scene.crew(['resume', '--quiet', '--stream'])).toEqual({
      exitCode: 0,
      stdout: 'A star.\n',
      stderr: '',
    });
  });

  it('is refused for several runs', async () => {
    const scene = await createScene({ 'crew.yaml': CREW_TEXT, 'items.jsonl': '{}\n' });
    expect(await scene.refusal([...STREAM, '--for-each', 'items.jsonl'])).toMatchInlineSnapshot(`
      "
      error: several runs would write between each other: --stream goes without --for-each
      "
    `);
  });
});

describe('the library', () => {
  it('is told the text as it comes where it asks for it', async () => {
    const scene = await createScene({ 'crew.yaml': CREW_TEXT }, () => text('A big star.'));
    const env = { OPENAI_API_KEY: 'key', OPENAI_BASE_URL: scene.server.url };
    const crew = await loadCrew(`${scene.folder}/crew.yaml`, { env, workingDirectory: scene.folder });
    const pieces: string[] = [];
    const onEvent = (told: RunEvent): void => {
      if (told.type === 'model-call-delta') pieces.push(`${told.taskKey}: ${told.text}`);
    };
    const output = await crew.kickoff({}, { stream: true, onEvent });
    expect(pieces.length).toBeGreaterThan(1);
    expect(pieces.map((piece) => piece.replace('write: ', '')).join('')).toBe(output.raw);
    pieces.length = 0;
    await crew.kickoff({}, { onEvent });
    expect(pieces).toEqual([]);
  });
});

/** The pieces of text among the rows of `--format jsonl`. */
function deltasIn({ stdout }: ProcessOutcome): string[] {
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { readonly type: string; readonly text: string })
    .flatMap(({ type, text: piece }) => (type === 'model-call-delta' ? [piece] : []));
}
