import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Cassette } from '../../src/journal/cassette-format.js';
import { failure, text, toolCalls } from '../helpers/provider-server.js';
import { BRIEF, createReplayScene, type ReplayScene } from '../helpers/replay-scene.js';

const WITHOUT_KEY = { env: { OPENAI_API_KEY: undefined, OPENAI_BASE_URL: undefined } } as const;

const pathsIn = (scene: ReplayScene): string[] => {
  const { calls } = parse(readFileSync(join(scene.folder, 'tape.yaml'), 'utf8')) as Cassette;
  return calls.map(({ path }) => path);
};

/** Kicks off with the cassette: strictly, without a key and without a call. */
async function play(scene: ReplayScene): Promise<string> {
  scene.newCalls();
  const outcome = await scene.crew(['kickoff', 'crew.yaml', '--cassette', 'tape.yaml', '--quiet'], WITHOUT_KEY);
  expect(scene.newCalls()).toEqual([]);
  expect(outcome).toMatchObject({ exitCode: 0, stderr: '' });
  return outcome.stdout;
}

const RECORD = ['--quiet', '--record', 'tape.yaml'] as const;

describe('a cassette of a replay', () => {
  it('has the calls of what it reuses, and of what those runs reused', async () => {
    const scene = await createReplayScene();
    await scene.kickoff();
    await scene.replay('-t', 'outline', '--quiet');
    expect((await scene.replay('-t', 'write', ...RECORD)).stdout).toBe('Write 6.\n');
    expect(pathsIn(scene)).toEqual(['research/llm/1', 'outline/llm/1', 'write/llm/1']);
    expect(await play(scene)).toBe('Write 6.\n');
  });

  it('has them under the names of today', async () => {
    const scene = await createReplayScene();
    await scene.kickoff();
    scene.edit(['  research:', '  facts:'], ['  write:', '  finish:']);
    expect((await scene.replay('--auto', ...RECORD)).stdout).toBe('Write 3.\n');
    expect(pathsIn(scene)).toEqual(['facts/llm/1', 'outline/llm/1', 'finish/llm/1']);
    expect(await play(scene)).toBe('Write 3.\n');
    const tape = readFileSync(join(scene.folder, 'tape.yaml'), 'utf8');
    expect(tape).toContain('<result task="facts">');
    expect(tape).not.toContain('<result task="research">');
    await scene.crew(['kickoff', 'crew.yaml', '--cassette', 'tape.yaml', ...RECORD]);
    expect(readFileSync(join(scene.folder, 'tape.yaml'), 'utf8').match(/fingerprint:/g)).toHaveLength(3);
    expect(await play(scene)).toBe('Write 3.\n');
  });

  it('has the choices of the manager that earlier runs have made', async () => {
    const crew = BRIEF.replace('agents:', 'process: hierarchical\ntask_order: manager\nmanager_llm: m\nagents:')
      .replace(/outline: \{/, 'outline: { context: [],')
      .replace(/write: \{/, 'write: { context: [],');
    let count = 0;
    const scene = await createReplayScene({
      crew,
      answer: (body) => {
        const choice = body.tools?.find(({ function: { name } }) => name === 'choose_task');
        if (!choice) return undefined;
        const { enum: keys = [] } = (choice.function.parameters as { properties: { task: { enum?: string[] } } })
          .properties.task;
        count += 1;
        return toolCalls([{ name: 'choose_task', arguments: { task: keys[0] }, id: `choice_${count}` }]);
      },
    });
    await scene.kickoff();
    const { stdout } = await scene.replay('-t', 'outline', ...RECORD);
    expect(pathsIn(scene)).toEqual(['@order/llm/1', 'research/llm/1', '@order/llm/2', 'outline/llm/1', 'write/llm/1']);
    expect(await play(scene)).toBe(stdout);
  });

  it('says what it lacks where outputs were set by hand', async () => {
    const scene = await createReplayScene();
    await scene.kickoff();
    const set = ['--set-output', 'research=Mine.', '--record', 'tape.yaml'];
    expect(scene.transcript(await scene.replay('-t', 'outline', ...set))).toMatchInlineSnapshot(`
      "exit 0
      --- stdout
      Write 5.
      --- stderr
      Replay of run-0001
      1  research  set by hand
      2  outline   run again    chosen
      3  write     run again    follows outline
      brief run run-0002 · sequential · 1 of 3 tasks done · replay of run-0001
      ↺ research set by hand
      outline 2/3 · Writer
      ✓ outline completed · <time> · 15 tokens · <$0.0001
      write 3/3 · Writer
      ✓ write completed · <time> · 15 tokens · <$0.0001
      warning: the cassette lacks calls of research, as its output was set by hand: a kickoff with it will stop there
      done · run run-0002 · <time> · 30 tokens · <$0.0001
      see it: crew show run-0002
      "
    `);
    expect(pathsIn(scene)).toEqual(['outline/llm/1', 'write/llm/1']);
    const { stdout } = await scene.replay('-t', 'write', '--record', 'tape.yaml', '--format', 'jsonl');
    const events = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; message?: string });
    expect(events.slice(-2)).toMatchObject([
      { type: 'warning', message: expect.stringContaining('the cassette lacks calls of research') as string },
      { type: 'run-end' },
    ]);
  });

  it('says what it lacks where the run that made an output was deleted', async () => {
    const scene = await createReplayScene();
    await scene.kickoff();
    await scene.replay('-t', 'write', '--quiet');
    await scene.crew(['runs', 'prune', '--keep', '1', '--yes']);
    const outcome = await scene.replay('-t', 'write', '--record', 'tape.yaml');
    expect(scene.transcript(outcome)).toMatchInlineSnapshot(`
      "exit 0
      --- stdout
      Write 5.
      --- stderr
      Replay of run-0002
      1  research  reused     from run-0001/research
      2  outline   reused     from run-0001/outline
      3  write     run again  chosen
      brief run run-0003 · sequential · 2 of 3 tasks done · replay of run-0002
      ↺ research reused from run-0001/research
      ↺ outline reused from run-0001/outline
      write 3/3 · Writer
      ✓ write completed · <time> · 15 tokens · <$0.0001
      done · run run-0003 · <time> · 15 tokens · <$0.0001
      see it: crew show run-0003
      "
    `);
  });
});

