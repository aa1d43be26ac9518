import { describe, expect, it } from 'vitest';
import {
  after,
  type ChatRequestBody,
  createGate,
  failure,
  type RecordedRequest,
  type ServerAnswer,
  text,
  toolCalls,
} from '../helpers/provider-server.js';
import { createScene, type Scene } from '../helpers/run-process.js';

const MANAGED = `name: managed
process: hierarchical
manager_llm: openai/gpt-4.1-mini
agents:
  researcher: { role: Researcher, goal: Find facts, backstory: You search. }
  writer: { role: Writer, goal: Write, backstory: You write. }
tasks:
  facts: { description: Find facts on sun and wind., expected_output: A list. }
  essay: { description: Write about them., expected_output: A text. }
`;

const roleIn = ({ messages }: ChatRequestBody): string => /^Role: (.*)/.exec(String(messages[0]?.content))?.[1] ?? '';
const taskIn = ({ messages }: ChatRequestBody): string =>
  /(?:Task|Question): (\w+)/.exec(JSON.stringify(messages[1]?.content))?.[1] ?? '';

function delegate(id: string, coworker: string, task: string) {
  return { id, name: 'delegate_work_to_coworker', arguments: { coworker, task, context: '' } };
}

/** What everyone in the managed crew answers: the manager delegates once for each task, two pieces for the first. */
function answerManaged(body: ChatRequestBody): ServerAnswer {
  if (roleIn(body) === 'Researcher') return text(`Facts on ${taskIn(body)}.`);
  if (roleIn(body) === 'Writer') return text('The essay.');
  const results = body.messages.filter(({ role }) => role === 'tool').map(({ content }) => String(content));
  if (results.length > 0) return text(results.join(' '));
  return toolCalls(
    taskIn(body) === 'Find'
      ? [delegate('call_a', 'Researcher', 'sun'), delegate('call_b', 'researcher', 'wind')]
      : [delegate('call_c', 'Writer', 'Write.')],
  );
}

const RUNS = 'SELECT id, status, exit_code, requests FROM runs';

/** The steps of a run with what they gave, in the order of their paths: those of parallel work begin in any order. */
function stepsOf(scene: Scene, runId: unknown) {
  const sql = `SELECT path, status FROM steps WHERE run_id = '${String(runId)}' ORDER BY path`;
  return scene.query<{ path: string; status: string }>(sql).map(({ path, status }) => `${path} ${status}`);
}

