import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  after,
  type ChatRequestBody,
  createGate,
  failure,
  type ServerAnswer,
  text,
  toolCalls,
} from '../helpers/provider-server.js';
import { createScene, type ProcessOutcome, type Scene } from '../helpers/run-process.js';

const TOOL = `export default {
  description: 'Reads a page.', parameters: { type: 'object', properties: { page: { type: 'number' } } },
  execute: ({ page }) => \`Page \${page}: \${'word '.repeat(page > 9 ? 3000 : 120)}\`,
};
`;
const crewWith = ({
  model = 'context_window: 1000, max_tokens: 100',
  agent = '',
  crew = '',
} = {}): string => `name: brief
models: { m: { model: openai/house, max_retries: 0, price: { input: 1, output: 1 }, ${model} } }
agents:
  reader: { role: Reader, goal: Read, backstory: You read., llm: m, tools: [./read.js]${agent} }
tasks:
  read: { description: Read it., expected_output: What it says. }
${crew}
`;
const KICKOFF = ['kickoff', 'crew.yaml'];

const page = (number: number): ServerAnswer =>
  toolCalls([{ name: 'read', arguments: { page: number }, id: `p${number}` }]);
const isSummary = ({ messages }: ChatRequestBody): boolean => messages.length === 1;
/** Pages in their order, then the result. Requests for a summary are answered beside. */
const reading = (pages: readonly number[], onSummary: ServerAnswer = text('Pages read.')) => {
  let next = 0;
  return (body: ChatRequestBody): ServerAnswer => {
    if (isSummary(body)) return onSummary;
    const number = pages[next];
    next += 1;
    return number === undefined ? text('It says words.') : page(number);
  };
};
const files = (crew: string) => ({ 'crew.yaml': crew, 'read.js': TOOL });
const roles = ({ messages }: ChatRequestBody): string => messages.map(({ role }) => role[0]).join('');
const asked = ({ server }: Scene, from = 0): string[] => server.requests.slice(from).map(({ body }) => roles(body));
const shown = (scene: Scene, outcome: ProcessOutcome): string =>
  scene
    .transcript(outcome)
    .replaceAll(/crew resume [a-z0-9]{8}/g, 'crew resume <run>')
    .replaceAll(/(?:word ?){20,}/g, '<words>');
const SIX = [1, 2, 3, 4, 5, 6];

