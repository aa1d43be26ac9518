import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type ChatRequestBody, createGate, after, failure, hang, text, toolCalls } from '../helpers/provider-server.js';
import { createScene, type Scene } from '../helpers/run-process.js';

const CREW = `name: brief
models: { m: { model: openai/gpt-4.1-mini, max_retries: 0 } }
inputs: { topic: solar }
agents:
  analyst: { role: Analyst, goal: Find facts, backstory: You search., llm: m }
tasks:
  research: { description: "Research {topic}.", expected_output: Facts. }
  outline: { description: Outline it., expected_output: An outline. }
  write: { description: Write it., expected_output: A text., output_file: out.md }
`;

const taskIn = ({ messages }: ChatRequestBody): string =>
  /Task: (\w+)/.exec(JSON.stringify(messages[1]?.content))?.[1] ?? '';

/** The run's row, its tasks' states, and how many calls were answered: what resume must never change for the worse. */
function stateOf(scene: Scene) {
  const [run] = scene.query<{ id: string; status: string; exit_code: number | null; requests: number }>(
    'SELECT id, status, exit_code, requests FROM runs ORDER BY started_at DESC LIMIT 1',
  );
  const tasks = scene.query<{ task_key: string; status: string }>(
    `SELECT task_key, status FROM task_outputs WHERE run_id = '${run?.id}' ORDER BY position`,
  );
  return {
    run: `${run?.status} ${run?.exit_code}`,
    tasks: tasks.map(({ task_key: key, status }) => `${key} ${status}`).join(', '),
    requests: run?.requests,
  };
}

const runIdIn = (scene: Scene): string => scene.query<{ id: string }>('SELECT id FROM runs')[0]?.id ?? '';