describe('a hierarchical crew', () => {
  it('runs twice at once into one database', async () => {
    const gate = createGate();
    let count = 0;
    const scene = await createScene({ 'crew.yaml': MANAGED }, (body) => {
      count += 1;
      // Nobody gets an answer before both processes are at work.
      if (count === 2) gate.open();
      return after(gate.opened, answerManaged(body));
    });
    const outcomes = await Promise.all([scene.crew(['kickoff', 'crew.yaml']), scene.crew(['kickoff', 'crew.yaml'])]);
    expect(outcomes.map(({ exitCode, stdout }) => ({ exitCode, stdout }))).toEqual([
      { exitCode: 0, stdout: 'The essay.\n' },
      { exitCode: 0, stdout: 'The essay.\n' },
    ]);
    const runs = scene.query(RUNS);
    expect(runs.map(({ status, requests }) => ({ status, requests }))).toEqual([
      { status: 'completed', requests: 7 },
      { status: 'completed', requests: 7 },
    ]);
    const [first, second] = runs.map(({ id }) => stepsOf(scene, id));
    expect(first).toMatchInlineSnapshot(`
      [
        "essay/delegation/call_c completed",
        "essay/delegation/call_c/llm/1 completed",
        "essay/llm/1 completed",
        "essay/llm/2 completed",
        "facts/delegation/call_a completed",
        "facts/delegation/call_a/llm/1 completed",
        "facts/delegation/call_b completed",
        "facts/delegation/call_b/llm/1 completed",
        "facts/llm/1 completed",
        "facts/llm/2 completed",
      ]
    `);
    expect(second).toEqual(first);
    expect(scene.query('SELECT DISTINCT task_key, status, raw FROM task_outputs')).toMatchInlineSnapshot(`
      [
        {
          "raw": "Facts on sun. Facts on wind.",
          "status": "completed",
          "task_key": "facts",
        },
        {
          "raw": "The essay.",
          "status": "completed",
          "task_key": "essay",
        },
      ]
    `);
  });

  it('gives two pieces of work to one agent at once', async () => {
    const gate = createGate();
    let atWork = 0;
    const scene = await createScene({ 'crew.yaml': MANAGED }, (body) => {
      if (roleIn(body) !== 'Researcher') return answerManaged(body);
      atWork += 1;
      // Neither is answered before both are asked.
      if (atWork === 2) gate.open();
      return after(gate.opened, answerManaged(body));
    });
    expect(scene.transcript(await scene.crew(['kickoff', 'crew.yaml']))).toMatchInlineSnapshot(`
      "exit 0
      --- stdout
      The essay.
      --- stderr
      managed run <run> · hierarchical · 2 tasks
      facts 1/2 · Crew Manager
        Crew Manager → Researcher: sun
        Crew Manager → Researcher: wind
        Crew Manager ← Researcher <time> · 15 tokens · <$0.0001
        Crew Manager ← Researcher <time> · 15 tokens · <$0.0001
      ✓ facts completed · <time> · 60 tokens · <$0.0001
      essay 2/2 · Crew Manager
        Crew Manager → Writer: Write.
        Crew Manager ← Writer <time> · 15 tokens · <$0.0001
      ✓ essay completed · <time> · 45 tokens · <$0.0001
      done · run <run> · <time> · 105 tokens · <$0.0001
      see it: crew show <run>
      "
    `);
    expect(scene.server.peakInFlight).toBe(2);
    expect(scene.query("SELECT raw FROM task_outputs WHERE task_key = 'facts'")).toEqual([
      { raw: 'Facts on sun. Facts on wind.' },
    ]);
  });
});

/** Five levels, with branches that run at the same time and contexts that are not named in the order of the file. */
const GRAPH = `name: graph
agents:
  worker: { role: Worker, goal: Work, backstory: You work. }
tasks:
  root: { description: root, expected_output: A. }
  left: { description: left, expected_output: A., context: [root], async_execution: true }
  middle: { description: middle, expected_output: A., context: [root], async_execution: true }
  right: { description: right, expected_output: A., context: [root], async_execution: true }
  inner: { description: inner, expected_output: A., context: [middle, left], async_execution: true }
  outer: { description: outer, expected_output: A., context: [right, left, root], async_execution: true }
  joined: { description: joined, expected_output: A., context: [outer, inner, right] }
  last: { description: last, expected_output: A., context: [joined, outer, left, root] }
  alone: { description: alone, expected_output: A., context: [], depends_on: [last] }
  all: { description: all, expected_output: A. }
`;
const EXPECTED_CONTEXT = {
  root: [],
  left: ['root'],
  middle: ['root'],
  right: ['root'],
  inner: ['left', 'middle'],
  outer: ['root', 'left', 'right'],
  joined: ['right', 'inner', 'outer'],
  last: ['root', 'left', 'outer', 'joined'],
  alone: [],
  all: ['root', 'left', 'middle', 'right', 'inner', 'outer', 'joined', 'last', 'alone'],
};

/** The tasks whose results a prompt shows, in the order of the prompt, by task. */
function contextsOf(requests: readonly RecordedRequest[]): Record<string, string[]> {
  return Object.fromEntries(
    requests.map(({ body }) => {
      const prompt = String(body.messages[1]?.content);
      const shown = [...prompt.matchAll(/<result task="(\w+)">\nresult of (\w+)\n<\/result>/g)];
      return [taskIn(body), shown.map(([, task = '', words = '']) => (task === words ? task : `${task}: ${words}`))];
    }),
  );
}

