import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type ChatRequestBody, createGate, hang, text } from '../helpers/provider-server.js';
import { createScene, type Scene } from '../helpers/run-process.js';

const crewWith = (guardrails: string, top = ''): string => `name: brief
${top}agents:
  writer: { role: Writer, goal: Write, backstory: You write., llm: openai/gpt-4.1-mini }
tasks:
  essay:
    description: Write it.
    expected_output: A text.
    guardrail_max_retries: 1
${guardrails.replaceAll(/^(?=.)/gm, '    ')}
`;

const isJudged = ({ messages }: ChatRequestBody): boolean => String(messages[0]?.content).startsWith('You check');
const yes = text('{"reason": "It does.", "passed": true}');
const no = text('{"reason": "It names none.", "passed": false}');
const runIdIn = (scene: Scene): string => scene.query<{ id: string }>('SELECT id FROM runs')[0]?.id ?? '';

describe('guardrails', () => {
  const GUARDED = crewWith(`guardrail: { max_words: 4 }
guardrails: [It names sources., ./check.ts]`);
  const CHECK = `export default ({ raw }: { raw: string }) => [true, raw.trimEnd() + '\\n\\nChecked.'];\n`;

  it('send an answer back with every reason, and may change the one that counts', async () => {
    const scene = await createScene({ 'crew.yaml': GUARDED, 'check.ts': CHECK }, [
      text('All of this is true.'),
      no,
      text('True, says NASA.'),
      yes,
    ]);
    const outcome = await scene.crew(['kickoff', 'crew.yaml']);
    expect(scene.transcript(outcome)).toMatchInlineSnapshot(`
      "exit 0
      --- stdout
      True, says NASA.

      Checked.
      --- stderr
      brief run <run> · sequential · 1 task
      essay 1/1 · Writer
        not accepted: max_words: 4: it has 5 words
        not accepted: It names sources: It names none.
      ✓ essay completed · <time> · 60 tokens · <$0.0001
      done · run <run> · <time> · 60 tokens · <$0.0001
      see it: crew show <run>
      "
    `);
    expect(scene.server.requests[2]?.body.messages.at(-1)).toMatchInlineSnapshot(`
      {
        "content": "This answer was not accepted:
      - max_words: 4: it has 5 words
      - It names sources: It names none.
      Give the complete result again, with these points put right.",
        "role": "user",
      }
    `);
    const shown = await scene.crew(['show', '--steps']);
    const checks = shown.stdout.split('\n').filter((line) => / guardrail |not passed:|changed to|passed:/.test(line));
    expect(checks.map((line) => line.replace(/\s{2,}Writer.*/, '')).join('\n')).toMatchInlineSnapshot(`
      "├─ ! guardrail max_words: 4 (not passed)
      │     not passed: it has 5 words
      ├─ ! guardrail It names sources (not passed)
      │     not passed: It names none.
      ├─ ✓ guardrail ./check.ts
      │     passed: yes
      │     changed to:
      ├─ ✓ guardrail max_words: 4
      │     passed: yes
      ├─ ✓ guardrail It names sources
      │     passed: yes
      └─ ✓ guardrail ./check.ts
            passed: yes
            changed to:"
    `);
  });

  it('that are never met end with 3, and resume gives the agent another chance', async () => {
    const crew = crewWith('guardrails: [{ matches: "^# " }, { not_matches: TODO }]');
    const answers = ['TODO', 'Text', '# Text'];
    const scene = await createScene({ 'crew.yaml': crew }, () => text(answers.shift() ?? ''));
    const outcome = await scene.crew(['kickoff', 'crew.yaml', '--quiet']);
    expect(scene.transcript(outcome)).toMatchInlineSnapshot(`
      "exit 3
      --- stderr
      error: task essay: the answer of Writer was not accepted in 2 attempts:
        attempt 1: matches: ^# : it has no match; not_matches: TODO: it has "TODO"
        attempt 2: matches: ^# : it has no match
      hint: Loosen the guardrails, say in the task what they ask for, or raise guardrail_max_retries.
      "
    `);
    const resumed = await scene.crew(['resume', '--quiet']);
    expect(resumed).toMatchObject({ exitCode: 0, stdout: '# Text\n' });
  });

  it('of code that throws fail the task, and go on when it is mended, with the answer that was paid for', async () => {
    const broken = `export function hasSources() { throw new Error('no list of sources'); }\n`;
    const crew = crewWith('guardrail: ./check.ts#hasSources');
    const scene = await createScene({ 'crew.yaml': crew, 'check.ts': broken }, [text('Text')]);
    const outcome = await scene.crew(['kickoff', 'crew.yaml']);
    expect(scene.transcript(outcome)).toMatchInlineSnapshot(`
      "exit 1
      --- stderr
      brief run <run> · sequential · 1 task
      essay 1/1 · Writer
        not checked: ./check.ts#hasSources: guardrail ./check.ts#hasSources failed: no list of sources
      ✗ essay failed · <time> · 15 tokens · <$0.0001
      error: task essay: guardrail ./check.ts#hasSources failed: no list of sources
      hint: It is code of the crew: mend it, then crew resume goes on.
      failed · run <run> · <time> · 15 tokens · <$0.0001
      see it: crew show <run> --steps
      go on: crew resume <run>
      "
    `);
    writeFileSync(join(scene.folder, 'check.ts'), 'export const hasSources = async () => true;\n');
    expect(await scene.crew(['resume', '--quiet'])).toMatchObject({ exitCode: 0, stdout: 'Text\n' });
    expect(scene.server.requests).toHaveLength(1);
  });

  it('are refused before anything is called where their file is wrong', async () => {
    const scene = await createScene({
      'crew.yaml': crewWith('guardrail: ./check.ts'),
      'check.ts': 'export const n = 1;',
    });
    expect(await scene.refusal(['kickoff', 'crew.yaml'])).toMatchInlineSnapshot(`
      "
      error: ./check.ts has no default export; it exports n
      hint: name the one you mean: ./check.ts#n
      "
    `);
  });

  it('keep their verdicts when the process is killed', async () => {
    const reached = createGate();
    let hangs = true;
    const scene = await createScene(
      { 'crew.yaml': crewWith('guardrails: [It names sources., It is kind.]') },
      (body) => {
        if (!isJudged(body)) return text('Text');
        if (!hangs || !JSON.stringify(body.messages).includes('kind')) return yes;
        reached.open();
        return hang;
      },
    );
    const { child, ended } = scene.start(['kickoff', 'crew.yaml', '--quiet']);
    await reached.opened;
    child.kill('SIGKILL');
    await ended;
    hangs = false;
    expect(await scene.crew(['resume', '--quiet'])).toMatchObject({ exitCode: 0, stdout: 'Text\n' });
    expect(scene.server.requests).toHaveLength(4);
  });

  it('that are loosened let an answer pass that was paid for before', async () => {
    const crew = crewWith('guardrails: [{ max_words: 1 }, It names sources.]');
    const scene = await createScene({ 'crew.yaml': crew }, (body) => (isJudged(body) ? yes : text('True, says NASA.')));
    expect((await scene.crew(['kickoff', 'crew.yaml', '--quiet'])).exitCode).toBe(3);
    const made = scene.server.requests.length;
    writeFileSync(join(scene.folder, 'crew.yaml'), crew.replace('max_words: 1', 'max_words: 9'));
    const resumed = await scene.crew(['resume', '--with-current', '--quiet']);
    expect(resumed).toMatchObject({ exitCode: 0, stdout: 'True, says NASA.\n' });
    expect(scene.server.requests).toHaveLength(made);
  });

  it('are answered by a cassette, and make a task run again when they change', async () => {
    const scene = await createScene({ 'crew.yaml': GUARDED, 'check.ts': CHECK }, [
      text('All of this is true.'),
      no,
      text('True, says NASA.'),
      yes,
    ]);
    await scene.crew(['kickoff', 'crew.yaml', '--quiet', '--record', 'brief.cassette.yaml']);
    const offline = await scene.crew(
      ['kickoff', 'crew.yaml', '--quiet', '--cassette', 'brief.cassette.yaml', '--db', 'other.db'],
      { env: { OPENAI_API_KEY: undefined } },
    );
    expect(offline).toMatchObject({ exitCode: 0, stdout: 'True, says NASA.\n\nChecked.\n' });
    expect(scene.server.requests).toHaveLength(4);
    const plan = await scene.crew(['replay', '--auto', '--dry-run']);
    expect(scene.tidy(plan.stdout)).toMatchInlineSnapshot(`
      "Replay of <run>
      1  essay  reused  from <run>/essay
      "
    `);
    writeFileSync(join(scene.folder, 'crew.yaml'), GUARDED.replace('max_words: 4', 'max_words: 9'));
    const changed = await scene.crew(['replay', '--auto', '--dry-run']);
    expect(scene.tidy(changed.stdout)).toMatchInlineSnapshot(`
      "Replay of <run>
      1  essay  run again  guardrails changed
      "
    `);
  });
});

