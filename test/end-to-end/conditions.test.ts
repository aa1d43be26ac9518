import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type ChatRequestBody, createGate, after, text } from '../helpers/provider-server.js';
import { createReplayScene, taskIn, type ReplayScene } from '../helpers/replay-scene.js';

const CREW = `name: review
models: { m: { model: openai/gpt-4.1-mini, max_retries: 0 } }
inputs: { language: en }
agents:
  analyst: { role: Analyst, goal: Find facts, backstory: You search., llm: m }
tasks:
  research:
    description: Research it.
    expected_output: Facts.
    output_json: { type: object, properties: { score: { type: number } }, required: [score] }
  check:
    description: Check it.
    expected_output: A verdict.
    when: tasks.research.json_dict.score < 0.5
  essay: { description: Write it., expected_output: A text. }
  translation:
    description: Translate it.
    expected_output: A text.
    context: [essay]
    when: inputs.language != "en"
  proofs: { description: Proofread it., expected_output: A text., context: [translation] }
`;

const answer = (_body: ChatRequestBody, task: string) => (task === 'Research' ? text('{ "score": 0.9 }') : undefined);

const createReviewed = (): Promise<ReplayScene> => createReplayScene({ crew: CREW, answer });

it('says which tasks are skipped and why, and ends well with the last output that there is', async () => {
  const scene = await createReviewed();
  const outcome = await scene.crew(['kickoff', 'crew.yaml']);
  expect(scene.transcript(outcome)).toMatchInlineSnapshot(`
    "exit 0
    --- stdout
    Write 1.
    --- stderr
    review run run-0001 · sequential · 5 tasks
    research 1/5 · Analyst
    ✓ research completed · <time> · 15 tokens · <$0.0001
    – check skipped: condition not met: tasks.research.json_dict.score < 0.5
    essay 3/5 · Analyst
    ✓ essay completed · <time> · 15 tokens · <$0.0001
    – translation skipped: condition not met: inputs.language != "en"
    – proofs skipped: all it depends on was skipped
    done · run run-0001 · <time> · 30 tokens · <$0.0001
    see it: crew show run-0001
    "
  `);
  expect(scene.newCalls()).toMatchInlineSnapshot(`
    [
      "Research",
      "Write research={ "score": 0.9 }",
    ]
  `);
});

it('shows skipped tasks wherever a run is shown', async () => {
  const scene = await createReviewed();
  const runId = await scene.kickoff();
  const shown = async (...args: string[]) =>
    scene
      .tidy((await scene.crew(args)).stdout)
      .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?/g, '<date>')
      .replaceAll(/ +(<time>|TIME)/g, ' $1');
  expect(await shown('show', runId, '--steps')).toMatchInlineSnapshot(`
    "Run run-0001  review  completed (exit 0)

    started     <date>
    time <time>
    tokens      30: 20 in, 10 out, 2 model calls
    cost        <$0.0001
    process     sequential
    definition  <folder>/crew.yaml
    inputs      language: en

    TASKS AND STEPS                                      AGENT    TOKENS      COST TIME
    ✓ 1 research                                         Analyst      15  <$0.0001 <time>
    └─ ✓ model openai/gpt-4.1-mini                       Analyst      15  <$0.0001 <time>
          system:
            Role: Analyst
            Goal: Find facts
            You search.
          user:
            Task: Research it.

            Expected output: Facts.

            Answer with the complete result, nothing else.
          schema: {"type":"object","properties":{"score":{"type":"number"}},"required":["score"]}
          answer: { "score": 0.9 }
    – 2 check (skipped)                                  Analyst
    └─ ✓ condition tasks.research.json_dict.score < 0.5 <time>
          runs: no: condition not met: tasks.research.json_dict.score < 0.5
    ✓ 3 essay                                            Analyst      15  <$0.0001 <time>
    └─ ✓ model openai/gpt-4.1-mini                       Analyst      15  <$0.0001 <time>
          system:
            Role: Analyst
            Goal: Find facts
            You search.
          user:
            Task: Write it.

            Expected output: A text.

            Results of earlier tasks:

            <result task="research">
            { "score": 0.9 }
            </result>

            Answer with the complete result, nothing else.
          answer: Write 1.
    – 4 translation (skipped)                            Analyst
    └─ ✓ condition inputs.language != "en" <time>
          runs: no: condition not met: inputs.language != "en"
    – 5 proofs (skipped)                                 Analyst
       reason: all it depends on was skipped
    "
  `);
  expect(await shown('runs')).toMatchInlineSnapshot(`
    "RUN       CREW    STATUS     STARTED TIME           TASKS  TOKENS      COST
    run-0001  review  completed  <date> <time>  2/5, 3 skipped      30  <$0.0001
    "
  `);
  expect(await shown('log-tasks-outputs', '--brief')).toMatchInlineSnapshot(`
    "1  run-0001/research     completed  Analyst  { "score": 0.9 }
    2  run-0001/check        skipped    Analyst  condition not met: tasks.research.json_dict.score < 0.5
    3  run-0001/essay        completed  Analyst  Write 1.
    4  run-0001/translation  skipped    Analyst  condition not met: inputs.language != "en"
    5  run-0001/proofs       skipped    Analyst  all it depends on was skipped
    "
  `);
  expect(await shown('log-tasks-outputs', '--task', 'check')).toMatchInlineSnapshot(`
    "Task 2: check
    id      run-0001/check
    status  skipped
    agent   Analyst
    reason
    condition not met: tasks.research.json_dict.score < 0.5
    "
  `);
  const { stdout } = await scene.crew(['show', runId, '--format', 'json']);
  const { tasks } = JSON.parse(stdout) as { tasks: { name: string; status: string; skip_reason: string | null }[] };
  expect(tasks.map(({ name, status, skip_reason: reason }) => [name, status, reason])).toMatchInlineSnapshot(`
    [
      [
        "research",
        "completed",
        null,
      ],
      [
        "check",
        "skipped",
        "condition not met: tasks.research.json_dict.score < 0.5",
      ],
      [
        "essay",
        "completed",
        null,
      ],
      [
        "translation",
        "skipped",
        "condition not met: inputs.language != "en"",
      ],
      [
        "proofs",
        "skipped",
        "all it depends on was skipped",
      ],
    ]
  `);
});