describe('a graph of tasks', () => {
  /** Branches that are answered in this order, whatever the order in which they were asked. */
  it.each([
    { order: ['left', 'middle', 'right'] },
    { order: ['right', 'middle', 'left'] },
    { order: ['middle', 'right', 'left'] },
  ])('shows context in the order of the file where branches end as $order', async ({ order }) => {
    const gates = new Map(order.map((task) => [task, createGate()]));
    let branches = 0;
    const scene = await createScene({ 'crew.yaml': GRAPH }, (body) => {
      const task = taskIn(body);
      const answer = text(`result of ${task}`);
      const gate = gates.get(task);
      if (gate) {
        branches += 1;
        // All three are under way before the first is answered.
        if (branches === 3) gates.get(order[0] ?? '')?.open();
        return after(
          gate.opened.then(() => setImmediate(() => gates.get(order[order.indexOf(task) + 1] ?? '')?.open())),
          answer,
        );
      }
      return answer;
    });
    const { exitCode, stdout } = await scene.crew(['kickoff', 'crew.yaml']);
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: 'result of all\n' });
    expect(scene.server.peakInFlight).toBe(3);
    expect(contextsOf(scene.server.requests)).toEqual(EXPECTED_CONTEXT);
  });

  it('runs one task at a time with --concurrency 1', async () => {
    const scene = await createScene({ 'crew.yaml': GRAPH }, (body) => text(`result of ${taskIn(body)}`));
    const { exitCode } = await scene.crew(['kickoff', 'crew.yaml', '--concurrency', '1']);
    expect(exitCode).toBe(0);
    expect(scene.server.peakInFlight).toBe(1);
    expect(contextsOf(scene.server.requests)).toEqual(EXPECTED_CONTEXT);
  });

  it('keeps the answer of a branch that was under way when another one failed, and starts nothing more', async () => {
    const asked = createGate();
    const failed = createGate();
    const scene = await createScene({ 'crew.yaml': GRAPH }, (body) => {
      const task = taskIn(body);
      if (task === 'left') return after(asked.opened, failure(401, 'Who are you?'));
      if (task === 'right') asked.open();
      return task === 'middle' || task === 'right'
        ? after(failed.opened, text(`result of ${task}`))
        : text(`result of ${task}`);
    });
    const { child, ended } = scene.start(['kickoff', 'crew.yaml']);
    child.stderr?.on('data', (chunk: Buffer) => {
      if (chunk.toString().includes('✗ left')) failed.open();
    });
    const outcome = await ended;
    expect(outcome.exitCode).toBe(6);
    expect(scene.tidy(outcome.stderr)).toMatchInlineSnapshot(`
      "graph run <run> · sequential · 10 tasks
      root 1/10 · Worker
      ✓ root completed · <time> · 15 tokens · <$0.0001
      left 2/10 · Worker
      middle 3/10 · Worker
      right 4/10 · Worker
      ✗ left failed · <time> · 0 tokens · $0
      ✓ middle completed · <time> · 15 tokens · <$0.0001
      ✓ right completed · <time> · 15 tokens · <$0.0001
      error: task left: openai/gpt-4.1-mini: access was refused (401 Unauthorized): Who are you?
      hint: Check OPENAI_API_KEY.
      failed · run <run> · <time> · 45 tokens · <$0.0001
      see it: crew show <run> --steps
      go on: crew resume <run>
      "
    `);
    expect(scene.query('SELECT task_key, status FROM task_outputs ORDER BY position')).toMatchInlineSnapshot(`
      [
        {
          "status": "completed",
          "task_key": "root",
        },
        {
          "status": "failed",
          "task_key": "left",
        },
        {
          "status": "completed",
          "task_key": "middle",
        },
        {
          "status": "completed",
          "task_key": "right",
        },
        {
          "status": "pending",
          "task_key": "inner",
        },
        {
          "status": "pending",
          "task_key": "outer",
        },
        {
          "status": "pending",
          "task_key": "joined",
        },
        {
          "status": "pending",
          "task_key": "last",
        },
        {
          "status": "pending",
          "task_key": "alone",
        },
        {
          "status": "pending",
          "task_key": "all",
        },
      ]
    `);
  });
});
