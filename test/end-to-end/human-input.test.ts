import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { text, toolCalls } from '../helpers/provider-server.js';
import { createReplayScene, type ReplayScene } from '../helpers/replay-scene.js';

/** A task that a person reviews between two others. */
const REVIEWED = `name: brief
models: { m: { model: openai/gpt-4.1-mini, max_retries: 0 } }
agents:
  analyst: { role: Analyst, goal: Find facts, backstory: You search., llm: m }
  writer: { role: Writer, goal: Write well, backstory: You write., llm: m }
tasks:
  research: { description: Research it., expected_output: Facts., agent: analyst }
  write: { description: Write it., expected_output: A text., agent: writer, human_input: true }
  check: { description: Check it., expected_output: A list., agent: analyst, context: [write] }
`;

/** Two tasks at once, each with a question. */
const PARALLEL = `name: parallel
models: { m: { model: openai/gpt-4.1-mini, max_retries: 0 } }
agents:
  writer: { role: Writer, goal: Write well, backstory: You write., llm: m }
tasks:
  plan: { description: Plan it., expected_output: A plan., context: [], human_input: true, async_execution: true }
  write: { description: Write it., expected_output: A text., context: [], human_input: true }
`;

/** An agent that asks. */
const ASKING = `name: asking
models: { m: { model: openai/gpt-4.1-mini, max_retries: 0 } }
agents:
  writer: { role: Writer, goal: Write well, backstory: You write., llm: m, tools: [ask_human] }
tasks:
  write: { description: Write it., expected_output: A text. }
`;

/** What `crew show` says after its facts, without times and what they are padded with. */
function withoutTimes(shown: string): string {
  return shown
    .slice(shown.indexOf('error:'))
    .replaceAll(/ +(?:<time>|TIME)$/gm, '')
    .replaceAll(/(?<=\S) {2,}/g, '  ');
}

const createAskingScene = (): Promise<ReplayScene> =>
  createReplayScene({
    crew: ASKING,
    answer: ({ messages }) => {
      if (messages.at(-1)?.role === 'tool') return text(`Written for ${String(messages.at(-1)?.content)}.`);
      if (messages.length > 2) return text('Written again.');
      return toolCalls([{ id: 'call_1', name: 'ask_human', arguments: { question: 'Which year?' } }]);
    },
  });

