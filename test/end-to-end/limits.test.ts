import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  after,
  type ChatRequestBody,
  createGate,
  failure,
  hang,
  type ServerAnswer,
  text,
  toolCalls,
} from '../helpers/provider-server.js';
import { createScene, type ProcessOutcome, type Scene } from '../helpers/run-process.js';

/** A call costs at most $1; what it does cost is its output: 100 tokens are $0.10. */
const crewWith = (settings: string): string => `name: brief
models:
  m: { model: openai/gpt-4.1-mini, max_retries: 0, max_tokens: 1000, price: { input: 0, output: 1000 } }
agents:
  analyst: { role: Analyst, goal: Find facts, backstory: You search., llm: m }
tasks:
  research: { description: Research solar., expected_output: Facts. }
  outline: { description: Outline it., expected_output: An outline. }
  write: { description: Write it., expected_output: A text. }
${settings}
`;
const KICKOFF = ['kickoff', 'crew.yaml'];

const taskIn = ({ messages }: ChatRequestBody): string =>
  /Task: (\w+)/.exec(JSON.stringify(messages[1]?.content))?.[1] ?? '';
const answer = (body: ChatRequestBody, outputTokens = 800): ServerAnswer =>
  text(`${taskIn(body)} done.`, { usage: { input: 10, output: outputTokens } });

/** What tasks were asked for, in order. */
const asked = (scene: Scene, from = 0): string[] => scene.server.requests.slice(from).map(({ body }) => taskIn(body));

/** What a person reads, without the id of the run. */
const shown = (scene: Scene, outcome: ProcessOutcome): string =>
  scene.transcript(outcome).replaceAll(/crew resume [a-z0-9]{8}/g, 'crew resume <run>');

function statesIn(scene: Scene): string[] {
  const rows = scene.query<{ words: string }>(
    `SELECT task_key || ' ' || task_outputs.status AS words FROM task_outputs JOIN runs ON runs.id = run_id
    WHERE runs.rowid = (SELECT max(rowid) FROM runs) ORDER BY position`,
  );
  return rows.map(({ words }) => words);
}

describe('a budget', () => {
  it('is warned of at 80 %, and the call that it does not cover is never made; a higher one goes on with what is left', async () => {
    const scene = await createScene({ 'crew.yaml': crewWith('limits: { budget_usd: 2 }') }, (body) => answer(body));
    expect(shown(scene, await scene.crew(KICKOFF))).toMatchInlineSnapshot(`
      "exit 4
      --- stderr
      brief run <run> · sequential · 3 tasks
      research 1/3 · Analyst
      ✓ research completed · <time> · 810 tokens · $0.8000
      outline 2/3 · Analyst
      warning: $1.60 of the budget of $2.00 used
      ✓ outline completed · <time> · 810 tokens · $0.8000
      write 3/3 · Analyst
      ✗ write failed · <time> · 0 tokens · $0
      error: task write: the budget of $2.00 does not cover the next call: $1.60 is used, and openai/gpt-4.1-mini could cost up to $1.00
      hint: Go on with crew resume <run> --budget 5.2, or lower max_tokens of the model, and with it what a call can cost.
      failed · run <run> · <time> · 1,620 tokens · $1.60
      see it: crew show <run> --steps
      "
    `);
    expect(asked(scene)).toEqual(['Research', 'Outline']);
    expect(statesIn(scene)).toEqual(['research completed', 'outline completed', 'write failed']);
    expect(shown(scene, await scene.crew(['resume', '--budget', '5.2']))).toMatchInlineSnapshot(`
      "exit 0
      --- stdout
      Write done.
      --- stderr
      brief run <run> · sequential · 2 of 3 tasks done · resumed
      write 3/3 · Analyst
      ✓ write completed · <time> · 810 tokens · $0.8000
      done · run <run> · <time> · 2,430 tokens · $2.40
      see it: crew show <run>
      "
    `);
    expect(asked(scene)).toEqual(['Research', 'Outline', 'Write']);
  });

  it('from the command line stands in place of the one in the file, also a smaller one', async () => {
    const scene = await createScene({ 'crew.yaml': crewWith('limits: { budget_usd: 100 }') }, (body) => answer(body));
    expect(await scene.crew([...KICKOFF, '--budget', '1.5', '--quiet'])).toMatchObject({ exitCode: 4, stdout: '' });
    expect(asked(scene)).toEqual(['Research']);
    // The run keeps it: without a higher one there is nothing to be done.
    expect((await scene.crew(['resume', '--quiet'])).exitCode).toBe(4);
    expect(asked(scene)).toEqual(['Research']);
    expect((await scene.crew(['resume', '--budget', '$10', '--quiet'])).exitCode).toBe(0);
    expect(asked(scene)).toEqual(['Research', 'Outline', 'Write']);
  });

  it('of tasks at once is not spent twice', async () => {
    const gate = createGate();
    const scene = await createScene(
      {
        'crew.yaml': crewWith('limits: { budget_usd: 2.5 }').replaceAll(
          /(output: [\w ]+\.) }/g,
          '$1, context: [], async_execution: true }',
        ),
      },
      (body, index) => {
        if (index === 1) gate.open();
        return after(gate.opened, answer(body, 100));
      },
    );
    expect((await scene.crew([...KICKOFF, '--quiet'])).exitCode).toBe(0);
    // Each may cost $1: only two of them fit at the same time.
    expect([scene.server.requests.length, scene.server.peakInFlight]).toEqual([3, 2]);
  });

  it('needs a price of every model: else nothing is run', async () => {
    const crew = crewWith('')
      .replace('openai/gpt-4.1-mini', 'openai/house-model')
      .replace(', price: { input: 0, output: 1000 }', '');
    const scene = await createScene({ 'crew.yaml': `${crew}limits: { budget_usd: 2 }\n`, 'free.yaml': crew });
    const refused = await scene.refusal(KICKOFF);
    expect(await scene.refusal(['kickoff', 'free.yaml', '--budget', '2'])).toBe(refused);
    expect(refused).toMatchInlineSnapshot(`
      "
      error: a budget needs prices, and none is known of openai/house-model
      hint: Say what it costs under models, in US dollars per million tokens: price: { input: …, output: … } (0 where it is free).
      "
    `);
  });
});