const TEAM = `name: team
process: hierarchical
models: { m: { model: openai/gpt-4.1-mini, max_retries: 0 } }
manager_agent: { role: Lead, goal: Steer, backstory: You steer., llm: m }
agents:
  finder: { role: Finder, goal: Find facts, backstory: You find., llm: m, allow_delegation: true }
  writer: { role: Writer, goal: Write, backstory: You write., llm: m }
tasks:
  book: { description: Book it., expected_output: A book. }
`;

describe('a cassette of a run that took over delegations', () => {
  it('has the calls below them, from the runs that made them', async () => {
    let count = 0;
    const scene = await createReplayScene({
      crew: TEAM,
      answer: ({ messages }) => {
        const role = /Role: (\w+)/.exec(String(messages[0]?.content))?.[1];
        count += 1;
        if (role === 'Writer' || messages.some((message) => message.role === 'tool')) return text(`${role} ${count}.`);
        const question = { question: 'What?', context: '', coworker: role === 'Lead' ? 'Finder' : 'Writer' };
        return toolCalls([{ id: `call_${count}`, name: 'ask_question_to_coworker', arguments: question }]);
      },
    });
    await scene.kickoff();
    const keep = ['-t', 'book', '--keep-delegations'];
    await scene.replay(...keep, '--quiet');
    const { stdout } = await scene.replay(...keep, ...RECORD);
    expect(scene.server.requests).toHaveLength(9);
    expect(pathsIn(scene)).toEqual([
      'book/llm/1',
      'book/delegation/call_8/llm/1',
      'book/delegation/call_8/delegation/call_2/llm/1',
      'book/delegation/call_8/llm/2',
      'book/llm/2',
    ]);
    expect(await play(scene)).toBe(stdout);
  });
});

describe('a cassette of a run that went on with the definition of today', () => {
  it('has the calls that were taken over, with what they took', async () => {
    let isDown = true;
    const crew = BRIEF.replace('llm: m }', 'llm: m, tools: [list_directory] }');
    const scene = await createReplayScene({
      crew,
      answer: ({ messages }, task) => {
        if (task !== 'Research') return undefined;
        if (messages.length === 2) {
          const usage = { input: 70, output: 7 };
          return toolCalls([{ id: 'call_1', name: 'list_directory', arguments: { path: 'none' } }], { usage });
        }
        return isDown ? failure(503) : text('Found.');
      },
    });
    await scene.kickoff();
    isDown = false;
    scene.edit(['Write it.', 'Write it all.']);
    scene.newCalls();
    const { stdout, exitCode } = await scene.crew(['resume', '--with-current', ...RECORD]);
    expect(exitCode).toBe(0);
    expect(scene.newCalls()).toHaveLength(3);
    expect(pathsIn(scene)).toEqual(['research/llm/1', 'research/llm/2', 'outline/llm/1', 'write/llm/1']);
    expect(readFileSync(join(scene.folder, 'tape.yaml'), 'utf8')).toContain('input_tokens: 70');
    expect(await play(scene)).toBe(stdout);
  });
});
