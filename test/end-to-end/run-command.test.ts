import { chmodSync, existsSync, readFileSync, watch } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isProcessGone } from '../helpers/is-process-gone.js';
import { text, toolCalls } from '../helpers/provider-server.js';
import { createScene, type Scene } from '../helpers/run-process.js';

const FILES = {
  'crew.yaml': `agents:
  dev:
    role: Developer
    goal: Check
    backstory: Wrote
    llm: openai/gpt-4o
    tools: [{ use: run_command, programs: [printf, ./much.sh, ./leave.sh, ./hang.sh], env: [DEPLOY_TOKEN] }, write_file]
tasks:
  check: { description: Check, expected_output: Text }
`,
  'keep.txt': 'kept',
  'much.sh': '#!/bin/sh\nhead -c 50000000 /dev/zero | tr "\\0" x\n',
  'leave.sh':
    '#!/bin/sh\n(setsid sleep 60 > /dev/null 2>&1 & echo $! > left.pid)\necho "token $DEPLOY_TOKEN, key $OPENAI_API_KEY"\n',
  'hang.sh': '#!/bin/sh\ntrap "" TERM INT HUP\nsetsid sleep 60 & echo $! > hang.pid\nwait\n',
};

async function createCommandScene(script: Parameters<typeof createScene>[1]): Promise<Scene> {
  const scene = await createScene(FILES, script);
  for (const name of Object.keys(FILES)) if (name.endsWith('.sh')) chmodSync(join(scene.folder, name), 0o755);
  return scene;
}

const pidIn = (scene: Scene, name: string): number => Number(readFileSync(join(scene.folder, name), 'utf8'));

/** Resolves as soon as a file with a number is there. */
function pidAppears({ folder }: Scene, name: string): Promise<void> {
  return new Promise((resolve) => {
    const watcher = watch(folder, () => {
      if (!existsSync(join(folder, name)) || readFileSync(join(folder, name), 'utf8') === '') return;
      watcher.close();
      resolve();
    });
  });
}

describe('run_command', () => {
  it('gives a shell nothing to run, leaves nothing behind, and keeps secrets', async () => {
    const run = (program: string, ...args: readonly string[]) => ({
      name: 'run_command',
      arguments: { program, args },
    });
    const scene = await createCommandScene([
      toolCalls([
        run('printf', '[%s]', '; rm -rf .', '$(rm keep.txt)', 'two\nrm keep.txt'),
        run('sh', '-c', 'rm keep.txt'),
        run('printf; rm keep.txt'),
        run('./much.sh'),
        run('./leave.sh'),
        { name: 'write_file', arguments: { path: 'leave.sh', content: 'rm keep.txt' } },
      ]),
      text('Done'),
    ]);
    const env = { DEPLOY_TOKEN: 'token-of-mine-1234' };
    expect(await scene.crew(['kickoff', 'crew.yaml', '--quiet'], { env })).toMatchObject({ exitCode: 0 });
    const results = scene.server.requests.at(-1)?.body.messages.filter(({ role }) => role === 'tool') ?? [];
    expect(results.map(({ content }) => String(content).replaceAll(/x{1000,}/g, 'x…'))).toMatchInlineSnapshot(`
      [
        "<data from="run_command">
      [; rm -rf .][$(rm keep.txt)][two
      rm keep.txt]
      </data>
      Exit code 0.",
        "The arguments do not fit: program: must be one of "printf", "./much.sh", "./leave.sh", "./hang.sh". Correct them and call again.",
        "The arguments do not fit: program: must be one of "printf", "./much.sh", "./leave.sh", "./hang.sh". Correct them and call again.",
        "<data from="run_command">
      x…
      [… 49,934,464 bytes left out …]
      x…
      </data>
      Exit code 0. The middle of what it wrote is left out; have it write less to see the rest.",
        "<data from="run_command">
      token [redacted:DEPLOY_TOKEN], key
      </data>
      Exit code 0.",
        "It failed: leave.sh is off limits: it is a part of this crew; write another file",
      ]
    `);
    expect(readFileSync(join(scene.folder, 'keep.txt'), 'utf8')).toBe('kept');
    expect(isProcessGone(pidIn(scene, 'left.pid'))).toBe(true);
    expect(JSON.stringify(scene.query('SELECT * FROM steps'))).not.toContain('token-of-mine');
  });

  it.each([
    ['once', 1, 130],
    ['twice', 2, 130],
  ])('ends its programs with Ctrl-C %s', async (_word, times, exitCode) => {
    const scene = await createCommandScene([toolCalls([{ name: 'run_command', arguments: { program: './hang.sh' } }])]);
    const started = pidAppears(scene, 'hang.pid');
    const { child, ended } = scene.start(['kickoff', 'crew.yaml', '--quiet']);
    await started;
    for (let time = 0; time < times; time += 1) child.kill('SIGINT');
    expect((await ended).exitCode).toBe(exitCode);
    await expect.poll(() => isProcessGone(pidIn(scene, 'hang.pid'))).toBe(true);
  });
});