describe('a review without a terminal', () => {
  it('ends with 5, shows what is asked, and goes on with crew answer', async () => {
    const scene = await createReplayScene({ crew: REVIEWED });
    expect(scene.transcript(await scene.crew(['kickoff', 'crew.yaml']))).toMatchInlineSnapshot(`
      "exit 5
      --- stderr
      brief run run-0001 · sequential · 3 tasks
      research 1/3 · Analyst
      ✓ research completed · <time> · 15 tokens · <$0.0001
      write 2/3 · Writer
        review unanswered
      ? write needs input · <time> · 15 tokens · <$0.0001
      error: a person has to review the output of task write: "Write 2."
      hint: Answer with crew answer run-0001 --approve, --revise "what to change" or --abort.
      needs input · run run-0001 · <time> · 30 tokens · <$0.0001
      see it: crew show run-0001 --steps
      "
    `);
    const id = scene.latestRun();
    expect(scene.transcript(await scene.crew(['answer']))).toMatchInlineSnapshot(`
      "exit 0
      --- stdout
      write: output of Writer

        Write 2.

      crew answer run-0001 --approve, --revise "what to change" or --abort
      "
    `);
    expect(scene.transcript(await scene.crew(['runs']))).toContain('needs input');
    expect(withoutTimes(scene.tidy((await scene.crew(['show'])).stdout))).toMatchInlineSnapshot(`
      "error: a person has to review the output of task write: "Write 2."
      hint: Answer with crew answer run-0001 --approve, --revise "what to change" or --abort.

      TASKS AND STEPS  AGENT  TOKENS  COST
      ✓ 1 research  Analyst  15  <$0.0001
      └─ ✓ model openai/gpt-4.1-mini  Analyst  15  <$0.0001
      ? 2 write (needs input)  Writer  15  <$0.0001
      ├─ ✓ model openai/gpt-4.1-mini  Writer  15  <$0.0001
      └─ ? human review (needs input)  Writer
            error: a person has to review the output of task write: "Write 2."
      ○ 3 check (pending)  Analyst
      "
    `);
    scene.newCalls();
    const revised = await scene.crew(['answer', id, '--revise', 'Shorter, please.']);
    expect(scene.transcript(revised)).toMatchInlineSnapshot(`
      "exit 5
      --- stderr
      brief run run-0001 · sequential · 1 of 3 tasks done · resumed
      write 2/3 · Writer
        review unanswered
      ? write needs input · <time> · 30 tokens · <$0.0001
      error: a person has to review the output of task write: "Write 3."
      hint: Answer with crew answer run-0001 --approve, --revise "what to change" or --abort.
      needs input · run run-0001 · <time> · 45 tokens · <$0.0001
      see it: crew show run-0001 --steps
      "
    `);
    expect(scene.server.requests.at(-1)?.body.messages.at(-1)).toEqual({
      role: 'user',
      content:
        'The person who looked at this answer asks for a change: Shorter, please.\nGive the complete result again.',
    });
    expect(scene.transcript(await scene.crew(['answer', '--approve']))).toMatchInlineSnapshot(`
      "exit 0
      --- stdout
      Check 4.
      --- stderr
      brief run run-0001 · sequential · 1 of 3 tasks done · resumed
      write 2/3 · Writer
      ✓ write completed · <time> · 30 tokens · <$0.0001
      check 3/3 · Analyst
      ✓ check completed · <time> · 15 tokens · <$0.0001
      done · run run-0001 · <time> · 60 tokens · <$0.0001
      see it: crew show run-0001
      "
    `);
    expect(scene.tasksOf(id)).toEqual([
      'research completed, Research 1.',
      'write completed, Write 3.',
      'check completed, Check 4.',
    ]);
    const shown = await scene.crew(['show', '--steps', id]);
    expect(shown.stdout.match(/(?:human review|review:|person:).*/g)).toEqual([
      expect.stringMatching(/^human review +Writer /),
      'review: Write 2.',
      'person: revise: Shorter, please.',
      expect.stringMatching(/^human review +Writer /),
      'review: Write 3.',
      'person: approve',
    ]);
    const json = JSON.parse((await scene.crew(['answer', '--format', 'json'])).stdout) as unknown;
    expect(json).toEqual({ run_id: null, crew: null, questions: [] });
  });

  it('can be aborted, and answered all the same later', async () => {
    const scene = await createReplayScene({ crew: REVIEWED });
    const id = await scene.kickoff();
    expect(scene.transcript(await scene.crew(['answer', id, '--abort', '--quiet']))).toMatchInlineSnapshot(`
      "exit 1
      --- stderr
      error: task write: aborted by a person
      hint: Go on with crew resume run-0001, which asks again.
      "
    `);
    expect((await scene.crew(['answer', id, '--approve', '--quiet'])).stdout).toBe('Check 3.\n');
  });

  it('keeps an answer that was given, whatever happens then', async () => {
    let isDown = true;
    const scene = await createReplayScene({
      crew: REVIEWED,
      answer: (_body, task) => (isDown && task === 'Check' ? { kind: 'reset' } : undefined),
    });
    const id = await scene.kickoff();
    expect((await scene.crew(['answer', id, '--approve', '--quiet'])).exitCode).toBe(6);
    isDown = false;
    expect((await scene.crew(['resume', id, '--quiet'])).stdout).toBe('Check 3.\n');
  });

  it('names the tasks where several wait, and leaves the others open', async () => {
    const scene = await createReplayScene({ crew: PARALLEL });
    const id = await scene.kickoff();
    expect(scene.transcript(await scene.crew(['answer', id, '--approve']))).toMatchInlineSnapshot(`
      "exit 2
      --- stderr
      error: run run-0001 has open questions in tasks plan, write
      hint: Say which one is answered: --task plan.
      "
    `);
    const first = await scene.crew(['answer', id, '--approve', '--task', 'write', '--quiet']);
    expect(scene.transcript(first)).toMatch(
      /^exit 5\n--- stderr\nerror: a person has to review the output of task plan/,
    );
    expect(scene.tasksOf(id).map((task) => task.replace(/ \d/, ''))).toEqual([
      'plan needs_input',
      'write completed, Write.',
    ]);
    expect((await scene.crew(['answer', id, '--approve', '--quiet'])).exitCode).toBe(0);
    expect(scene.server.requests.length).toBe(2);
  });

  it('refuses an answer that fits nothing', async () => {
    const scene = await createReplayScene({ crew: REVIEWED });
    const nothing = await scene.crew(['answer', '--approve']);
    const id = await scene.kickoff();
    const outcomes = [
      nothing,
      await scene.crew(['answer', 'zzzz', '--approve']),
      await scene.crew(['answer', id, '--answer', '42']),
      await scene.crew(['answer', id, '--approve', '--abort']),
      await scene.crew(['answer', id, '--revise', ' ']),
      await scene.crew(['answer', id, '--approve', '--task', 'research']),
    ];
    await scene.crew(['answer', id, '--approve', '--quiet']);
    outcomes.push(await scene.crew(['answer', id, '--approve']), await scene.crew(['answer', '--approve']));
    expect(outcomes.map((outcome) => scene.transcript(outcome)).join('')).toMatchInlineSnapshot(`
      "exit 2
      --- stderr
      error: there are no runs yet
      hint: \`crew kickoff <file>\` makes the first one.
      exit 2
      --- stderr
      error: there is no run "zzzz"
      hint: \`crew runs\` lists the runs.
      exit 2
      --- stderr
      error: task write waits for a review
      hint: It takes --approve, --revise "what to change" or --abort.
      exit 2
      --- stderr
      error: --approve and --abort: give one of them
      exit 2
      --- stderr
      error: --revise needs a text
      exit 2
      --- stderr
      error: task research has no open question
      hint: Open: write.
      exit 2
      --- stderr
      error: run run-0001 has no open question
      exit 2
      --- stderr
      error: no run waits for an answer
      hint: \`crew runs\` lists the runs.
      "
    `);
  });
});