describe('a conversation that no longer fits', () => {
  it('is summed up, told, shown, and answered from a cassette', async () => {
    const scene = await createScene(files(crewWith()), reading(SIX));
    expect(shown(scene, await scene.crew([...KICKOFF, '--record', 'c.yaml']))).toMatchInlineSnapshot(`
      "exit 0
      --- stdout
      It says words.
      --- stderr
      brief run <run> · sequential · 1 task
      read 1/1 · Reader
        Reader uses read {"page":1}
        Reader uses read {"page":2}
        Reader uses read {"page":3}
        Reader uses read {"page":4}
        Reader uses read {"page":5}
        Reader uses read {"page":6}
      warning: the conversation of Reader is too long for openai/house: 4 turns are summed up, 1,009 → 410 tokens
      ✓ read completed · <time> · 120 tokens · $0.0001
      done · run <run> · <time> · 120 tokens · $0.0001
      see it: crew show <run>
      "
    `);
    expect(asked(scene).slice(-2)).toEqual(['u', 'suuatat']);
    const calls = scene.server.requests.length;
    const steps = shown(scene, await scene.crew(['show', '--steps']));
    expect(
      steps
        .split('\n')
        .filter((line) => /sums up|in place of/.test(line))
        .map((line) => line.trim()),
    ).toMatchInlineSnapshot(`
      [
        "├─ ✓ model openai/house sums up the conversation  Reader      15  <$0.0001  <time>",
        "in place of 8 messages:",
      ]
    `);
    const again = await scene.crew([...KICKOFF, '--cassette', 'c.yaml', '--quiet']);
    expect(again).toMatchObject({ exitCode: 0, stdout: 'It says words.\n' });
    expect(scene.server.requests).toHaveLength(calls);
  });

  it('is killed while it is summed up, and goes on without asking anything twice', async () => {
    const gate = createGate();
    const scene = await createScene(files(crewWith()), reading(SIX, after(gate.opened, text('Pages read.'))));
    const { child, ended } = scene.start(KICKOFF);
    await scene.server.waitForRequests(7);
    child.kill('SIGKILL');
    await ended;
    gate.open();
    const before = scene.server.requests.length;
    expect((await scene.crew(['resume', '--quiet'])).stdout).toBe('It says words.\n');
    expect(asked(scene, before)).toEqual(['u', 'suuatat']);
  });

  it('has a result cut that is too long by itself', async () => {
    const scene = await createScene(files(crewWith()), reading([10]));
    expect(shown(scene, await scene.crew(KICKOFF))).toMatchInlineSnapshot(`
      "exit 0
      --- stdout
      It says words.
      --- stderr
      brief run <run> · sequential · 1 task
      read 1/1 · Reader
        Reader uses read {"page":10}
      warning: the result of read is too long for openai/house: 2,294 of its 3,020 tokens are left out
      ✓ read completed · <time> · 30 tokens · <$0.0001
      done · run <run> · <time> · 30 tokens · <$0.0001
      see it: crew show <run>
      "
    `);
    const told = String(scene.server.requests[1]?.body.messages.at(-1)?.content);
    expect(told.replaceAll(/(?:word ?)+/g, '<words>')).toMatchInlineSnapshot(`
      "Page 10: <words>
      [… 2,294 tokens left out …]
       <words>"
    `);
  });

  it('ends the task with exit 4 where it must stay as it is, and goes on once it may be shortened', async () => {
    const crew = crewWith({ agent: ', respect_context_window: false' });
    const scene = await createScene(files(crew), reading(SIX));
    expect(shown(scene, await scene.crew(KICKOFF))).toMatchInlineSnapshot(`
      "exit 4
      --- stderr
      brief run <run> · sequential · 1 task
      read 1/1 · Reader
        Reader uses read {"page":1}
        Reader uses read {"page":2}
        Reader uses read {"page":3}
        Reader uses read {"page":4}
        Reader uses read {"page":5}
        Reader uses read {"page":6}
      ✗ read failed · <time> · 90 tokens · <$0.0001
      error: task read: the conversation of Reader has about 1,009 tokens, and openai/house has room for 900 of the context window of 1,000, less its answer
      hint: Set agents.reader.respect_context_window: true, so that it is shortened, or take a model with a larger window, and go on with crew resume <run> --with-current.
      failed · run <run> · <time> · 90 tokens · <$0.0001
      see it: crew show <run> --steps
      "
    `);
    expect((await scene.crew(['resume', '--quiet'])).exitCode).toBe(4);
    writeFileSync(join(scene.folder, 'crew.yaml'), crewWith());
    const before = scene.server.requests.length;
    expect((await scene.crew(['resume', '--with-current', '--quiet'])).stdout).toBe('It says words.\n');
    expect(asked(scene, before)).toEqual(['u', 'suuatat']);
  });

  it('is shortened when the provider refuses it, which a resumed and a recorded run know', async () => {
    const tooLong = failure(400, {
      error: { message: 'Too many tokens.', type: 'invalid_request_error', code: 'context_length_exceeded' },
    });
    const answer = reading([10, 10]);
    const scene = await createScene(files(crewWith({ model: 'max_tokens: 100' })), (body) =>
      !isSummary(body) && JSON.stringify(body).length > 20_000 ? tooLong : answer(body),
    );
    expect(shown(scene, await scene.crew([...KICKOFF, '--record', 'c.yaml']))).toMatchInlineSnapshot(`
      "exit 0
      --- stdout
      It says words.
      --- stderr
      brief run <run> · sequential · 1 task
      read 1/1 · Reader
        Reader uses read {"page":10}
        Reader uses read {"page":10}
      warning: the result of read is too long for openai/house: 432 of its 3,020 tokens are left out
      warning: the conversation of Reader is too long for openai/house: 1 turn is summed up, 6,762 → 2,965 tokens
      ✓ read completed · <time> · 75 tokens · <$0.0001
      done · run <run> · <time> · 75 tokens · <$0.0001
      see it: crew show <run>
      "
    `);
    expect(asked(scene)).toEqual(['su', 'suat', 'suatat', 'u', 'u', 'suuat']);
    expect(scene.query("SELECT path, status FROM steps WHERE kind = 'model' ORDER BY rowid")).toMatchObject([
      { path: 'read/llm/1' },
      { path: 'read/llm/2' },
      { path: 'read/llm/3', status: 'completed' },
      { path: 'read/summary/4/llm/1' },
      { path: 'read/summary/4/2/llm/1' },
      { path: 'read/llm/4' },
    ]);
    const again = await scene.crew([...KICKOFF, '--cassette', 'c.yaml', '--quiet']);
    expect(again).toMatchObject({ exitCode: 0, stdout: 'It says words.\n' });
  });

  it('is refused for good where nothing can be left out', async () => {
    const scene = await createScene(files(crewWith({ model: 'max_tokens: 100' })), () =>
      failure(400, 'prompt is too long: 210000 tokens > 200000 maximum'),
    );
    expect(shown(scene, await scene.crew(KICKOFF))).toMatchInlineSnapshot(`
      "exit 4
      --- stderr
      brief run <run> · sequential · 1 task
      read 1/1 · Reader
      ✗ read failed · <time> · 0 tokens · $0
      error: task read: openai/house refused the conversation of Reader, about 85 tokens, as too long for it: prompt is too long: 210000 tokens > 200000 maximum
      hint: Give the task less (context with as: summary or max_tokens, shorter inputs), or take a model with a larger window, and go on with crew resume <run> --with-current.
      failed · run <run> · <time> · 0 tokens · $0
      see it: crew show <run> --steps
      "
    `);
    expect(asked(scene)).toEqual(['su']);
  });
});

