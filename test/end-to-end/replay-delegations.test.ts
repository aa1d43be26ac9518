import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { failure, text, toolCalls } from '../helpers/provider-server.js';
import { createReplayScene, type ReplayScene } from '../helpers/replay-scene.js';

const TEAM = `name: team
process: hierarchical
models:
  m: { model: openai/gpt-4.1-mini, max_retries: 0 }
  w: { model: openai/gpt-4.1-mini, max_retries: 0 }
inputs: { topic: solar }
manager_agent: { role: Lead, goal: Steer, backstory: You steer., llm: m }
agents:
  finder: { role: Finder, goal: Find facts, backstory: You find., llm: m, tools: [./tool.js] }
  writer: { role: Writer, goal: "Write about {topic}", backstory: You write., llm: w }
tasks:
  plan: { description: Plan it., expected_output: A plan. }
  book: { description: Book it., expected_output: A book. }
`;
const TOOL = "export default { description: 'Looks.', parameters: { type: 'object' }, execute: () => 'a' };\n";
const TOOLS = ['delegate_work_to_coworker', 'ask_question_to_coworker'] as const;

/** A hierarchical crew: for each task the lead gives both coworkers work at once, and then has the answer. */
async function createTeam(crew = TEAM): Promise<ReplayScene & { calls(): string[]; failNext(role: string): void }> {
  let failing = '';
  let count = 0;
  const roleIn = (messages: readonly { readonly content?: unknown }[]): string =>
    /Role: (\w+)/.exec(String(messages[0]?.content))?.[1] ?? '';
  const scene = await createReplayScene({
    crew,
    files: { 'tool.js': TOOL },
    answer: ({ messages }, task) => {
      const role = roleIn(messages);
      if (role === failing) {
        failing = '';
        return failure(401, 'bad key');
      }
      count += 1;
      if (role !== 'Lead') return text(`${role} ${count}.`);
      const results = messages.filter((message) => message.role === 'tool').map(({ content }) => content);
      if (results.length > 0) return text(`${task} with ${results.join(' ')}`);
      return toolCalls([
        { id: `a${count}`, name: TOOLS[0], arguments: { task: `Facts to ${task}`, context: '', coworker: 'Finder' } },
        {
          id: `b${count}`,
          name: TOOLS[1],
          arguments: { question: `How to ${task}?`, context: '', coworker: 'Writer' },
        },
      ]);
    },
  });
  let seen = 0;
  return {
    ...scene,
    calls: () => {
      const roles = scene.server.requests.slice(seen).map(({ body }) => roleIn(body.messages));
      seen = scene.server.requests.length;
      // Coworkers are called at once, in any order.
      return roles.toSorted();
    },
    failNext: (role) => (failing = role),
  };
}

it("runs the manager's loop again, with all its delegations", async () => {
  const scene = await createTeam();
  await scene.kickoff();
  expect(scene.calls()).toEqual(['Finder', 'Finder', 'Lead', 'Lead', 'Lead', 'Lead', 'Writer', 'Writer']);
  const { stdout } = await scene.replay('-t', 'book', '--quiet');
  expect(stdout).toMatch(/^Book with (Finder|Writer) \d+\. (Finder|Writer) \d+\.\n$/);
  expect(scene.calls()).toEqual(['Finder', 'Lead', 'Lead', 'Writer']);
});

