import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type ChatRequestBody, createGate, hang, type ServerAnswer, text } from '../helpers/provider-server.js';
import { BRIEF, createReplayScene, type ReplayScene } from '../helpers/replay-scene.js';

const PLANNED = BRIEF.replace('agents:', 'planning: true\nplanning_llm: openai/gpt-4o\nagents:');
const WITHOUT_KEY = { env: { OPENAI_API_KEY: undefined, OPENAI_BASE_URL: undefined } } as const;

const isPlanner = ({ messages }: ChatRequestBody): boolean => String(messages[0]?.content).startsWith('You plan');

/** A plan that is numbered like the answers, for the tasks that are asked for. */
function planFor({ messages }: ChatRequestBody, number: number): ServerAnswer {
  const keys = [...String(messages[1]?.content).matchAll(/^<task name="(\w+)">$/gm)].map(([, key]) => key ?? '');
  return text(JSON.stringify({ plan: Object.fromEntries(keys.map((key) => [key, `Plan ${number} of ${key}.`])) }));
}

async function createScene(crew = PLANNED): Promise<ReplayScene & { readonly plans: () => number }> {
  let plans = 0;
  const scene = await createReplayScene({
    crew,
    answer: (body) => (isPlanner(body) ? planFor(body, (plans += 1)) : undefined),
  });
  return { ...scene, plans: () => plans };
}

/** Tasks and steps of `crew show`, without what they took. */
function treeIn(scene: ReplayScene, stdout: string): string[] {
  const tree = scene.tidy(stdout).split('TASKS AND STEPS')[1] ?? '';
  return tree
    .split('\n')
    .slice(1)
    .map((line) => line.replace(/ {2,}(Planner|Analyst|Writer) +.*$/, ' ($1)'));
}

/** The plan's part in the prompt of each call since the last time that this was asked. */
function plansIn(scene: ReplayScene, from: number): string[] {
  return scene.server.requests.slice(from).map(({ body }) => {
    const prompt = String(body.messages[1]?.content);
    return isPlanner(body) ? 'planner' : (/Plan:\n(.*)/.exec(prompt)?.[1] ?? 'none');
  });
}