describe('context', () => {
  const CREW = `name: brief
models: { m: { model: openai/gpt-4.1-mini, max_retries: 0 } }
agents:
  analyst: { role: Analyst, goal: Find facts, backstory: You search., llm: m }
  writer: { role: Writer, goal: Write well, backstory: You write., llm: m }
tasks:
  facts:
    description: Find facts.
    expected_output: Facts.
    agent: analyst
    output_json: { type: object, properties: { sun: { type: array } }, required: [sun] }
  notes: { description: Take notes., expected_output: Notes., agent: analyst, context: [] }
  report: { description: Report all., expected_output: A report., agent: analyst, context: [] }
  write:
    description: Write it.
    expected_output: A text.
    agent: writer
    context:
      - { task: facts, as: json.sun.0 }
      - { task: notes, as: summary, max_tokens: 100 }
      - { task: report, max_tokens: 30 }
`;
  const answer = (body: ChatRequestBody): ServerAnswer => {
    const words = JSON.stringify(body.messages);
    if (isSummary(body)) return text('Short notes.');
    if (words.includes('Find facts.')) return text('{"sun":["hot","bright"]}');
    if (words.includes('Take notes.')) return text('Long notes.');
    if (words.includes('Report all.')) return text('word '.repeat(100));
    return text('Written.');
  };
  const context = ({ server }: Scene): string =>
    /Results of earlier tasks:[^]*<\/result>/.exec(String(server.requests.at(-1)?.body.messages[1]?.content))?.[0] ??
    '';

  it('is given in the form that the task asks for; what is cut is said', async () => {
    const scene = await createScene({ 'crew.yaml': CREW }, answer);
    const outcome = await scene.crew([...KICKOFF, '--concurrency', '1', '--record', 'c.yaml']);
    expect(shown(scene, outcome)).toMatchInlineSnapshot(`
      "exit 0
      --- stdout
      Written.
      --- stderr
      brief run <run> · sequential · 4 tasks
      facts 1/4 · Analyst
      ✓ facts completed · <time> · 15 tokens · <$0.0001
      notes 2/4 · Analyst
      ✓ notes completed · <time> · 15 tokens · <$0.0001
      report 3/4 · Analyst
      ✓ report completed · <time> · 15 tokens · <$0.0001
      write 4/4 · Writer
      warning: context of write: the last 80 tokens of report are left out (max_tokens 30)
      ✓ write completed · <time> · 30 tokens · <$0.0001
      done · run <run> · <time> · 75 tokens · <$0.0001
      see it: crew show <run>
      "
    `);
    expect(context(scene)).toMatchInlineSnapshot(`
      "Results of earlier tasks:

      <result task="facts">
      hot
      </result>

      <result task="notes">
      Short notes.
      </result>

      <result task="report">
      word word word word word word word word word word word word word word word word word word word word
      [… 80 tokens left out …]
      </result>"
    `);
    const steps = shown(scene, await scene.crew(['show', '--steps']));
    expect(steps).toMatch(/model openai\/gpt-4\.1-mini sums up notes +Writer/);
    expect((await scene.crew([...KICKOFF, '--cassette', 'c.yaml', '--quiet'])).stdout).toBe('Written.\n');
  });

  it('in another form makes the task stale', async () => {
    const scene = await createScene({ 'crew.yaml': CREW }, answer);
    await scene.crew([...KICKOFF, '--quiet']);
    writeFileSync(join(scene.folder, 'crew.yaml'), CREW.replace('json.sun.0', 'json.sun.1'));
    const plan = await scene.crew(['replay', '--auto', '--dry-run']);
    expect(plan.stdout + plan.stderr).toMatch(/write .*context changed/);
    const before = scene.server.requests.length;
    expect((await scene.crew(['replay', '--auto', '--quiet'])).stdout).toBe('Written.\n');
    expect(asked(scene, before)).toEqual(['u', 'su']);
    expect(context(scene)).toContain('<result task="facts">\nbright\n</result>');
  });
});