describe('crew resume', () => {
  it('makes only the call that failed, after the provider was down', async () => {
    let isDown = true;
    const scene = await createScene({ 'crew.yaml': CREW }, (body) =>
      isDown && taskIn(body) === 'Outline' ? failure(503, 'overloaded') : text(`${taskIn(body)} done.`),
    );
    const failed = await scene.crew(['kickoff', 'crew.yaml', '--quiet']);
    expect(failed.exitCode).toBe(6);
    expect(stateOf(scene)).toEqual({
      run: 'failed 6',
      tasks: 'research completed, outline failed, write pending',
      requests: 1,
    });
    isDown = false;
    const made = scene.server.requests.length;
    const resumed = await scene.crew(['resume']);
    expect(scene.transcript(resumed)).toMatchInlineSnapshot(`
      "exit 0
      --- stdout
      Write done.
      --- stderr
      brief run <run> · sequential · 1 of 3 tasks done · resumed
      outline 2/3 · Analyst
      ✓ outline completed · <time> · 15 tokens · <$0.0001
      write 3/3 · Analyst
      ✓ write completed · <time> · 15 tokens · <$0.0001 → out.md
      done · run <run> · <time> · 45 tokens · <$0.0001
      see it: crew show <run>
      "
    `);
    expect(scene.server.requests.slice(made).map(({ body }) => taskIn(body))).toEqual(['Outline', 'Write']);
    expect(stateOf(scene)).toEqual({
      run: 'completed 0',
      tasks: 'research completed, outline completed, write completed',
      requests: 3,
    });
    expect(readFileSync(join(scene.folder, 'out.md'), 'utf8')).toBe('Write done.\n');
  });

  it('goes on after Ctrl-C, and counts what the run took in all', async () => {
    let hangs = true;
    const reached = createGate();
    const scene = await createScene({ 'crew.yaml': CREW }, (body) => {
      if (!hangs || taskIn(body) !== 'Write') return text(`${taskIn(body)} done.`);
      reached.open();
      return hang;
    });
    const { child, ended } = scene.start(['kickoff', 'crew.yaml', '--quiet']);
    await reached.opened;
    child.kill('SIGINT');
    expect((await ended).exitCode).toBe(130);
    expect(stateOf(scene)).toMatchObject({ run: 'interrupted 130', requests: 2 });
    hangs = false;
    const resumed = await scene.crew(['resume', runIdIn(scene).slice(0, 5), '--quiet', '--format', 'json']);
    expect(JSON.parse(resumed.stdout)).toMatchObject({
      run_id: runIdIn(scene),
      status: 'completed',
      exit_code: 0,
      raw: 'Write done.',
      token_usage: { successful_requests: 3 },
    });
    expect(scene.server.requests).toHaveLength(4);
  });

  it('takes up a run whose process was killed, and shows it as interrupted until then', async () => {
    const reached = createGate();
    let hangs = true;
    const scene = await createScene({ 'crew.yaml': CREW }, (body) => {
      if (!hangs || taskIn(body) !== 'Outline') return text(`${taskIn(body)} done.`);
      reached.open();
      return hang;
    });
    const { child, ended } = scene.start(['kickoff', 'crew.yaml', '--quiet']);
    await reached.opened;
    child.kill('SIGKILL');
    await ended;
    const listed = await scene.crew(['runs', '--format', 'json']);
    expect(JSON.parse(listed.stdout)).toMatchObject([{ status: 'interrupted' }]);
    hangs = false;
    expect((await scene.crew(['resume', '--quiet'])).stdout).toBe('Write done.\n');
  });

  it('refuses a run that is at work in another process', async () => {
    const reached = createGate();
    const gate = createGate();
    const scene = await createScene({ 'crew.yaml': CREW }, (body) => {
      reached.open();
      return after(gate.opened, text(`${taskIn(body)} done.`));
    });
    const { ended } = scene.start(['kickoff', 'crew.yaml', '--quiet']);
    await reached.opened;
    const refused = await scene.crew(['resume', runIdIn(scene)]);
    expect(scene.transcript(refused).replaceAll(/process \d+ on \S+/g, 'process <number> on <host>'))
      .toMatchInlineSnapshot(`
      "exit 2
      --- stderr
      error: run <run> is at work in process <number> on <host>
      hint: Wait for its end, or stop that process first. A process of another machine or container counts as dead <time> after its last sign of life.
      "
    `);
    expect((await scene.crew(['resume'])).exitCode).toBe(2);
    gate.open();
    expect((await ended).exitCode).toBe(0);
  });

  it('gives the output of a completed run without a call', async () => {
    const scene = await createScene({ 'crew.yaml': CREW }, (body) => text(`${taskIn(body)} done.`));
    await scene.crew(['kickoff', 'crew.yaml', '--quiet']);
    const resumed = await scene.crew(['resume', runIdIn(scene)]);
    expect(scene.transcript(resumed)).toMatchInlineSnapshot(`
      "exit 0
      --- stdout
      Write done.
      --- stderr
      warning: run <run> is completed: there is nothing left to do
      done · run <run> · <time> · 45 tokens · <$0.0001
      see it: crew show <run>
      "
    `);
    expect(scene.transcript(await scene.crew(['resume']))).toMatchInlineSnapshot(`
      "exit 2
      --- stderr
      error: there is no unfinished run
      hint: \`crew runs\` lists the runs.
      "
    `);
    expect(scene.server.requests).toHaveLength(3);
  });

  it('goes on with the recorded definition where the file has changed, and says what has', async () => {
    let isDown = true;
    const scene = await createScene({ 'crew.yaml': CREW }, (body) =>
      isDown && taskIn(body) === 'Write' ? failure(503) : text(`${taskIn(body)} done.`),
    );
    await scene.crew(['kickoff', 'crew.yaml', '--quiet']);
    isDown = false;
    writeFileSync(
      join(scene.folder, 'crew.yaml'),
      `# A comment changes nothing.\n${CREW.replace('Write it.', 'Sing it.').replace('gpt-4.1-mini', 'gpt-4o')}  sing: { description: Sing., expected_output: A song. }\n`,
    );
    const resumed = await scene.crew(['resume']);
    expect(scene.transcript(resumed)).toMatchInlineSnapshot(`
      "exit 0
      --- stdout
      Write done.
      --- stderr
      warning: the definition has changed: model changed from openai/gpt-4.1-mini to openai/gpt-4o (research, outline, write); description changed (write); new (sing). Going on with the recorded one; --with-current takes the new one
      brief run <run> · sequential · 2 of 3 tasks done · resumed
      write 3/3 · Analyst
      ✓ write completed · <time> · 15 tokens · <$0.0001 → out.md
      done · run <run> · <time> · 45 tokens · <$0.0001
      see it: crew show <run>
      "
    `);
    expect(scene.server.requests.at(-1)?.body).toMatchObject({ model: 'gpt-4.1-mini' });
  });

  it('says nothing of a definition of which only a comment has changed, and goes on where it is broken or gone', async () => {
    let isDown = true;
    const scene = await createScene({ 'crew.yaml': CREW }, (body) =>
      isDown ? failure(503) : text(`${taskIn(body)} done.`),
    );
    await scene.crew(['kickoff', 'crew.yaml', '--quiet']);
    writeFileSync(join(scene.folder, 'crew.yaml'), `# New.\n${CREW}`);
    expect((await scene.crew(['resume'])).stderr).not.toContain('warning');
    writeFileSync(join(scene.folder, 'crew.yaml'), 'agents: 7\n');
    isDown = false;
    expect(scene.transcript(await scene.crew(['resume']))).toMatchInlineSnapshot(`
      "exit 0
      --- stdout
      Write done.
      --- stderr
      warning: <folder>/crew.yaml is no longer a sound definition: going on with the recorded one
      brief run <run> · sequential · 3 tasks · resumed
      research 1/3 · Analyst
      ✓ research completed · <time> · 15 tokens · <$0.0001
      outline 2/3 · Analyst
      ✓ outline completed · <time> · 15 tokens · <$0.0001
      write 3/3 · Analyst
      ✓ write completed · <time> · 15 tokens · <$0.0001 → out.md
      done · run <run> · <time> · 45 tokens · <$0.0001
      see it: crew show <run>
      "
    `);
  });

  it('takes the new definition as a new run, with what still holds', async () => {
    let isDown = true;
    const scene = await createScene({ 'crew.yaml': CREW }, (body) =>
      isDown && taskIn(body) === 'Write' ? failure(503) : text(`${taskIn(body)} done.`),
    );
    await scene.crew(['kickoff', 'crew.yaml', '--quiet']);
    isDown = false;
    writeFileSync(join(scene.folder, 'crew.yaml'), CREW.replace('Outline it.', 'Draft it.'));
    const made = scene.server.requests.length;
    expect(scene.transcript(await scene.crew(['resume', '--with-current']))).toMatchInlineSnapshot(`
      "exit 0
      --- stdout
      Write done.
      --- stderr
      Replay of <run>
      1  research  reused     from <run>/research
      2  outline   run again  description changed
      3  write     run again  never finished: failed (openai/gpt-4.1-mini: the provider failed (503 Service Unavailable): failure 503)
      brief run <run> · sequential · 1 of 3 tasks done · replay of <run>
      ↺ research reused from <run>/research
      outline 2/3 · Analyst
      ✓ outline completed · <time> · 15 tokens · <$0.0001
      write 3/3 · Analyst
      ✓ write completed · <time> · 15 tokens · <$0.0001 → out.md
      done · run <run> · <time> · 30 tokens · <$0.0001
      see it: crew show <run>
      "
    `);
    expect(scene.server.requests.slice(made).map(({ body }) => taskIn(body))).toEqual(['Draft', 'Write']);
    // The old run is taken up by the new one.
    expect((await scene.crew(['resume'])).exitCode).toBe(2);
  });

  it('follows a run to the one that took it up, and repeats nothing', async () => {
    let isDown = true;
    const scene = await createScene({ 'crew.yaml': CREW }, (body) =>
      isDown && taskIn(body) === 'Write' ? failure(503) : text(`${taskIn(body)} done.`),
    );
    await scene.crew(['kickoff', 'crew.yaml', '--quiet', '--record', 'tape.yaml']);
    const first = runIdIn(scene);
    writeFileSync(join(scene.folder, 'crew.yaml'), CREW.replace('Outline it.', 'Draft it.'));
    expect((await scene.crew(['resume', first, '--with-current', '--quiet'])).exitCode).toBe(6);
    isDown = false;
    const made = scene.server.requests.length;
    for (const more of [['--with-current'], ['--with-current'], []]) {
      const again = await scene.crew(['resume', first, ...more, '--quiet']);
      expect(again).toMatchObject({ exitCode: 0, stdout: 'Write done.\n' });
    }
    expect(scene.server.requests.slice(made).map(({ body }) => taskIn(body))).toEqual(['Write']);
    // What was asked for at the kickoff still holds.
    expect(existsSync(join(scene.folder, 'tape.yaml'))).toBe(true);
  });

  it('keeps the calls of an unfinished task when only its model changes', async () => {
    let isDown = true;
    const crew = CREW.replace('llm: m', 'llm: m, tools: [list_directory]');
    const scene = await createScene({ 'crew.yaml': crew }, (body) => {
      if (taskIn(body) !== 'Research') return text(`${taskIn(body)} done.`);
      if (!body.messages.some(({ role }) => role === 'tool'))
        return toolCalls([{ id: 'call_1', name: 'list_directory', arguments: { path: '.' } }]);
      return isDown ? failure(503) : text('Research done.');
    });
    await scene.crew(['kickoff', 'crew.yaml', '--quiet']);
    isDown = false;
    writeFileSync(join(scene.folder, 'crew.yaml'), crew.replace('gpt-4.1-mini', 'gpt-4o'));
    const made = scene.server.requests.length;
    const resumed = await scene.crew(['resume', '--with-current', '--quiet']);
    expect(resumed).toMatchObject({ exitCode: 0, stdout: 'Write done.\n' });
    const calls = scene.server.requests
      .slice(made)
      .map(({ body }) => `${taskIn(body)} ${body.model} ${body.messages.length}`);
    expect(calls).toEqual(['Research gpt-4o 4', 'Outline gpt-4o 2', 'Write gpt-4o 2']);
  });

  it('lets a task that failed by its own answers go on where it was, with new attempts', async () => {
    let isSilly = true;
    const scene = await createScene(
      {
        'crew.yaml': CREW.replace(
          'expected_output: An outline.',
          'expected_output: An outline., guardrail_max_retries: 1, output_json: { type: object, properties: { a: { type: string } }, required: [a] }',
        ),
      },
      (body) => (taskIn(body) === 'Outline' ? text(isSilly ? 'no JSON' : '{"a":"b"}') : text(`${taskIn(body)} done.`)),
    );
    expect((await scene.crew(['kickoff', 'crew.yaml', '--quiet'])).exitCode).toBe(3);
    isSilly = false;
    const resumed = await scene.crew(['resume']);
    expect(scene.transcript(resumed)).toMatchInlineSnapshot(`
      "exit 0
      --- stdout
      Write done.
      --- stderr
      brief run <run> · sequential · 1 of 3 tasks done · resumed
      outline 2/3 · Analyst
      ✓ outline completed · <time> · 45 tokens · <$0.0001
      write 3/3 · Analyst
      ✓ write completed · <time> · 15 tokens · <$0.0001 → out.md
      done · run <run> · <time> · 75 tokens · <$0.0001
      see it: crew show <run>
      "
    `);
    const paths = scene.query<{ path: string }>("SELECT path FROM steps WHERE task_key = 'outline' ORDER BY id");
    expect(paths.map(({ path }) => path)).toEqual(['outline/llm/1', 'outline/llm/2', 'outline/llm/3']);
  });

  it('works in the folder of the run, wherever it is called', async () => {
    let isDown = true;
    const scene = await createScene({ 'crew.yaml': CREW, 'other/place.txt': '' }, (body) =>
      isDown && taskIn(body) === 'Write' ? failure(503) : text(`${taskIn(body)} done.`),
    );
    await scene.crew(['kickoff', 'crew.yaml', '--db', 'own.db', '--quiet']);
    isDown = false;
    const resumed = await scene.crew(['resume', '--db', '../own.db', '--record', 'tape.yaml', '--quiet'], {
      cwd: join(scene.folder, 'other'),
    });
    expect(resumed).toMatchObject({ exitCode: 0, stdout: 'Write done.\n', stderr: '' });
    expect(scene.query('SELECT status FROM runs', 'own.db')).toEqual([{ status: 'completed' }]);
    expect(readFileSync(join(scene.folder, 'out.md'), 'utf8')).toBe('Write done.\n');
    expect(readFileSync(join(scene.folder, 'other/tape.yaml'), 'utf8')).toContain('path: write/llm/1');
    expect(existsSync(join(scene.folder, 'other/.crew'))).toBe(false);
  });

  it('goes on with every unfinished run, and exits as the first that fails', async () => {
    let isDown = true;
    const scene = await createScene({ 'crew.yaml': CREW }, (body) => {
      const topic = JSON.stringify(body.messages).includes('wind') ? 'wind' : 'solar';
      return isDown || topic === 'wind' ? failure(503) : text(`${taskIn(body)} done.`);
    });
    for (const topic of ['solar', 'wind', 'solar'])
      await scene.crew(['kickoff', 'crew.yaml', '-i', `topic=${topic}`, '--quiet']);
    isDown = false;
    const resumed = await scene.crew(['resume', '--all', '--quiet']);
    expect(resumed).toMatchObject({ exitCode: 6, stdout: 'Write done.\nWrite done.\n' });
    expect(scene.query('SELECT status FROM runs ORDER BY started_at')).toEqual([
      { status: 'completed' },
      { status: 'failed' },
      { status: 'completed' },
    ]);
  });
});

