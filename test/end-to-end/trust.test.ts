import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { failure, text } from '../helpers/provider-server.js';
import { createScene, type Scene } from '../helpers/run-process.js';

const env = { CREW_TRUST: undefined };

/** Every way to code and programs; each leaves a file behind where it is taken. */
const STRANGER = {
  'crew.yaml': `name: stranger
before_kickoff: ./before.ts
step_callback: ./step.ts
agents:
  dev:
    role: Developer
    goal: Check
    backstory: Wrote
    llm: openai/gpt-4o
    tools:
      - ./tool.ts#tool
      - { use: run_command, programs: [touch] }
      - { command: [sh, own.sh], name: own, description: Own, parameters: {} }
      - { use: read_file, root: / }
      - { use: fetch_url, allow_private: true }
      - mcp:server
mcp_servers:
  server: { command: sh, args: [own.sh] }
tasks:
  check:
    description: Check
    expected_output: Text
    output_json: ./schema.ts#Schema
    guardrail: { shell: touch ran }
  more: { description: More, expected_output: Text, when: ./when.ts }
`,
  ...Object.fromEntries(
    ['before', 'step', 'tool', 'schema', 'when'].map((name) => [
      `${name}.ts`,
      "import { writeFileSync } from 'node:fs';\nwriteFileSync('ran', 'code');\nexport default () => true;\n",
    ]),
  ),
  'own.sh': 'touch ran\n',
  '.env': 'CREW_TRUST=1\n',
};

const SMALL = {
  'crew.yaml': `agents:
  dev: { role: Developer, goal: Check, backstory: Wrote, llm: openai/gpt-4o }
tasks:
  check: { description: Check, expected_output: Text }
before_kickoff: ./before.ts
`,
  'before.ts': "import { note } from './note.js';\nexport default note;\n",
  'note.ts': 'export const note = (): void => undefined;\n',
};

const hasRun = ({ folder }: Scene): boolean => existsSync(join(folder, 'ran'));