describe('ask_human', () => {
  it('lets an agent ask, and go on with the answer', async () => {
    const scene = await createAskingScene();
    const id = await scene.kickoff();
    expect(scene.tidy((await scene.crew(['answer', id])).stdout)).toMatchInlineSnapshot(`
      "write: Writer asks

        Which year?

      crew answer run-0001 --answer "…" or --abort
      "
    `);
    expect((await scene.crew(['answer', id, '--answer', '2024', '--quiet'])).stdout).toBe('Written for 2024.\n');
    expect(scene.server.requests[0]?.body.tools?.map((tool) => tool.function)).toMatchInlineSnapshot(`
      [
        {
          "description": "Ask the person you work for a question. The result is their answer.",
          "name": "ask_human",
          "parameters": {
            "additionalProperties": false,
            "properties": {
              "question": {
                "minLength": 1,
                "type": "string",
              },
            },
            "required": [
              "question",
            ],
            "type": "object",
          },
        },
      ]
    `);
  });

  it('takes no settings', async () => {
    const scene = await createReplayScene({ crew: ASKING.replace('[ask_human]', '[{ use: ask_human, root: a }]') });
    expect(await scene.refusal(['kickoff', 'crew.yaml'])).toMatchInlineSnapshot(`
      "
      crew.yaml:4:102 agents.writer.tools[0].root: unknown key
        4 |   writer: { role: Writer, goal: Write well, backstory: You write., llm: m, tools: [{ use: ask_human, root: a }] }
          |                                                                                                      ^^^^
          = known keys: name, description, max_usage_count, result_as_answer, timeout, max_output_chars, cache, cache_function, retries
      "
    `);
  });
});