const PAYING = `agents:
  clerk: { role: Clerk, goal: Pay, backstory: You pay., tools: [./pay.js], llm: openai/gpt-4.1-mini }
tasks:
  pay: { description: Pay the bill., expected_output: A receipt. }
`;

const PAY = `import { appendFileSync } from 'node:fs';
export default {
  description: 'Pays.',
  parameters: { type: 'object', properties: { amount: { type: 'number' } } },
  async execute({ amount }) {
    appendFileSync('paid.txt', amount + '\\n');
    if (!process.env.QUICK) await new Promise(() => undefined);
    return 'paid ' + amount;
  },
};
`;

describe('a call with effects that was under way', () => {
  /** A run that was killed while it paid. */
  async function killWhilePaying(): Promise<Scene> {
    const scene = await createScene({ 'crew.yaml': PAYING, 'pay.js': PAY }, ({ messages }) => {
      const result = messages.find(({ role }) => role === 'tool')?.content;
      return result === undefined
        ? toolCalls([{ id: 'call_1', name: 'pay', arguments: { amount: 5 } }])
        : text(`Told: ${String(result)}`);
    });
    const { child, ended } = scene.start(['kickoff', 'crew.yaml', '--quiet']);
    await expect.poll(() => scene.query("SELECT path FROM steps WHERE kind = 'tool'").length).toBe(1);
    await expect.poll(() => readPaid(scene)).toBe('5\n');
    child.kill('SIGKILL');
    await ended;
    return scene;
  }
  const readPaid = (scene: Scene): string => {
    try {
      return readFileSync(join(scene.folder, 'paid.txt'), 'utf8');
    } catch {
      return '';
    }
  };

  it('ends with 5 where nobody can be asked', async () => {
    const scene = await killWhilePaying();
    const resumed = await scene.crew(['resume']);
    expect(scene.transcript(resumed)).toMatchInlineSnapshot(`
      "exit 5
      --- stderr
      <name> run <run> · sequential · 1 task · resumed
      error: a call was under way when the run stopped; it is not known whether it was done:
        pay {"amount":5} (pay/tool/call_1)
      hint: Look whether it happened, then: crew resume <run> --allow-repeat to make it again, or --assume-done to go on without.
      needs input · run <run> · <time> · 15 tokens · <$0.0001
      see it: crew show <run> --steps
      "
    `);
    expect(stateOf(scene)).toMatchObject({ run: 'needs_input 5' });
    expect({ requests: scene.server.requests.length, paid: readPaid(scene) }).toEqual({ requests: 1, paid: '5\n' });
    // Still open, and nothing lost: the answer can be given later.
    const done = await scene.crew(['resume', '--assume-done', '--quiet'], { env: { QUICK: '1' } });
    expect(done.stdout).toMatchInlineSnapshot(`
      "Told: This call was under way when the work was interrupted. It was done; its result is not known.
      "
    `);
    expect(readPaid(scene)).toBe('5\n');
  });

  it('is made again with --allow-repeat', async () => {
    const scene = await killWhilePaying();
    const resumed = await scene.crew(['resume', '--allow-repeat', '--quiet'], { env: { QUICK: '1' } });
    expect(resumed).toMatchObject({ exitCode: 0, stdout: 'Told: paid 5\n' });
    expect(readPaid(scene)).toBe('5\n5\n');
  });

  it('is asked about before a new run with the current definition begins, also where its task starts over', async () => {
    const scene = await killWhilePaying();
    const current = ['resume', '--with-current', '--quiet'];
    const stopped = await scene.crew(current, { env: { QUICK: '1' } });
    expect(scene.transcript(stopped)).toMatchInlineSnapshot(`
      "exit 5
      --- stderr
      error: a call was under way when the run stopped; it is not known whether it was done:
        pay {"amount":5} (pay/tool/call_1)
      hint: Look whether it happened, then: crew resume <run> --with-current --allow-repeat to make it again, or --assume-done to go on without.
      "
    `);
    writeFileSync(join(scene.folder, 'crew.yaml'), PAYING.replace('Pay the bill.', 'Pay it.'));
    expect((await scene.crew(current, { env: { QUICK: '1' } })).exitCode).toBe(5);
    expect(scene.query('SELECT status FROM runs')).toEqual([{ status: 'interrupted' }]);
    expect(readPaid(scene)).toBe('5\n');
    const repeated = await scene.crew([...current, '--allow-repeat'], { env: { QUICK: '1' } });
    expect(repeated).toMatchObject({ exitCode: 0, stdout: 'Told: paid 5\n' });
  });

  it('is asked about too where it was finished, and its task starts over with the current definition', async () => {
    let isDown = true;
    const scene = await createScene({ 'crew.yaml': PAYING, 'pay.js': PAY }, ({ messages }) => {
      const result = messages.find(({ role }) => role === 'tool')?.content;
      if (result === undefined) return toolCalls([{ id: 'call_1', name: 'pay', arguments: { amount: 5 } }]);
      return isDown ? failure(400, 'no') : text(`Told: ${String(result)}`);
    });
    const quick = { env: { QUICK: '1' } };
    expect((await scene.crew(['kickoff', 'crew.yaml', '--quiet'], quick)).exitCode).toBe(6);
    isDown = false;
    const file = join(scene.folder, 'crew.yaml');
    writeFileSync(file, PAYING.replace('Pay the bill.', 'Pay it.'));
    const stopped = await scene.crew(['resume', '--with-current', '--quiet'], quick);
    expect(scene.transcript(stopped)).toMatchInlineSnapshot(`
      "exit 5
      --- stderr
      error: a call with effects would be made a second time, as the task starts over:
        pay {"amount":5} (pay/tool/call_1)
      hint: Look whether it happened, then: crew resume <run> --with-current --allow-repeat to make it again.
      "
    `);
    expect(readPaid(scene)).toBe('5\n');
    // With the old words it goes on, and pays nothing twice.
    writeFileSync(file, PAYING.replace('gpt-4.1-mini', 'gpt-4o'));
    const done = await scene.crew(['resume', '--with-current', '--quiet'], quick);
    expect(done).toMatchObject({ exitCode: 0, stdout: 'Told: paid 5\n' });
    expect(readPaid(scene)).toBe('5\n');
  });

  it('is not repeated where a run that took it over is resumed itself', async () => {
    let trouble = 2;
    const crew = PAYING.replace('A receipt.', 'A receipt., context: []')
      .replace('llm: openai/gpt-4.1-mini', 'llm: { model: openai/gpt-4.1-mini, max_retries: 0 }')
      .replace('tasks:\n', 'tasks:\n  look: { description: Look., expected_output: x, context: [] }\n');
    const scene = await createScene({ 'crew.yaml': crew, 'pay.js': PAY }, ({ messages }) => {
      const prompt = JSON.stringify(messages[1]?.content);
      if (prompt.includes('Look')) return trouble === 1 ? hang : text('Seen.');
      const result = messages.find(({ role }) => role === 'tool')?.content;
      if (result === undefined) return toolCalls([{ id: 'call_1', name: 'pay', arguments: { amount: 5 } }]);
      return trouble > 0 ? failure(503) : text(`Told: ${String(result)}`);
    });
    const quick = { env: { QUICK: '1' } };
    expect((await scene.crew(['kickoff', 'crew.yaml', '--quiet'], quick)).exitCode).toBe(6);
    trouble = 1;
    // The look runs again and hangs before the payment is taken over.
    writeFileSync(
      join(scene.folder, 'crew.yaml'),
      crew.replace('Look.', 'Look again.').replace('agents:', 'limits: { timeout: 1 }\nagents:'),
    );
    const second = await scene.crew(['resume', '--with-current', '--quiet', '--concurrency', '1'], quick);
    expect(second.exitCode).toBe(4);
    trouble = 0;
    const third = await scene.crew(['resume', '--quiet'], quick);
    expect({ third, paid: readPaid(scene) }).toMatchObject({ third: { exitCode: 0 }, paid: '5\n' });
  });

  it('is asked about on a terminal', async () => {
    const scene = await killWhilePaying();
    const stopped = await scene.crewOnTerminal(['resume', '--quiet'], [{ question: '[r/d/S]', typed: '\n' }]);
    expect({ exitCode: stopped.exitCode, paid: readPaid(scene) }).toEqual({ exitCode: 5, paid: '5\n' });
    const done = await scene.crewOnTerminal(['resume', '--quiet'], [{ question: '[r/d/S]', typed: 'd\n' }]);
    expect(scene.transcript(done)).toMatchInlineSnapshot(`
      "exit 0
      --- stdout
      Told: This call was under way when the work was interrupted. It was done; its result is not known.
      --- stderr
      a call was under way when the run stopped; it is not known whether it was done:
        pay {"amount":5} (pay/tool/call_1)
      Make it again (r), take it as done (d), or stop (s)? [r/d/S] d
      "
    `);
  });
});