describe('a definition from a stranger', () => {
  it('starts nothing before somebody has agreed', async () => {
    const scene = await createScene(STRANGER);
    expect(await scene.refusal(['kickoff', 'crew.yaml'], { env })).toMatchInlineSnapshot(`
      "
      error: crew.yaml does more than call models, and nobody has agreed to it:
        step_callback: runs the code of ./step.ts
        before_kickoff: runs the code of ./before.ts
        agents.dev.tools: runs the code of ./tool.ts
        agents.dev.tools: runs touch with arguments of a model
        agents.dev.tools: starts sh own.sh
        agents.dev.tools: read_file uses /, outside the working directory
        agents.dev.tools: fetch_url may ask addresses of this machine and of private networks
        mcp_servers.server: starts sh own.sh
        tasks.check.guardrails: runs with /bin/sh: touch ran
        tasks.check.output_json: runs the code of ./schema.ts
        tasks.more.when: runs the code of ./when.ts
      hint: Look at it, then agree with --trust, or beforehand with: crew trust crew.yaml
      "
    `);
    writeFileSync(join(scene.folder, 'items.jsonl'), '{"topic": "a"}\n{"topic": "b"}\n');
    const batch = await scene.crew(['kickoff', 'crew.yaml', '--for-each', 'items.jsonl'], { env });
    expect({ exitCode: batch.exitCode, stdout: batch.stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(scene.query('SELECT * FROM batches')).toEqual([]);
    // To look at it is harmless.
    expect((await scene.crew(['validate', 'crew.yaml'], { env })).exitCode).toBe(0);
    expect((await scene.crew(['trust'], { env })).exitCode).toBe(2);
    expect(hasRun(scene)).toBe(false);
  });

  it('cannot bring the agreement along, nor a run that goes on without it', async () => {
    const scene = await createScene(SMALL, [failure(400)]);
    await scene.crew(['kickoff', 'crew.yaml', '--quiet']);
    const evil = "require('node:fs').writeFileSync('ran', 'code');\nmodule.exports = () => undefined;\n";
    writeFileSync(join(scene.folder, 'note.ts'), evil);
    const requests = scene.server.requests.length;
    for (const args of [
      ['resume'],
      ['resume', '--with-current'],
      ['replay', '-t', 'check'],
      ['replay', '-t', 'check', '--dry-run'],
      ['replay', '--auto'],
      ['replay', '-t', 'check', '--as-recorded'],
    ]) {
      const { exitCode, stdout, stderr } = await scene.crew(args, { env });
      expect({ args, exitCode, stdout }).toEqual({ args, exitCode: 2, stdout: '' });
      expect(stderr).toContain('before_kickoff: runs the code of ./before.ts');
    }
    expect(scene.server.requests).toHaveLength(requests);
    expect(hasRun(scene)).toBe(false);
  });

  it('does not have its code run where a run goes on with the recorded definition', async () => {
    const plain = SMALL['crew.yaml'].replace('before_kickoff: ./before.ts\n', '');
    const scene = await createScene({ 'crew.yaml': plain }, [failure(400), text('Done')]);
    await scene.crew(['kickoff', 'crew.yaml', '--quiet'], { env });
    for (const [name, content] of Object.entries(STRANGER)) writeFileSync(join(scene.folder, name), content);
    const resumed = await scene.crew(['resume'], { env });
    expect(scene.transcript(resumed)).toContain('the definition has changed: it does more than was agreed to.');
    expect(resumed).toMatchObject({ exitCode: 0, stdout: 'Done\n' });
    expect(hasRun(scene)).toBe(false);
  });
});

describe('trust', () => {
  it('is asked for on a terminal, and again when the code changes', async () => {
    const scene = await createScene(SMALL, () => text('Done'));
    const question = 'Let it, now and later? [y/N] ';
    const on = (typed?: string) =>
      scene.crewOnTerminal(['kickoff', 'crew.yaml', '--quiet'], typed ? [{ question, typed }] : [], { env });
    const refused = await on('n\n');
    expect(scene.transcript(refused)).toMatchInlineSnapshot(`
      "exit 2
      --- stderr
      crew.yaml does more than call models:
        before_kickoff: runs the code of ./before.ts
      Let it, now and later? [y/N] n
      error: crew.yaml is not trusted
      hint: Nothing was run.
      "
    `);
    expect(scene.server.requests).toHaveLength(0);
    expect(await on('y\n')).toMatchObject({ exitCode: 0, stdout: 'Done\n' });
    expect(await on()).toMatchObject({ exitCode: 0, stderr: '' });
    writeFileSync(join(scene.folder, 'note.ts'), `${SMALL['note.ts']}\n`);
    expect(await on('n\n')).toMatchObject({ exitCode: 2 });
  });

  it('is given with --trust for the commands that follow, and with CREW_TRUST=1 for one', async () => {
    const copy = Object.fromEntries(Object.entries(SMALL).map(([name, content]) => [`copy/${name}`, content]));
    const scene = await createScene({ ...SMALL, ...copy }, () => text('Done'));
    const kickoff = ['kickoff', 'crew.yaml', '--quiet'];
    expect((await scene.crew(kickoff, { env: { CREW_TRUST: '1' } })).exitCode).toBe(0);
    expect((await scene.crew(kickoff, { env })).exitCode).toBe(2);
    expect((await scene.crew([...kickoff, '--trust'], { env })).exitCode).toBe(0);
    expect((await scene.crew(['replay', '-t', 'check', '--quiet'], { env })).exitCode).toBe(0);
    // What is remembered lies with the user, not in the project.
    expect((await scene.crew(kickoff, { env, cwd: join(scene.folder, 'copy') })).exitCode).toBe(2);
  });

  it('is given beforehand, shown and taken back with crew trust', async () => {
    const scene = await createScene({ ...SMALL, 'plain.yaml': SMALL['crew.yaml'].replace(/before_.*\n/, '') });
    const trust = async (...args: string[]) => scene.transcript(await scene.crew(['trust', ...args], { env }));
    const all = [
      await trust('crew.yaml'),
      await trust('--list'),
      await trust('crew.yaml', '--yes'),
      await trust('crew.yaml'),
      await trust('--list'),
      await trust('--list', '--format', 'json'),
      await trust('--revoke', 'crew.yaml'),
      await trust('--revoke', 'crew.yaml'),
      await trust('plain.yaml'),
      await trust('no.yaml'),
    ];
    expect(`\n${all.join('\n')}`).toMatchInlineSnapshot(`
      "
      exit 2
      --- stderr
      error: crew.yaml does more than call models:
        before_kickoff: runs the code of ./before.ts
      hint: Look at it, then: crew trust crew.yaml --yes

      exit 0
      --- stderr
      Nothing is trusted.

      exit 0
      --- stdout
      crew.yaml is trusted until it does something else, or its code changes
      --- stderr
      crew.yaml does more than call models:
        before_kickoff: runs the code of ./before.ts

      exit 0
      --- stdout
      crew.yaml is trusted until it does something else, or its code changes

      exit 0
      --- stdout
      <folder>/crew.yaml
        runs the code of ./before.ts

      exit 0
      --- stdout
      [
        {
          "path": "<folder>/crew.yaml",
          "trusted": [
            "runs the code of ./before.ts"
          ]
        }
      ]

      exit 0
      --- stdout
      crew.yaml is no longer trusted

      exit 0
      --- stdout
      crew.yaml was not trusted

      exit 0
      --- stdout
      plain.yaml only calls models: there is nothing to agree to

      exit 2
      --- stderr
      no.yaml: there is no such file
      "
    `);
    const data = `${scene.folder}-data`;
    rmSync(data, { recursive: true });
    writeFileSync(data, 'no folder');
    expect(await trust('crew.yaml', '--yes')).toContain('it cannot be remembered');
    expect(readFileSync(data, 'utf8')).toBe('no folder');
  });
});
