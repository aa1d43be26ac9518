import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createInitCommand } from '../../src/commands/init.js';
import { loadTool } from '../../src/crew/load-tool.js';
import { runCommand } from '../helpers/run-command.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

test('writes a tool and its test, and says what to do next', async () => {
  const cwd = temporaryFolder();
  expect(await runCommand(createInitCommand, ['--tool'], { cwd })).toMatchInlineSnapshot(`
    {
      "exitCode": 0,
      "stderr": "",
      "stdout": "Wrote tools/example.ts, a tool that works, and tools/example.test.mjs, its test.

    Next:
      crew tools call ./tools/example.ts text="one two three"
      node --test tools/example.test.mjs      (needs crew installed in the project)
      tools: [./tools/example.ts]      (of an agent or task; paths start at the crew's folder)
    ",
    }
  `);
  const { stdout } = await runCommand(createInitCommand, ['--tool', 'price.mts'], { cwd });
  expect(stdout.split('\n')[0]).toBe('Wrote price.mts, a tool that works, and price.test.mjs, its test.');
  await runCommand(createInitCommand, ['other.ts', '--tool'], { cwd });
  for (const file of ['tools/example.ts', 'price.mts', 'other.ts']) {
    const tool = await loadTool(join(cwd, file));
    expect(tool).toMatchObject({ effects: 'none', description: 'Counts the words of a text.' });
    expect(await tool.call({ text: ' one two  three' })).toBe('{"words":3}');
  }
});

test('never overwrites, neither tool nor test', async () => {
  const cwd = temporaryFolder({ 'tools/example.ts': 'mine', 'b.test.mjs': 'mine', file: '' });
  const failureOf = async (...args: string[]) =>
    (await runCommand(createInitCommand, ['--tool', ...args], { cwd })).stderr;
  expect(await failureOf()).toMatchInlineSnapshot(`
    "error: tools/example.ts is there already; nothing was written
    hint: name another file: crew init --tool tools/my-example.ts
    "
  `);
  expect(await failureOf('b.ts')).toMatchInlineSnapshot(`
    "error: b.test.mjs is there already; nothing was written
    hint: name another file: crew init --tool my-b.ts
    "
  `);
  expect(await failureOf('tool.js')).toMatchInlineSnapshot(`
    "error: tool.js is not the name of a TypeScript file
    hint: crew init --tool tool.ts
    "
  `);
  expect(await failureOf('file/tool.ts')).toMatchInlineSnapshot(`
    "error: cannot write file/tool.ts: a part of the path is a file, not a folder
    "
  `);
  expect(readFileSync(join(cwd, 'tools/example.ts'), 'utf8')).toBe('mine');
  expect([existsSync(join(cwd, 'tools/example.test.mjs')), existsSync(join(cwd, 'b.ts'))]).toEqual([false, false]);
});