describe('limits.max_tokens', () => {
  it('is kept before a call that could go beyond it; raised in the file, --with-current goes on', async () => {
    const file = (most: number): string => crewWith(`limits: { max_tokens: ${most} }`);
    const scene = await createScene({ 'crew.yaml': file(100_000) }, (body) => answer(body, 49_490));
    const outcome = await scene.crew(KICKOFF);
    expect(shown(scene, outcome).replaceAll(/up to [\d,]+/g, 'up to <n>')).toMatchInlineSnapshot(`
      "exit 4
      --- stderr
      brief run <run> · sequential · 3 tasks
      research 1/3 · Analyst
      ✓ research completed · <time> · 49,500 tokens · $49.49
      outline 2/3 · Analyst
      warning: 99,000 of 100,000 tokens used (limits.max_tokens)
      ✓ outline completed · <time> · 49,500 tokens · $49.49
      write 3/3 · Analyst
      ✗ write failed · <time> · 0 tokens · $0
      error: task write: limits.max_tokens of 100,000 does not cover the next call: 99,000 tokens are used, and openai/gpt-4.1-mini could take up to <n>
      hint: Raise limits.max_tokens in the crew file and go on with crew resume <run> --with-current.
      failed · run <run> · <time> · 99,000 tokens · $98.98
      see it: crew show <run> --steps
      "
    `);
    expect(asked(scene)).toEqual(['Research', 'Outline']);
    writeFileSync(join(scene.folder, 'crew.yaml'), file(200_000));
    expect((await scene.crew(['resume', '--with-current', '--quiet'])).stdout).toBe('Write done.\n');
    expect(asked(scene)).toEqual(['Research', 'Outline', 'Write']);
    expect(statesIn(scene)).toEqual(['research reused', 'outline reused', 'write completed']);
  });
});