describe('--answers', () => {
  it('answers in order, and ends with 5 where the answers are used up', async () => {
    const scene = await createReplayScene({ crew: REVIEWED });
    writeFileSync(join(scene.folder, 'answers.yaml'), 'write:\n  - revise: Shorter.\n  - approve\n');
    const done = await scene.crew(['kickoff', 'crew.yaml', '--answers', 'answers.yaml', '--quiet']);
    expect(done).toEqual({ exitCode: 0, stdout: 'Check 4.\n', stderr: '' });
    writeFileSync(join(scene.folder, 'answers.yaml'), 'write: { revise: Shorter. }\n');
    expect((await scene.crew(['kickoff', 'crew.yaml', '--answers', 'answers.yaml', '--quiet'])).exitCode).toBe(5);
  });

  it('can be given again to a run that goes on, which takes none of them twice', async () => {
    const scene = await createReplayScene({ crew: REVIEWED, files: { 'answers.yaml': 'write: [{revise: Shorter.}]' } });
    expect((await scene.crew(['kickoff', 'crew.yaml', '--answers', 'answers.yaml', '--quiet'])).exitCode).toBe(5);
    writeFileSync(join(scene.folder, 'answers.yaml'), 'write: [{revise: Shorter.}, approve]');
    expect((await scene.crew(['resume', '--answers', 'answers.yaml', '--quiet'])).exitCode).toBe(0);
    expect(scene.tasksOf(scene.latestRun())[1]).toBe('write completed, Write 3.');
  });

  it('is refused with the place of what is wrong, before anything runs', async () => {
    const scene = await createReplayScene({ crew: REVIEWED });
    const refusal = async (answers: string) => {
      writeFileSync(join(scene.folder, 'answers.yaml'), answers);
      return scene.refusal(['kickoff', 'crew.yaml', '--answers', 'answers.yaml']);
    };
    expect(await refusal('write: [approve, ok]\ncheck: { revise: }\n')).toMatchInlineSnapshot(`
      "
      error: answers.yaml:1:18 write[1]: this is no answer
        1 | write: [approve, ok]
          |                  ^^
          = write approve, {revise: what to change}, {answer: text}, always, deny, {deny: why} or abort

      answers.yaml:2:8 check: this is no answer
        2 | check: { revise: }
          |        ^^^^^^^^^^^
          = write approve, {revise: what to change}, {answer: text}, always, deny, {deny: why} or abort
      "
    `);
    expect(await refusal('wirte: approve\n')).toMatchInlineSnapshot(`
      "
      error: answers.yaml:1:1 wirte: there is no task "wirte"
        1 | wirte: approve
          | ^^^^^
          = did you mean "write"?
      "
    `);
    expect(await refusal('- approve\n')).toMatchInlineSnapshot(`
      "
      error: --answers answers.yaml: must hold a map of tasks to answers, not a list
      hint: one line for each task, such as write: approve
      "
    `);
    expect(await refusal('write: [')).toMatchInlineSnapshot(`
      "
      error: answers.yaml:1:8 not valid YAML: the closing ] is missing
        1 | write: [
          |        ^
          = the YAML parser says: Flow sequence in block collection must be sufficiently indented and end with a ]
      "
    `);
    expect(await scene.refusal(['kickoff', 'crew.yaml', '--answers', 'none.yaml'])).toMatchInlineSnapshot(`
      "
      error: --answers none.yaml: there is no such file
      "
    `);
  });
});

