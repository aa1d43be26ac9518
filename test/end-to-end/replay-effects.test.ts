import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { text, toolCalls } from '../helpers/provider-server.js';
import { createReplayScene, type ReplayScene } from '../helpers/replay-scene.js';

const tool = (name: string, effects: string): string => `import { appendFileSync } from 'node:fs';
export default {
  name: '${name}', description: 'Does it.', effects: '${effects}',
  parameters: { type: 'object', properties: { to: { type: 'string' } } },
  execute({ to }) { appendFileSync('done.txt', '${name} ' + to + '\\n'); return 'done'; },
};
`;
const CREW = `name: mails
models: { m: { model: openai/gpt-4.1-mini, max_retries: 0 } }
agents:
  clerk: { role: Clerk, goal: Mail, backstory: You mail., llm: m, tools: [./send.mjs, ./note.mjs, ./look.mjs] }
permissions: { deny: ["send(to=eve)"] }
tasks:
  early: { description: Early., expected_output: A mail. }
  late: { description: Late., expected_output: A mail. }
  last: { description: Rest., expected_output: Nothing. }
`;
const FILES = {
  'send.mjs': tool('send', 'external'),
  'note.mjs': tool('note', 'write'),
  'look.mjs': tool('look', 'none'),
};

/** A finished run in which two tasks have sent mails, noted and looked. */
async function createSentScene(): Promise<ReplayScene> {
  const call = (id: string, name: string, to: string) => ({ id, name, arguments: { to } });
  const scene = await createReplayScene({
    crew: CREW,
    files: FILES,
    answer: ({ messages }, task) => {
      if (task === 'Rest' || messages.some(({ role }) => role === 'tool')) return text('Done.');
      if (task === 'Early') return toolCalls([call('a', 'send', 'ann'), call('b', 'look', 'ann')]);
      return toolCalls([
        call('a', 'send', 'bob'),
        call('b', 'send', 'bob'),
        call('c', 'send', 'eve'),
        call('d', 'note', 'bob'),
        call('e', 'send', 'ida'),
      ]);
    },
  });
  await scene.kickoff();
  return scene;
}

const sentBy = ({ folder }: ReplayScene): string[] => {
  const path = join(folder, 'done.txt');
  return existsSync(path) ? (readFileSync(path, 'utf8').match(/^send.*/gm) ?? []) : [];
};
const SENT = ['send ann', 'send bob', 'send bob', 'send ida'];

describe('a replay that would cause effects on the outside again', () => {
  it('says which they are, and runs nothing unless somebody agrees', async () => {
    const scene = await createSentScene();
    expect(scene.transcript(await scene.replay('-t', 'late'))).toMatchInlineSnapshot(`
      "exit 5
      --- stderr
      Replay of run-0001
      1  early  reused     from run-0001/early
      2  late   run again  chosen
      3  last   run again  follows late
      External effects that it causes again:
        send {"to":"bob"} (late, 2 times)
        send {"to":"ida"} (late)
      error: the replay would make calls with external effects again:
        send {"to":"bob"} (late, 2 times)
        send {"to":"ida"} (late)
      hint: crew replay -t run-0001/late --yes makes them again; nothing was run.
      "
    `);
    expect([scene.query('SELECT 1 FROM runs').length, sentBy(scene)]).toEqual([1, SENT]);
    const { exitCode, stderr } = await scene.replay('-t', 'late', '--yes', '--quiet');
    expect([exitCode, stderr, sentBy(scene)]).toEqual([0, '', [...SENT, 'send bob', 'send bob', 'send ida']]);
  });

  it('says so in a dry run, for people and programs', async () => {
    const scene = await createSentScene();
    expect(await scene.plan('-t', 'early')).toMatchInlineSnapshot(`
      "
      Replay of run-0001
      1  early  run again  chosen
      2  late   run again  follows early
      3  last   run again  follows early
      External effects that it causes again:
        send {"to":"ann"} (early)
        send {"to":"bob"} (late, 2 times)
        send {"to":"ida"} (late)
      "
    `);
    const { stdout } = await scene.replay('-t', 'early', '--dry-run', '--format', 'json');
    expect((JSON.parse(stdout) as { effects: unknown }).effects).toEqual([
      { task: 'early', tool: 'send', arguments: { to: 'ann' }, count: 1 },
      { task: 'late', tool: 'send', arguments: { to: 'bob' }, count: 2 },
      { task: 'late', tool: 'send', arguments: { to: 'ida' }, count: 1 },
    ]);
  });

  it('asks nothing where tasks with such calls are reused, or the tools that made them are gone or harmless now', async () => {
    const scene = await createSentScene();
    expect((await scene.replay('-t', 'last', '--quiet')).exitCode).toBe(0);
    scene.edit(['./send.mjs, ', ''], ['permissions: { deny: ["send(to=eve)"] }\n', '']);
    expect(await scene.plan('-t', 'early')).not.toContain('External');
    scene.edit(['./send.mjs', '{ use: ./send.mjs, effects: write }']);
    expect(await scene.plan('-t', 'early')).not.toContain('External');
    expect(sentBy(scene)).toEqual(SENT);
  });

  it('asks the person at the terminal', async () => {
    const scene = await createSentScene();
    const answerWith = (typed: string, ...args: string[]) =>
      scene.crewOnTerminal(['replay', '-t', 'early', ...args], [{ question: 'Cause these effects again?', typed }]);
    const refused = await answerWith('\r');
    expect([refused.exitCode, sentBy(scene)]).toEqual([5, SENT]);
    const agreed = await answerWith('y\r', '--quiet');
    expect([agreed.exitCode, sentBy(scene)]).toEqual([0, [...SENT, ...SENT]]);
    expect(agreed.stderr).toContain('send {"to":"bob"} (late, 2 times)');
  });
});