describe('planning', () => {
  it('shows the plan, stores it as a step and gives each task its part', async () => {
    const scene = await createScene();
    const outcome = await scene.crew(['kickoff', 'crew.yaml', '--concurrency', '1']);
    expect(scene.transcript(outcome)).toMatchInlineSnapshot(`
      "exit 0
      --- stdout
      Write 3.
      --- stderr
      brief run run-0001 · sequential · 3 tasks
      ✓ plan <time> · 15 tokens · <$0.0001
        research: Plan 1 of research.
        outline: Plan 1 of outline.
        write: Plan 1 of write.
      research 1/3 · Analyst
      ✓ research completed · <time> · 15 tokens · <$0.0001
      outline 2/3 · Writer
      ✓ outline completed · <time> · 15 tokens · <$0.0001
      write 3/3 · Writer
      ✓ write completed · <time> · 15 tokens · <$0.0001
      done · run run-0001 · <time> · 60 tokens · $0.0001
      see it: crew show run-0001
      "
    `);
    expect(plansIn(scene, 0)).toMatchInlineSnapshot(`
      [
        "planner",
        "Plan 1 of research.",
        "Plan 1 of outline.",
        "Plan 1 of write.",
      ]
    `);
    expect(scene.server.requests[0]?.body).toMatchObject({
      model: 'gpt-4o',
      response_format: { type: 'json_schema', json_schema: { name: 'plan', strict: true } },
    });
    const shown = await scene.crew(['show', '--steps']);
    expect(treeIn(scene, shown.stdout).slice(0, 32).join('\n')).toMatchInlineSnapshot(`
      "✓ plan openai/gpt-4o (Planner)
      └─ ✓ model openai/gpt-4o (Planner)
            system: You plan the work of a crew. A task is given the results of those before it, or only of those it names.
            user:
              <task name="research">
              Research solar.
              Expected output: Facts.
              Agent: Analyst
              </task>

              <task name="outline">
              Outline it.
              Expected output: An outline.
              Agent: Writer
              </task>

              <task name="write">
              Write it.
              Expected output: A text.
              Agent: Writer
              </task>

              Plan these tasks: for each, in a few short steps, how to do it and with which tools.

              Answer in JSON: {plan: {research: string, outline: string, write: string}}
            schema: {"type":"object","properties":{"plan":{"type":"object","properties":{"research":{"type":"string"},"outline":{"type":"string"},"write":{"type":"string"}},"required":["research","outline","write"],"additionalProperties":false}},"required":["plan"],"additionalProperties":false}
            answer: {"plan":{"research":"Plan 1 of research.","outline":"Plan 1 of outline.","write":"Plan 1 of write."}}
         plan of research: Plan 1 of research.
         plan of outline: Plan 1 of outline.
         plan of write: Plan 1 of write.
      ✓ 1 research (Analyst)
      └─ ✓ model openai/gpt-4.1-mini (Analyst)"
    `);
  });

  it('keeps the plan when the process is killed', async () => {
    const reached = createGate();
    let hangs = true;
    let plans = 0;
    const scene = await createReplayScene({
      crew: PLANNED,
      answer: (body, task) => {
        if (isPlanner(body)) return planFor(body, (plans += 1));
        if (!hangs || task !== 'Outline') return undefined;
        reached.open();
        return hang;
      },
    });
    const running = scene.start(['kickoff', 'crew.yaml', '--quiet']);
    await reached.opened;
    running.child.kill('SIGKILL');
    await running.ended;
    hangs = false;
    const before = scene.server.requests.length;
    expect(await scene.crew(['resume', '--quiet'])).toMatchObject({ exitCode: 0 });
    expect(plansIn(scene, before)).toEqual(['Plan 1 of outline.', 'Plan 1 of write.']);
  });

  it('takes the plan over into a replay, and makes it anew where something of the crew has changed', async () => {
    const scene = await createScene();
    await scene.kickoff();
    let before = scene.server.requests.length;
    expect(await scene.replay('-t', 'outline', '--quiet')).toMatchObject({ exitCode: 0 });
    expect(plansIn(scene, before)).toEqual(['Plan 1 of outline.', 'Plan 1 of write.']);
    const shown = await scene.crew(['show']);
    expect(treeIn(scene, shown.stdout).slice(0, 2)).toMatchInlineSnapshot(`
      [
        "↺ plan openai/gpt-4o (carried over from run-0001/@plan) (Planner)",
        "↺ 1 research (reused from run-0001/research)             Analyst",
      ]
    `);
    before = scene.server.requests.length;
    scene.edit(['expected_output: A text.', 'expected_output: A long text.']);
    expect(await scene.replay('-t', 'write', '--quiet')).toMatchObject({ exitCode: 0 });
    expect(plansIn(scene, before)).toEqual(['planner', 'Plan 2 of write.']);
    const asked = String(scene.server.requests[before]?.body.messages[1]?.content);
    expect(asked).toMatch(/^Finished: research, outline\n/);
    scene.edit(['gpt-4o', 'gpt-4.1']);
    expect(await scene.plan('-t', 'write', '--run', 'run-0001')).toMatchInlineSnapshot(`
      "
      error: there is no run "run-0001"
      hint: \`crew runs\` lists the runs.
      exit 2
      "
    `);
  });

  it('answers from a cassette, also from that of a replay', async () => {
    const scene = await createScene();
    const tape = join(scene.folder, 'tape.yaml');
    const play = async (): Promise<void> => {
      const before = scene.server.requests.length;
      const outcome = await scene.crew(['kickoff', 'crew.yaml', '--cassette', 'tape.yaml', '--quiet'], WITHOUT_KEY);
      expect(outcome).toMatchObject({ exitCode: 0, stderr: '' });
      expect(scene.server.requests).toHaveLength(before);
    };
    await scene.kickoff('--record', 'tape.yaml');
    await play();
    const first = scene.query<{ id: string }>('SELECT id FROM runs ORDER BY started_at, rowid')[0]?.id ?? '';
    await scene.replay('-t', `${first}/write`, '--quiet', '--record', 'tape.yaml');
    expect(scene.plans()).toBe(1);
    await play();
    scene.edit(['expected_output: A text.', 'expected_output: A long text.']);
    await scene.replay('-t', `${first}/write`, '--quiet', '--record', 'tape.yaml');
    expect(scene.plans()).toBe(2);
    const merged = /- path: "@plan\/llm\/1"\n(?: {4}.*\n)*/.exec(readFileSync(tape, 'utf8'))?.[0];
    expect(merged).toMatchInlineSnapshot(`
      "- path: "@plan/llm/1"
          agent: Planner
          model: openai/gpt-4o
          answer:
            text: '{"plan":{"research":"Plan 1 of research.","outline":"Plan 1 of outline.","write":"Plan 2 of write."}}'
            finish_reason: stop
      "
    `);
    await play();
  });

  it('ends with 1 where the model gives no plan', async () => {
    const scene = await createReplayScene({
      crew: PLANNED,
      answer: (body) => (isPlanner(body) ? text('I would rather not.') : undefined),
    });
    const outcome = await scene.crew(['kickoff', 'crew.yaml']);
    expect(scene.transcript(outcome)).toMatchInlineSnapshot(`
      "exit 1
      --- stderr
      brief run run-0001 · sequential · 3 tasks
      ✗ plan <time>
      error: openai/gpt-4o gave no plan, 3 times: it is not a JSON object
      hint: Name another model with planning_llm.
      failed · run run-0001 · <time> · 45 tokens · $0.0002
      see it: crew show run-0001 --steps
      go on: crew resume run-0001
      "
    `);
  });
});