describe('a replay', () => {
  it('uses the answers of the replayed run again, and says so', async () => {
    const scene = await createReplayScene({ crew: REVIEWED });
    writeFileSync(join(scene.folder, 'answers.yaml'), 'write: [{ revise: Shorter. }, approve]\n');
    await scene.kickoff('--answers', 'answers.yaml');
    const replayed = await scene.replay('-t', 'write');
    expect(scene.transcript(replayed)).toMatchInlineSnapshot(`
      "exit 0
      --- stdout
      Check 7.
      --- stderr
      Replay of run-0001
      1  research  reused     from run-0001/research
      2  write     run again  chosen
      3  check     run again  follows write
      brief run run-0002 · sequential · 1 of 3 tasks done · replay of run-0001
      ↺ research reused from run-0001/research
      write 2/3 · Writer
      warning: write/human/1: the answer of run run-0001 is used again (revise); --ask-again asks anew
      warning: write/human/2: the answer of run run-0001 is used again (approve); --ask-again asks anew
      ✓ write completed · <time> · 30 tokens · <$0.0001
      check 3/3 · Analyst
      ✓ check completed · <time> · 15 tokens · <$0.0001
      done · run run-0002 · <time> · 45 tokens · <$0.0001
      see it: crew show run-0002
      "
    `);
    expect((await scene.replay('-t', 'write', '--quiet')).exitCode).toBe(0);
    const decisions = "SELECT response ->> '$.decision' AS decision FROM steps WHERE kind = 'human' ORDER BY id";
    const once = [{ decision: 'revise' }, { decision: 'approve' }];
    expect(scene.query(decisions)).toEqual([...once, ...once, ...once]);
    expect((await scene.replay('-t', 'write', '--ask-again', '--quiet')).exitCode).toBe(5);
    expect((await scene.replay('-t', 'write', '--ask-again', '--answers', 'answers.yaml', '--quiet')).exitCode).toBe(0);
  });

  it('uses them also after it was stopped and resumed, but no abort', async () => {
    let isDown = false;
    const scene = await createReplayScene({
      crew: REVIEWED,
      answer: (_body, task) => (isDown && task === 'Write' ? { kind: 'reset' } : undefined),
    });
    const id = await scene.kickoff();
    await scene.crew(['answer', id, '--abort', '--quiet']);
    expect((await scene.replay('-t', 'write', '--quiet')).exitCode).toBe(5);
    await scene.crew(['answer', scene.latestRun(), '--approve', '--quiet']);
    isDown = true;
    expect((await scene.replay('-t', 'write', '--quiet')).exitCode).toBe(6);
    isDown = false;
    expect((await scene.crew(['resume', '--quiet'])).exitCode).toBe(0);
    isDown = true;
    const stopped = await scene.replay('-t', 'write', '--quiet');
    expect(stopped.exitCode).toBe(6);
    isDown = false;
    // Of a replay that came to no review of its own.
    expect((await scene.replay('-t', 'write', '--quiet')).exitCode).toBe(0);
  });

  it('uses them where a run goes on with another definition, and is answered itself then', async () => {
    const scene = await createReplayScene({ crew: REVIEWED });
    const id = await scene.kickoff();
    await scene.crew(['answer', id, '--revise', 'Shorter.', '--quiet']);
    scene.edit(['Write it.', 'Write all of it.']);
    expect((await scene.crew(['resume', '--with-current', '--quiet'])).exitCode).toBe(5);
    const reviews = `SELECT path, response ->> '$.decision' AS decision FROM steps
      WHERE kind = 'human' AND run_id = '${scene.latestRun()}' ORDER BY id`;
    expect(scene.query(reviews)).toEqual([
      { path: 'write/human/1', decision: 'revise' },
      { path: 'write/human/2', decision: null },
    ]);
    expect((await scene.crew(['answer', id, '--approve', '--quiet'])).stdout).toBe('Check 6.\n');
  });

  it('uses the answer to a question in the same words', async () => {
    const scene = await createAskingScene();
    writeFileSync(join(scene.folder, 'answers.yaml'), 'write: { answer: 2024 }\n');
    await scene.kickoff('--answers', 'answers.yaml');
    expect(await scene.replay('-t', 'write', '--quiet')).toMatchObject({ exitCode: 0, stdout: 'Written for 2024.\n' });
  });
});

describe('a cassette', () => {
  it('holds what a person said, so that the crew runs offline', async () => {
    const scene = await createAskingScene();
    scene.edit(['A text. }', 'A text., human_input: true }']);
    const answers = 'write: [{ answer: 2024 }, { revise: Shorter. }, approve]\n';
    writeFileSync(join(scene.folder, 'answers.yaml'), answers);
    await scene.kickoff('--answers', 'answers.yaml', '--record', 'brief.cassette.yaml');
    const calls = scene.server.requests.length;
    const cassette = readFileSync(join(scene.folder, 'brief.cassette.yaml'), 'utf8');
    expect(cassette.slice(cassette.indexOf('\nanswers:'))).toMatchInlineSnapshot(`
      "
      answers:
        - path: write/human/call_1
          decision: answer
          text: "2024"
        - path: write/human/1
          decision: revise
          text: Shorter.
        - path: write/human/2
          decision: approve
      "
    `);
    const offline = await scene.crew(['kickoff', 'crew.yaml', '--quiet', '--cassette', 'brief.cassette.yaml']);
    expect(offline).toEqual({ exitCode: 0, stdout: 'Written again.\n', stderr: '' });
    expect(scene.server.requests.length).toBe(calls);
  });
});