it('decides about skipped tasks again in a replay, at no cost', async () => {
  const scene = await createReviewed();
  await scene.kickoff();
  scene.newCalls();
  expect(await scene.plan('-t', 'essay')).toMatchInlineSnapshot(`
    "
    Replay of run-0001
    1  research     reused         from run-0001/research
    2  check        decided again  skipped: condition not met: tasks.research.json_dict.score < 0.5
    3  essay        run again      chosen
    4  translation  run again      follows essay
    5  proofs       run again      follows essay
    "
  `);
  const { exitCode } = await scene.replay('-t', 'essay');
  expect(exitCode).toBe(0);
  expect(scene.newCalls()).toEqual(['Write research={ "score": 0.9 }']);
  expect(scene.tasksOf(scene.latestRun())).toMatchInlineSnapshot(`
    [
      "research reused, of run-0001/research",
      "check skipped",
      "essay completed, Write 2.",
      "translation skipped",
      "proofs skipped",
    ]
  `);
  expect(await scene.plan('-t', 'essay', '-i', 'language=fr')).toMatchInlineSnapshot(`
    "
    Replay of run-0002
    1  research     reused         from run-0001/research
    2  check        decided again  skipped: condition not met: tasks.research.json_dict.score < 0.5
    3  essay        run again      chosen
    4  translation  run again      follows essay
    5  proofs       run again      follows essay
    "
  `);
  await scene.replay('-t', 'essay', '-i', 'language=fr');
  expect(scene.newCalls().map((call) => call.split(' ')[0])).toEqual(['Write', 'Translate', 'Proofread']);
});

it('runs what was skipped where its condition has changed, and what depends on it', async () => {
  const scene = await createReviewed();
  await scene.kickoff();
  scene.newCalls();
  expect(await scene.plan('--auto')).toMatchInlineSnapshot(`
    "
    Replay of run-0001
    1  research     reused         from run-0001/research
    2  check        decided again  skipped: condition not met: tasks.research.json_dict.score < 0.5
    3  essay        reused         from run-0001/essay
    4  translation  decided again  skipped: condition not met: inputs.language != "en"
    5  proofs       decided again  skipped: all it depends on was skipped
    "
  `);
  scene.edit(['score < 0.5', 'score > 0.5']);
  expect(await scene.plan('--auto')).toMatchInlineSnapshot(`
    "
    Replay of run-0001
    1  research     reused     from run-0001/research
    2  check        run again  condition changed
    3  essay        run again  upstream check runs again
    4  translation  run again  upstream essay runs again
    5  proofs       run again  upstream translation runs again
    "
  `);
  await scene.replay('--auto');
  expect(scene.newCalls().map((call) => call.split(' ')[0])).toEqual(['Check', 'Write']);
  scene.edit(['score < 0.5', 'score > 0.5']);
  expect(await scene.plan('--auto', '--set-output', 'research={"score": 0.1}')).toMatchInlineSnapshot(`
    "
    Replay of run-0002
    1  research     set by hand
    2  check        run again    upstream research was set by hand
    3  essay        run again    upstream research was set by hand; upstream check runs again
    4  translation  run again    upstream essay runs again
    5  proofs       run again    upstream translation runs again
    "
  `);
});