it('--keep-delegations takes over those with the same request, at no cost', async () => {
  const scene = await createTeam();
  await scene.kickoff();
  const [{ raw = '' } = {}] = scene.query<{ raw: string }>("SELECT raw FROM task_outputs WHERE task_key = 'book'");
  scene.calls();
  const outcome = await scene.replay('-t', 'book', '--keep-delegations');
  expect(outcome.stdout).toBe(`${raw}\n`);
  expect(scene.transcript(outcome).replaceAll(/(Finder|Writer) \d+\./g, '$1 <n>.')).toMatchInlineSnapshot(`
    "exit 0
    --- stdout
    Book with Finder <n>. Writer <n>.
    --- stderr
    Replay of run-0001
    1  plan  reused     from run-0001/plan
    2  book  run again  chosen
    team run run-0002 · hierarchical · 1 of 2 tasks done · replay of run-0001
    ↺ plan reused from run-0001/plan
    book 2/2 · Lead
    ✓ book completed · <time> · 30 tokens · <$0.0001
    done · run run-0002 · <time> · 30 tokens · <$0.0001
    see it: crew show run-0002
    "
  `);
  expect(scene.calls()).toEqual(['Lead', 'Lead']);
  const { stdout } = await scene.crew(['show', '--steps']);
  const tree = scene.tidy(stdout).slice(scene.tidy(stdout).indexOf('TASKS AND STEPS'));
  expect(tree.replaceAll(/(Finder|Writer) \d+\./g, '$1 <n>.').replaceAll(/ {3,}/g, '  ')).toMatchInlineSnapshot(`
    "TASKS AND STEPS  AGENT  TOKENS  COST  TIME
    ↺ 1 plan (reused from run-0001/plan)  Lead
    ✓ 2 book  Lead  30  <$0.0001  <time>
    ├─ ✓ model openai/gpt-4.1-mini  Lead  15  <$0.0001  <time>
    │  system:
    │  Role: Lead
    │  Goal: Steer
    │  You steer.
    │  You lead your coworkers: delegate the work, check each answer against the expected output, have it revised where it falls short, then answer with the finished result.
    │  user:
    │  Task: Book it.
    │
    │  Expected output: A book.
    │
    │  Results of earlier tasks:
    │
    │  <result task="plan">
    │  Plan with Finder <n>. Writer <n>.
    │  </result>
    │
    │  Answer with the complete result, nothing else.
    │  tools: delegate_work_to_coworker, ask_question_to_coworker
    │  calls: delegate_work_to_coworker {"task":"Facts to Book","context":"","coworker":"Finder"}
    │  calls: ask_question_to_coworker {"question":"How to Book?","context":"","coworker":"Writer"}
    ├─ ↺ delegates to Finder (carried over from run-0001/book/delegation/a5)  Lead  <time>
    │  request: Facts to Book
    │  result: Finder <n>.
    ├─ ↺ asks Writer (carried over from run-0001/book/delegation/b5)  Lead  <time>
    │  request: How to Book?
    │  result: Writer <n>.
    └─ ✓ model openai/gpt-4.1-mini  Lead  15  <$0.0001  <time>
      results: of delegate_work_to_coworker, ask_question_to_coworker, as above
      answer: Book with Finder <n>. Writer <n>.
    "
  `);
  const json = await scene.crew(['show', '--format', 'json']);
  const { steps } = JSON.parse(scene.tidy(json.stdout)) as { steps: { kind: string }[] };
  expect(steps.find(({ kind }) => kind === 'delegation')).toMatchObject({
    path: 'book/delegation/a9',
    status: 'completed',
    carried_over_from: expect.stringMatching(/^run-0001\/book\/delegation\/a\d$/) as string,
    token_usage: { total_tokens: 0 },
    cost_usd: 0,
  });
});

it.each([
  ['goal', ['goal: Find facts', 'goal: Find all facts'], ['Finder', 'Lead', 'Lead']],
  ['model', ['w: { model: openai/gpt-4.1-mini', 'w: { model: openai/gpt-4o'], ['Lead', 'Lead', 'Writer']],
  ['role', ['role: Finder', 'role: Finders'], ['Finders', 'Lead', 'Lead']],
  ['own task', ['Book it.', 'Book it now.'], ['Lead', 'Lead']],
] as const)('asks a coworker again whose %s has changed, and only that one', async (_what, edit, calls) => {
  const scene = await createTeam();
  await scene.kickoff();
  scene.calls();
  scene.edit([...edit]);
  expect((await scene.replay('-t', 'book', '--keep-delegations', '--force', '--quiet')).exitCode).toBe(0);
  expect(scene.calls()).toEqual(calls);
});

it('asks again where the code of its tool or an input in its texts has changed', async () => {
  const scene = await createTeam();
  await scene.kickoff();
  scene.calls();
  const args = ['--run', scene.latestRun(), '-t', 'book', '--keep-delegations', '--force', '--quiet'];
  expect((await scene.replay(...args, '-i', 'topic=wind')).exitCode).toBe(0);
  expect(scene.calls()).toEqual(['Lead', 'Lead', 'Writer']);
  writeFileSync(join(scene.folder, 'tool.js'), TOOL.replace("'a'", "'b'"));
  expect((await scene.replay(...args)).exitCode).toBe(0);
  expect(scene.calls()).toEqual(['Finder', 'Lead', 'Lead']);
});

it('asks again a coworker who may have asked others, where one of those has changed', async () => {
  const scene = await createTeam(
    TEAM.replace('backstory: You find.,', 'backstory: You find., allow_delegation: true,'),
  );
  await scene.kickoff();
  scene.calls();
  scene.edit(['backstory: You write.', 'backstory: You write well.']);
  expect((await scene.replay('-t', 'book', '--keep-delegations', '--force', '--quiet')).exitCode).toBe(0);
  expect(scene.calls()).toEqual(['Finder', 'Lead', 'Lead', 'Writer']);
});

it('keeps the delegations of a task that failed, and those behind a reused output', async () => {
  const scene = await createTeam();
  await scene.kickoff();
  await scene.replay('-t', 'book', '--quiet');
  scene.calls();
  // What the second run has of the first task is a link: its delegations are in the first run.
  expect((await scene.replay('-t', 'plan', '--keep-delegations', '--quiet')).exitCode).toBe(0);
  expect(scene.calls()).toEqual(['Lead', 'Lead', 'Lead', 'Lead']);

  const other = await createTeam();
  other.failNext('Writer');
  await other.kickoff();
  expect(other.query('SELECT status FROM runs')).toEqual([{ status: 'failed' }]);
  other.calls();
  expect((await other.replay('-t', 'plan', '--keep-delegations', '--quiet')).exitCode).toBe(0);
  expect(other.calls().filter((role) => role !== 'Lead')).toEqual(['Finder', 'Writer', 'Writer']);
});