describe('function_calling_llm', () => {
  it('is called for turns with tools; a budget, prices and history know which model it was', async () => {
    const scene = await createScene(
      files(crewWith({ model: 'max_tokens: 100', agent: ', function_calling_llm: openai/gpt-4.1-nano' })),
      reading([1]),
    );
    const outcome = await scene.crew([...KICKOFF, '--format', 'json', '--quiet']);
    expect(outcome.exitCode).toBe(0);
    expect(scene.server.requests.map(({ body }) => `${body.model} ${body.tools?.length ?? 0}`)).toEqual([
      'gpt-4.1-nano 1',
      'gpt-4.1-nano 1',
      'house 0',
    ]);
    expect(scene.query("SELECT name FROM steps WHERE kind = 'model' ORDER BY rowid")).toEqual([
      { name: 'openai/gpt-4.1-nano' },
      { name: 'openai/gpt-4.1-nano' },
      { name: 'openai/house' },
    ]);
  });
});

describe('max_tpm', () => {
  it('makes calls wait, and is told', async () => {
    const scene = await createScene(files(crewWith({ model: 'max_tokens: 100', crew: 'max_tpm: 300' })), reading([1]));
    const { child, ended } = scene.start(KICKOFF);
    let told = '';
    await new Promise<void>((resolve) =>
      child.stderr?.on('data', (chunk: Buffer) => {
        told += chunk.toString();
        if (told.includes('max_tpm')) resolve();
      }),
    );
    child.kill('SIGINT');
    expect(shown(scene, await ended)).toMatchInlineSnapshot(`
      "exit 130
      --- stderr
      brief run <run> · sequential · 1 task
      read 1/1 · Reader
        Reader uses read {"page":1}
      warning: a call of about 339 tokens is above max_tpm 300: it goes with no other call in the same minute
      warning: waiting <time> for max_tpm 300
      ✗ read interrupted · <time> · 15 tokens · <$0.0001
      error: interrupted
      interrupted · run <run> · <time> · 15 tokens · <$0.0001
      see it: crew show <run> --steps
      go on: crew resume <run>
      "
    `);
    expect(scene.server.requests).toHaveLength(1);
  });
});