describe('a terminal', () => {
  const TERMINAL = { env: { TERM: 'xterm-256color' } } as const;

  it('shows the output and takes the decision', async () => {
    const scene = await createReplayScene({ crew: REVIEWED });
    const outcome = await scene.crewOnTerminal(
      ['kickoff', 'crew.yaml'],
      [
        { question: 'What now?', typed: '\u001B[B\r' },
        { question: 'What should change?', typed: 'First line.\r\rThird line.\t\r' },
        { question: 'What now?', typed: '\r' },
      ],
      TERMINAL,
    );
    expect([outcome.exitCode, outcome.stdout]).toEqual([0, 'Check 4.\n']);
    expect(outcome.stderr).toContain('\nWrite 2.\n\n');
    expect(outcome.stderr).toContain('Output of write, by Writer. What now?');
    expect(String(scene.server.requests[2]?.body.messages.at(-1)?.content)).toBe(
      'The person who looked at this answer asks for a change: First line.\n\nThird line.\nGive the complete result again.',
    );
  });

  it('is asked also where it does not know its size', async () => {
    const scene = await createReplayScene({ crew: REVIEWED });
    const outcome = await scene.crewOnTerminal(
      ['kickoff', 'crew.yaml', '--quiet'],
      [{ question: 'Output of write, by Writer. What now?', typed: '\r' }],
      { ...TERMINAL, hasNoSize: true },
    );
    expect([outcome.exitCode, outcome.stdout]).toEqual([0, 'Check 3.\n']);
  });

  it('answers a question of an agent', async () => {
    const scene = await createAskingScene();
    const outcome = await scene.crewOnTerminal(
      ['kickoff', 'crew.yaml', '--quiet'],
      [{ question: 'Which year?', typed: '2024\t\r' }],
      TERMINAL,
    );
    expect([outcome.exitCode, outcome.stdout]).toEqual([0, 'Written for 2024.\n']);
  });

  it('is left with Ctrl-C as elsewhere, and the run can be answered', async () => {
    const scene = await createReplayScene({ crew: REVIEWED });
    const outcome = await scene.crewOnTerminal(
      ['kickoff', 'crew.yaml', '--quiet'],
      [{ question: 'What now?', typed: '\u0003' }],
      TERMINAL,
    );
    expect(outcome.exitCode).toBe(130);
    expect(scene.tasksOf(scene.latestRun())[1]).toBe('write interrupted');
    expect((await scene.crew(['answer', '--approve', '--quiet'])).stdout).toBe('Check 3.\n');
  });

  it('is not asked in CI', async () => {
    const scene = await createReplayScene({ crew: REVIEWED });
    const outcome = await scene.crewOnTerminal(['kickoff', 'crew.yaml', '--quiet'], [], { env: { CI: 'true' } });
    expect(outcome.exitCode).toBe(5);
  });
});

describe('a kill', () => {
  it('leaves an open question open', async () => {
    const scene = await createReplayScene({ crew: REVIEWED });
    const running = scene.crewOnTerminal(['kickoff', 'crew.yaml', '--quiet'], [{ question: 'What now?', typed: '' }], {
      env: { TERM: 'xterm-256color' },
    });
    await scene.server.waitForRequests(2);
    await vi.waitUntil(() => scene.query("SELECT 1 FROM steps WHERE kind = 'human'").length > 0);
    const [row] = scene.query<{ holder: string }>('SELECT holder FROM runs');
    const busy = await scene.crew(['answer', '--approve', scene.latestRun()]);
    expect(scene.transcript(busy)).toMatch(/^exit 2\n--- stderr\nerror: run run-0001 is at work in /);
    process.kill(Number(/\d+$/.exec(row?.holder ?? '')?.[0]), 'SIGKILL');
    await running;
    expect(scene.tidy((await scene.crew(['answer'])).stdout)).toMatch(/^write: output of Writer\n\n {2}Write 2\.\n/);
    expect((await scene.crew(['resume', '--quiet'])).exitCode).toBe(5);
    expect((await scene.crew(['answer', '--approve', '--quiet'])).stdout).toBe('Check 3.\n');
  });
});