describe('limits.max_model_calls', () => {
  it('is kept, and what was answered in the middle of a task is not asked again', async () => {
    const file = (most: number): string =>
      crewWith(`limits: { max_model_calls: ${most} }`).replace('llm: m', 'llm: m, tools: [list_directory]');
    const scene = await createScene({ 'crew.yaml': file(2) }, (body) =>
      taskIn(body) === 'Outline' && !body.messages.some(({ role }) => role === 'tool')
        ? toolCalls([{ id: 'call_1', name: 'list_directory', arguments: { path: '.' } }])
        : answer(body),
    );
    expect(shown(scene, await scene.crew(KICKOFF))).toMatchInlineSnapshot(`
      "exit 4
      --- stderr
      brief run <run> · sequential · 3 tasks
      research 1/3 · Analyst
      ✓ research completed · <time> · 810 tokens · $0.8000
      outline 2/3 · Analyst
      warning: 2 of 2 model calls made (limits.max_model_calls)
        Analyst uses list_directory {"path":"."}
      ✗ outline failed · <time> · 15 tokens · $0.0050
      error: task outline: limits.max_model_calls of 2 is reached: 2 made
      hint: Raise limits.max_model_calls in the crew file and go on with crew resume <run> --with-current.
      failed · run <run> · <time> · 825 tokens · $0.8050
      see it: crew show <run> --steps
      "
    `);
    writeFileSync(join(scene.folder, 'crew.yaml'), file(4));
    // Without --with-current the run keeps the limit that it began with, and says what has changed.
    const kept = await scene.crew(['resume']);
    expect(shown(scene, kept)).toMatchInlineSnapshot(`
      "exit 4
      --- stderr
      warning: the definition has changed: limits. Going on with the recorded one; --with-current takes the new one
      warning: 2 of 2 model calls made (limits.max_model_calls)
      brief run <run> · sequential · 1 of 3 tasks done · resumed
      outline 2/3 · Analyst
      ✗ outline failed · <time> · 15 tokens · $0.0050
      error: task outline: limits.max_model_calls of 2 is reached: 2 made
      hint: Raise limits.max_model_calls in the crew file and go on with crew resume <run> --with-current.
      failed · run <run> · <time> · 825 tokens · $0.8050
      see it: crew show <run> --steps
      "
    `);
    expect(scene.server.requests).toHaveLength(2);
    expect((await scene.crew(['resume', '--with-current', '--quiet'])).stdout).toBe('Write done.\n');
    expect(scene.server.requests.slice(2).map(({ body }) => `${taskIn(body)} ${body.messages.length}`)).toEqual([
      'Outline 4',
      'Write 2',
    ]);
  });
});

describe('a limit of time', () => {
  /** Runs until the provider has seen the call closed; gives back how long that took from its arrival on, milliseconds. */
  async function closedAfter(scene: Scene, args: readonly string[]) {
    const { ended } = scene.start(args);
    await scene.server.waitForRequests(2);
    const arrivedAt = performance.now();
    await scene.server.waitUntilIdle();
    const ms = performance.now() - arrivedAt;
    return { ms, outcome: await ended };
  }
  const hangsOnce = () => {
    let calls = 0;
    return (body: ChatRequestBody): ServerAnswer => ((calls += 1) === 2 ? hang : answer(body));
  };

  it.each([
    {
      where: 'limits.timeout',
      file: crewWith('limits: { timeout: 1s }'),
      more: [],
      warning: 'warning: <time> of <time> are over (limits.timeout)\n',
      error: 'the run took longer than its timeout of <time>',
      hint: 'which has the full time again, or give it more with --timeout',
    },
    {
      where: '--timeout',
      file: crewWith('limits: { timeout: 10m }'),
      more: ['--timeout', '1s'],
      warning: 'warning: <time> of <time> are over (limits.timeout)\n',
      error: 'the run took longer than its timeout of <time>',
      hint: 'which has the full time again, or give it more with --timeout',
    },
    {
      where: 'max_execution_time of an agent',
      file: crewWith('').replace('llm: m', 'llm: m, max_execution_time: 1s'),
      more: [],
      warning: '',
      error: 'Analyst took longer than its max_execution_time of <time>',
      hint: 'which gives it the full time again, or raise agents.analyst.max_execution_time and add --with-current',
    },
    {
      where: 'max_execution_time of a task',
      file: crewWith('').replace('An outline.', 'An outline., max_execution_time: 1'),
      more: [],
      warning: '',
      error: 'the task took longer than its max_execution_time of <time>',
      hint: 'which gives it the full time again, or raise tasks.outline.max_execution_time and add --with-current',
    },
  ])('($where) aborts the call under way, and the run goes on with resume', async (row) => {
    const scene = await createScene({ 'crew.yaml': row.file }, hangsOnce());
    const { ms, outcome } = await closedAfter(scene, [...KICKOFF, ...row.more]);
    expect(ms).toBeLessThan(2000);
    expect(shown(scene, outcome)).toBe(`exit 4
--- stderr
brief run <run> · sequential · 3 tasks
research 1/3 · Analyst
✓ research completed · <time> · 810 tokens · $0.8000
outline 2/3 · Analyst
${row.warning}✗ outline failed · <time> · 0 tokens · $0
error: task outline: ${row.error}
hint: Go on with crew resume <run>, ${row.hint}.
failed · run <run> · <time> · 810 tokens · $0.8000
see it: crew show <run> --steps
`);
    expect(statesIn(scene)).toEqual(['research completed', 'outline failed', 'write pending']);
    expect(await scene.crew(['resume', '--quiet'])).toEqual({ exitCode: 0, stdout: 'Write done.\n', stderr: '' });
    expect(asked(scene)).toEqual(['Research', 'Outline', 'Outline', 'Write']);
  });
});

