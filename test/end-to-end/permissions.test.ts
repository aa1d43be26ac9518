import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { text, toolCalls } from '../helpers/provider-server.js';
import { createReplayScene, type ReplayScene } from '../helpers/replay-scene.js';
import type { TypedAnswer } from '../helpers/run-process.js';

const AGENTS = `models: { m: { model: openai/gpt-4.1-mini, max_retries: 0 } }
agents:
  writer: { role: Writer, goal: Write, backstory: You write., llm: m, tools: [write_file, ./send.mjs] }
`;
const SEND = `import { appendFileSync } from 'node:fs';
export default {
  name: 'send', description: 'Sends.', effects: 'external',
  parameters: { type: 'object', properties: { to: { type: 'string' }, text: { type: 'string' } } },
  execute({ to }) { appendFileSync('sent.txt', to + '\\n'); return 'sent to ' + to; },
};
`;

const sentBy = ({ folder }: ReplayScene): string => {
  const path = join(folder, 'sent.txt');
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
};

/** A crew of one task with these rules, whose model makes the calls in its first turn and answers in the second. */
function createRuledScene(
  rules: string,
  calls: Parameters<typeof toolCalls>[0],
  files: Readonly<Record<string, string>> = {},
): Promise<ReplayScene> {
  const crew = `name: mails\n${AGENTS}tasks:\n  mail: { description: Mail it., expected_output: A mail. }\npermissions: ${rules}\n`;
  return createReplayScene({
    crew,
    files: { 'send.mjs': SEND, ...files },
    answer: ({ messages }) => (messages.some(({ role }) => role === 'tool') ? text('Mailed.') : toolCalls(calls)),
  });
}

const send = (id: string, to: string) => ({ id, name: 'send', arguments: { to, text: 'Hello' } });

/** Tasks and steps of the latest run, without tokens and times. */
const treeOf = async (scene: ReplayScene): Promise<string> => {
  const { stdout } = await scene.crew(['show']);
  const tree = stdout.slice(stdout.indexOf('TASKS AND STEPS'));
  return `\n${scene.tidy(tree).replaceAll(/ {2,}(?:Writer|AGENT).*$/gm, '')}`;
};

describe('permissions', () => {
  it('refuse calls and say which rule it was; the run goes on', async () => {
    const write = (id: string, path: string) => ({ id, name: 'write_file', arguments: { path, content: 'x' } });
    const scene = await createRuledScene(
      '{ allow: ["write_file(path=out/**)", send], deny: ["send(to=*@evil.org)"] }',
      [
        write('a', 'out/a.md'),
        write('b', 'out/../b.md'),
        write('c', 'c.md'),
        send('d', 'ann@evil.org'),
        send('e', 'ann@example.org'),
      ],
    );
    const { exitCode, stdout } = await scene.crew(['kickoff', 'crew.yaml', '--quiet']);
    expect([exitCode, stdout, sentBy(scene)]).toEqual([0, 'Mailed.\n', 'ann@example.org\n']);
    expect(readdirSync(scene.folder).filter((name) => name.endsWith('.md'))).toEqual([]);
    expect(readdirSync(join(scene.folder, 'out'))).toEqual(['a.md']);
    expect(await treeOf(scene)).toMatchInlineSnapshot(`
      "
      TASKS AND STEPS
      ✓ 1 mail
      ├─ ✓ model openai/gpt-4.1-mini
      ├─ ✓ tool write_file
      ├─ ! tool write_file (refused)
      │     reason: Not carried out: no rule of the crew allows this call. Do without it.
      ├─ ! tool write_file (refused)
      │     reason: Not carried out: no rule of the crew allows this call. Do without it.
      ├─ ! tool send (refused)
      │     reason: Not carried out: the rule "send(to=*@evil.org)" of the crew forbids this call. Do without it.
      ├─ ✓ tool send
      └─ ✓ model openai/gpt-4.1-mini
      "
    `);
  });

  it('have no rule about an argument that the tool does not have', async () => {
    const scene = await createRuledScene('{ deny: ["send(recipient=*@evil.org)"] }', []);
    expect(await scene.refusal(['kickoff', 'crew.yaml'])).toMatchInlineSnapshot(`
      "
      error: permissions: send(recipient=*@evil.org): send has no argument "recipient"
      hint: it has to, text
      "
    `);
  });
});