describe('a shell guardrail', () => {
  const SHELL = crewWith('guardrail: { shell: "grep -q Sources || { echo no sources >&2; exit 1; }" }');
  const answers = () => [text('Text'), text('Text. Sources: NASA')];
  const env = { CREW_TRUST: undefined };

  it('runs only where somebody has agreed, which the file cannot do', async () => {
    const scene = await createScene({ 'crew.yaml': SHELL, 'old.yaml': `allow_shell: true\n${SHELL}` });
    expect(await scene.refusal(['kickoff', 'crew.yaml'], { env })).toMatchInlineSnapshot(`
      "
      error: crew.yaml does more than call models, and nobody has agreed to it:
        tasks.essay.guardrails: runs with /bin/sh: grep -q Sources || { echo no sources >&2; exit 1; }
      hint: Look at it, then agree with --trust, or beforehand with: crew trust crew.yaml
      "
    `);
    expect(await scene.refusal(['kickoff', 'old.yaml'], { env })).toMatchInlineSnapshot(`
      "
      old.yaml:1:1 allow_shell: not supported in this version
        1 | allow_shell: true
          | ^^^^^^^^^^^
          = remove it: crew asks before it starts programs; --trust answers yes
      "
    `);
  });

  it('runs with --allow-shell, also when the run goes on', async () => {
    const reached = createGate();
    let hangs = true;
    const scene = await createScene({ 'crew.yaml': SHELL }, ({ messages }) => {
      if (messages.length === 2) return text('Text');
      if (!hangs) return text('Text. Sources: NASA');
      reached.open();
      return hang;
    });
    const { child, ended } = scene.start(['kickoff', 'crew.yaml', '--allow-shell', '--quiet'], { env });
    await reached.opened;
    child.kill('SIGINT');
    await ended;
    hangs = false;
    const resumed = await scene.crew(['resume', '--quiet'], { env });
    expect(resumed).toMatchObject({ exitCode: 0, stdout: 'Text. Sources: NASA\n' });
    expect(scene.server.requests.at(-1)?.body.messages.at(-1)?.content).toContain('no sources');
  });

  it('is asked for again by a replay, whose file may have other commands', async () => {
    const scene = await createScene({ 'crew.yaml': SHELL }, answers());
    expect((await scene.crew(['kickoff', 'crew.yaml', '--allow-shell', '--quiet'], { env })).exitCode).toBe(0);
    writeFileSync(join(scene.folder, 'crew.yaml'), SHELL.replace('-q', '-qi'));
    const replayed = await scene.crew(['replay', '-t', `${runIdIn(scene)}/essay`, '--quiet'], { env });
    expect(replayed.exitCode).toBe(2);
    expect(replayed.stderr).toContain('grep -qi Sources');
    expect(scene.server.requests).toHaveLength(2);
  });
});