describe('reasoning', () => {
  it('is recorded, shown and answered from a cassette', async () => {
    const crew = BRIEF.replaceAll('llm: m }', 'llm: m, reasoning: true }');
    const scene = await createReplayScene({
      crew,
      answer: ({ messages }) =>
        String(messages[1]?.content).includes('Do not begin yet')
          ? text('{"plan": "Think, then write.", "ready": true}')
          : undefined,
    });
    await scene.kickoff('--record', 'tape.yaml', '--concurrency', '1');
    const shown = await scene.crew(['show']);
    expect(treeIn(scene, shown.stdout).join('\n')).toMatchInlineSnapshot(`
      "✓ 1 research (Analyst)
      ├─ ✓ model openai/gpt-4.1-mini thinks it over (Analyst)
      └─ ✓ model openai/gpt-4.1-mini (Analyst)
      ✓ 2 outline (Writer)
      ├─ ✓ model openai/gpt-4.1-mini thinks it over (Writer)
      └─ ✓ model openai/gpt-4.1-mini (Writer)
      ✓ 3 write (Writer)
      ├─ ✓ model openai/gpt-4.1-mini thinks it over (Writer)
      └─ ✓ model openai/gpt-4.1-mini (Writer)
      "
    `);
    const before = scene.server.requests.length;
    const played = await scene.crew(['kickoff', 'crew.yaml', '--cassette', 'tape.yaml', '--quiet'], WITHOUT_KEY);
    expect(played).toMatchObject({ exitCode: 0, stderr: '', stdout: 'Write 3.\n' });
    expect(scene.server.requests).toHaveLength(before);
    writeFileSync(join(scene.folder, 'crew.yaml'), crew.replace(', reasoning: true }\n  writer', ' }\n  writer'));
    expect(await scene.plan('--auto')).toMatchInlineSnapshot(`
      "
      Replay of run-0002
      1  research  run again  reasoning changed from 3 attempts to none
      2  outline   run again  upstream research runs again
      3  write     run again  upstream research, outline run again
      "
    `);
  });
});