describe('max_rpm', () => {
  it.each([
    { smaller: 'the crew', crew: 1, agent: 100 },
    { smaller: 'the agent', crew: 100, agent: 1 },
  ])('of $smaller holds where it is the smaller one, and Ctrl-C ends the wait', async ({ crew, agent }) => {
    const file = crewWith(`max_rpm: ${crew}`).replace('llm: m', `llm: m, max_rpm: ${agent}`);
    const scene = await createScene({ 'crew.yaml': file }, (body) => answer(body));
    const { child, ended } = scene.start(KICKOFF);
    await new Promise<void>((resolve) =>
      child.stderr?.on('data', (chunk: Buffer) => {
        if (chunk.toString().includes('waiting')) resolve();
      }),
    );
    const stoppedAt = performance.now();
    child.kill('SIGINT');
    const outcome = await ended;
    expect(performance.now() - stoppedAt).toBeLessThan(1000);
    expect(outcome.exitCode).toBe(130);
    expect(scene.tidy(outcome.stderr)).toContain('warning: waiting <time> for max_rpm 1\n');
    expect(asked(scene)).toEqual(['Research']);
    expect(statesIn(scene)).toEqual(['research completed', 'outline interrupted', 'write pending']);
  });

  it('of an agent does not hold up another one', async () => {
    const file = `max_rpm: 100
agents:
  slow: { role: Slow, goal: g, backstory: b, llm: openai/gpt-4.1-mini, max_rpm: 1 }
  fast: { role: Fast, goal: g, backstory: b, llm: openai/gpt-4.1-mini }
tasks:
${['slow', 'slow', 'fast', 'fast', 'fast']
  .map(
    (agent, index) =>
      `  t${index}: { description: T${index}., expected_output: o, agent: ${agent}, context: [], async_execution: true }`,
  )
  .join('\n')}
`;
    const scene = await createScene({ 'crew.yaml': file }, (body) => answer(body));
    const { child, ended } = scene.start([...KICKOFF, '--quiet']);
    await scene.server.waitForRequests(4);
    await expect
      .poll(() => statesIn(scene))
      .toEqual(['t0 completed', 't1 running', 't2 completed', 't3 completed', 't4 completed']);
    child.kill('SIGINT');
    expect((await ended).exitCode).toBe(130);
    expect(scene.server.requests).toHaveLength(4);
  });

  it('is kept by two processes together with share_rate_limit: half at once, the rest evenly spaced', async () => {
    const tasks = Array.from(
      { length: 33 },
      (_, index) => `  t${index}: { description: T${index}., expected_output: o, context: [], async_execution: true }`,
    );
    const scene = await createScene(
      {
        'crew.yaml': `max_rpm: 120
share_rate_limit: true
agents:
  worker: { role: Worker, goal: g, backstory: b, llm: openai/gpt-4.1-mini }
tasks:
${tasks.join('\n')}
`,
      },
      answer,
    );
    const kickoff = [...KICKOFF, '--quiet', '--concurrency', '33'];
    const outcomes = await Promise.all([scene.crew(kickoff), scene.crew(kickoff)]);
    expect(outcomes.map(({ exitCode, stderr }) => [exitCode, stderr])).toEqual([
      [0, ''],
      [0, ''],
    ]);
    expect(scene.server.requests).toHaveLength(66);
    const turns = scene.query<{ at: number }>('SELECT at FROM rate_slots ORDER BY at').map(({ at }) => at);
    expect(turns).toHaveLength(66);
    const gaps = turns.slice(60).map((at, index) => at - (turns[59 + index] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(500);
    // Only as long as needed: 6 × 0.5 s after the 60th.
    expect((turns[65] ?? 0) - (turns[59] ?? 0)).toBeLessThan(3100);
  });
});

describe('a 429 with Retry-After', () => {
  it('slows down all calls of the model in the run, not only the one that met it', async () => {
    const file = `models: { m: { model: openai/gpt-4.1-mini, max_retries: 2 }, other: { model: openai/gpt-4o } }
agents:
  worker: { role: Worker, goal: g, backstory: b, llm: m }
  third: { role: Third, goal: g, backstory: b, llm: other }
tasks:
  meets: { description: Meets., expected_output: o, agent: worker, context: [], async_execution: true }
  works: { description: Works., expected_output: o, agent: worker, context: [], async_execution: true, tools: [list_directory] }
  other: { description: Other., expected_output: o, agent: third, context: [], async_execution: true, tools: [list_directory] }
`;
    const refused = createGate();
    const arrivals: { readonly task: string; readonly at: number }[] = [];
    let refusedAt = 0;
    const scene = await createScene({ 'crew.yaml': file }, (body) => {
      const task = taskIn(body);
      const isFirst = arrivals.every((arrival) => arrival.task !== task);
      arrivals.push({ task, at: performance.now() });
      if (task === 'Meets' && isFirst) {
        refusedAt = performance.now();
        setTimeout(refused.open, 200);
        return failure(429, 'slow down', { 'retry-after': '1' });
      }
      return isFirst
        ? after(refused.opened, toolCalls([{ id: 'call_1', name: 'list_directory', arguments: { path: '.' } }]))
        : answer(body);
    });
    expect((await scene.crew([...KICKOFF, '--quiet'])).exitCode).toBe(0);
    const secondOf = (name: string): number => (arrivals.filter(({ task }) => task === name)[1]?.at ?? 0) - refusedAt;
    expect(secondOf('Meets')).toBeGreaterThanOrEqual(990);
    expect(secondOf('Works')).toBeGreaterThanOrEqual(990);
    expect(secondOf('Other')).toBeLessThan(900);
  });
});

describe('the same call again and again', () => {
  it('is told to the model at the third time, and ends the task with 4 at the fifth', async () => {
    const file = crewWith('').replace('llm: m', 'llm: m, tools: [list_directory]');
    // The same arguments, however they are written.
    const spellings = ['{"path":".","depth":1}', '{ "depth": 1, "path": "." }'];
    const scene = await createScene({ 'crew.yaml': file }, (_body, index) =>
      toolCalls([{ id: `call_${index}`, name: 'list_directory', arguments: spellings[index % 2] }]),
    );
    const outcome = await scene.crew(KICKOFF);
    expect(shown(scene, outcome)).toMatchInlineSnapshot(`
      "exit 4
      --- stderr
      brief run <run> · sequential · 3 tasks
      research 1/3 · Analyst
        Analyst uses list_directory {"path":".","depth":1}
        list_directory refused: The arguments do not fit: depth: is not allowed here. Correct them and call…
        Analyst uses list_directory {"depth":1,"path":"."}
        list_directory refused: The arguments do not fit: depth: is not allowed here. Correct them and call…
        Analyst uses list_directory {"path":".","depth":1}
        list_directory refused: The arguments do not fit: depth: is not allowed here. Correct them and call…
        Analyst uses list_directory {"depth":1,"path":"."}
        list_directory refused: The arguments do not fit: depth: is not allowed here. Correct them and call…
      ✗ research failed · <time> · 75 tokens · $0.0250
      error: task research: Analyst made the same call 5 times in a row: list_directory {"path":".","depth":1}
      hint: Say in the task what to do with the result, or use a stronger model.
      failed · run <run> · <time> · 75 tokens · $0.0250
      see it: crew show <run> --steps
      go on: crew resume <run>
      "
    `);
    const told = scene.server.requests.map(({ body }) => /\n\n(.*)$/.exec(String(body.messages.at(-1)?.content))?.[1]);
    expect(told.slice(1)).toMatchInlineSnapshot(`
      [
        undefined,
        undefined,
        "You have now made this same call 3 times in a row. Use its result, or do something else.",
        "You have now made this same call 4 times in a row. Use its result, or do something else.",
      ]
    `);
    expect(scene.query("SELECT path FROM steps WHERE kind = 'tool'")).toHaveLength(4);
  });
});