it('fails the task whose condition looks at what is not there, and goes on with a mended one', async () => {
  const scene = await createReviewed();
  scene.edit(['json_dict.score <', 'json_dict.scores <']);
  const outcome = await scene.crew(['kickoff', 'crew.yaml']);
  expect(scene.transcript(outcome)).toMatchInlineSnapshot(`
    "exit 1
    --- stderr
    review run run-0001 · sequential · 5 tasks
    research 1/5 · Analyst
    ✓ research completed · <time> · 15 tokens · <$0.0001
    check 2/5 · Analyst
    ✗ check failed · <time> · 0 tokens · $0
    error: task check: condition tasks.research.json_dict.scores < 0.5 failed: there is no tasks.research.json_dict.scores
    hint: Ask first whether it is there, has(tasks.research.json_dict.scores) && …; crew resume run-0001 --with-current goes on with the mended file.
    failed · run run-0001 · <time> · 15 tokens · <$0.0001
    see it: crew show run-0001 --steps
    "
  `);
  scene.edit();
  const { exitCode } = await scene.crew(['resume', '--with-current']);
  expect(exitCode).toBe(0);
  expect(scene.newCalls().map((call) => call.split(' ')[0])).toEqual(['Research', 'Write']);
});

it('answers offline from a cassette of a run with skipped tasks', async () => {
  const scene = await createReviewed();
  await scene.kickoff('--record', 'tape.yaml');
  scene.newCalls();
  const { exitCode, stdout } = await scene.crew(['kickoff', 'crew.yaml', '--quiet', '--cassette', 'tape.yaml'], {
    env: { OPENAI_API_KEY: undefined },
  });
  expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: 'Write 1.\n' });
  expect(scene.newCalls()).toEqual([]);
});

it('asks code of the crew once, also where the process is killed after it has decided', async () => {
  const gate = createGate();
  const scene = await createReplayScene({
    crew: `name: gated
agents:
  writer: { role: Writer, goal: Write, backstory: You write. }
tasks:
  research: { description: Research it., expected_output: Facts. }
  check: { description: Check it., expected_output: A verdict., condition: ./gate.ts#isThin }
  essay: { description: Write it., expected_output: A text. }
`,
    files: {
      'gate.ts': `import { appendFileSync } from 'node:fs';
export function isThin(previous, { tasks }) {
  appendFileSync('asked.txt', Object.keys(tasks).join() + ' ' + previous.raw + '\\n');
  return previous.raw.length < 5;
}
`,
    },
    answer: (body) => (taskIn(body) === 'Write' && !isKilled ? after(gate.opened, text('Late.')) : undefined),
  });
  let isKilled = false;
  const { child, ended } = scene.start(['kickoff', 'crew.yaml', '--quiet']);
  while (scene.server.requests.length < 2) await new Promise((resolve) => setImmediate(resolve));
  child.kill('SIGKILL');
  await ended;
  isKilled = true;
  gate.open();
  const { exitCode, stdout } = await scene.crew(['resume', '--quiet']);
  expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: 'Write 2.\n' });
  expect(readFileSync(join(scene.folder, 'asked.txt'), 'utf8')).toBe('research Research 1.\n');
  // A later replay asks it again, with the code as it is then.
  appendFileSync(join(scene.folder, 'gate.ts'), '// Changed.\n');
  expect(await scene.plan('--auto')).toMatchInlineSnapshot(`
    "
    Replay of run-0001
    1  research  reused     from run-0001/research
    2  check     run again  condition changed
    3  essay     run again  upstream check runs again
    "
  `);
});