describe('a call that a person has to allow', () => {
  const asked = (files: Readonly<Record<string, string>> = {}) =>
    createRuledScene('{ ask: [send] }', [send('a', 'ann'), send('b', 'bob')], files);

  it('waits with exit 5, is shown with its arguments, and is answered call by call', async () => {
    const scene = await asked();
    expect(scene.transcript(await scene.crew(['kickoff', 'crew.yaml', '--quiet']))).toMatchInlineSnapshot(`
      "exit 5
      --- stderr
      error: a person has to allow a call of Writer in task mail: send {"to":"ann","text":"Hello"}
      hint: Answer with crew answer run-0001 --approve, --always, --deny "why" or --abort.
      "
    `);
    expect(scene.tidy((await scene.crew(['answer'])).stdout)).toMatchInlineSnapshot(`
      "mail: Writer wants to call (rule send)

        send {"to":"ann","text":"Hello"}

      crew answer run-0001 --approve, --always, --deny "why" or --abort

      mail: Writer wants to call (rule send)

        send {"to":"bob","text":"Hello"}

      crew answer run-0001 --approve, --always, --deny "why" or --abort
      "
    `);
    const first = await scene.crew(['answer', '--approve', '--quiet']);
    expect([first.exitCode, sentBy(scene)]).toEqual([5, 'ann\n']);
    const second = await scene.crew(['answer', '--deny', 'Bob is on leave.', '--quiet']);
    expect([second.exitCode, second.stdout, sentBy(scene)]).toEqual([0, 'Mailed.\n', 'ann\n']);
    expect(await treeOf(scene)).toMatchInlineSnapshot(`
      "
      TASKS AND STEPS
      ✓ 1 mail
      ├─ ✓ model openai/gpt-4.1-mini
      ├─ ✓ permission for send given
      ├─ ✓ permission for send denied
      ├─ ✓ tool send
      ├─ ! tool send (refused)
      │     reason: Not carried out: the person who was asked does not allow this call: Bob is on leave.
      └─ ✓ model openai/gpt-4.1-mini
      "
    `);
  });

  it('is answered in a replay as it was then, each answer once', async () => {
    const scene = await asked({ 'answers.yaml': 'mail: [{ deny: Not her. }, approve]\n' });
    await scene.crew(['kickoff', 'crew.yaml', '--quiet', '--answers', 'answers.yaml']);
    for (const sent of ['bob\n', 'bob\nbob\n', 'bob\nbob\nbob\n']) {
      expect(sentBy(scene)).toBe(sent);
      expect((await scene.replay('-t', '1', '--yes', '--quiet')).exitCode).toBe(0);
    }
  });

  it('is not asked about in a replay where they always agreed', async () => {
    const scene = await asked();
    await scene.crew(['kickoff', 'crew.yaml', '--quiet']);
    expect((await scene.crew(['answer', '--always', '--quiet'])).stdout).toBe('Mailed.\n');
    expect((await scene.crew(['answer', scene.latestRun()])).stderr).toContain('has no open question');
    expect(sentBy(scene)).toBe('ann\nbob\n');
    const { exitCode, stderr } = await scene.replay('-t', '1', '--yes');
    expect([exitCode, sentBy(scene)]).toEqual([0, 'ann\nbob\nann\nbob\n']);
    expect(scene.tidy(stderr).match(/^warning.*/gm)).toMatchInlineSnapshot(`
      [
        "warning: mail/permission/a: the answer of run run-0001 is used again (always); --ask-again asks anew",
      ]
    `);
    expect((await scene.replay('-t', '1', '--yes', '--ask-again', '--quiet')).exitCode).toBe(5);
  });

  it('is answered from a file, and told of', async () => {
    const scene = await asked({ 'answers.yaml': 'mail: [approve, { deny: Not him. }]\n' });
    const { exitCode, stdout } = await scene.crew([
      'kickoff',
      'crew.yaml',
      '--format',
      'jsonl',
      '--answers',
      'answers.yaml',
    ]);
    expect([exitCode, sentBy(scene)]).toEqual([0, 'ann\n']);
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const told = events.filter(({ type, is_refused: isRefused }) => String(type).startsWith('question') || isRefused);
    expect(
      told.map(({ path, kind, decision, text: said, result }) => [path, kind ?? '', decision ?? '', said ?? result]),
    ).toMatchInlineSnapshot(`
      [
        [
          "mail/permission/a",
          "permission",
          "",
          "send {"to":"ann","text":"Hello"}",
        ],
        [
          "mail/permission/a",
          "permission",
          "approve",
          "",
        ],
        [
          "mail/permission/b",
          "permission",
          "",
          "send {"to":"bob","text":"Hello"}",
        ],
        [
          "mail/permission/b",
          "permission",
          "deny",
          "Not him.",
        ],
        [
          "mail/tool/b",
          "",
          "",
          "Not carried out: the person who was asked does not allow this call: Not him.",
        ],
      ]
    `);
  });

  it('is asked about on a terminal', async () => {
    const scene = await createRuledScene('{ ask: [send] }', [send('a', 'ann')]);
    const answerWith = (...more: readonly TypedAnswer[]) =>
      scene.crewOnTerminal(['kickoff', 'crew.yaml', '--quiet'], more, { env: { TERM: 'xterm-256color' } });
    const agreed = await answerWith({ question: 'May this be called by Writer', typed: '\u001B[B\r' });
    expect([agreed.exitCode, agreed.stdout, sentBy(scene)]).toEqual([0, 'Mailed.\n', 'ann\n']);
    expect(agreed.stderr).toContain('send {"to":"ann","text":"Hello"}');
    const denied = await answerWith(
      { question: 'May this be called by Writer', typed: '\r' },
      { question: 'Why not?', typed: 'Not her.\r' },
    );
    expect([denied.exitCode, denied.stdout, sentBy(scene)]).toEqual([0, 'Mailed.\n', 'ann\n']);
    expect(String(scene.server.requests.at(-1)?.body.messages.at(-1)?.content)).toBe(
      'Not carried out: the person who was asked does not allow this call: Not her.',
    );
  });
});
