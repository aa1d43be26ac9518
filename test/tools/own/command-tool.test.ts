import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CommandToolSource, ToolOptions } from '../../../src/definition/tool-types.js';
import { CrewError } from '../../../src/errors.js';
import { loadTools } from '../../../src/tools/load-tools.js';
import type { Tool } from '../../../src/tools/tool.js';
import { temporaryFolder } from '../../helpers/temporary-folder.js';
import { callTool } from '../builtin.js';
import { loadOptions } from '../references.js';
import { toolContext } from '../tool-context.js';

const environment = {
  PATH: `${dirname(process.execPath)}:/usr/bin:/bin`,
  HOME: '/home/me',
  TOKEN: 'a-token',
  KEY: 'a-key',
};
const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };

/** A tool of these words; `text` is the program `tool.mjs`, that Node runs. */
async function load(
  text: string,
  { options = {}, ...more }: Partial<CommandToolSource> & { readonly options?: ToolOptions } = {},
  folder = temporaryFolder(),
): Promise<Tool> {
  writeFileSync(join(folder, 'tool.mjs'), text);
  const command = ['node', 'tool.mjs'];
  const source = { kind: 'command', name: 'weather', description: 'x', parameters, command, env: [], ...more } as const;
  const [tool] = await loadTools([{ ...source, options, label: 'weather' }], loadOptions(folder, { environment }));
  return tool as Tool;
}
const print = (text: string): string => `process.stdout.write(${JSON.stringify(text)})`;
const data = (text: string): string => `<data from="weather">\n${text}\n</data>`;

describe('a command as a tool', () => {
  it('is given its arguments as JSON, checked, and gives what it prints as data', async () => {
    const tool = await load(`let text = ''; for await (const part of process.stdin) text += part; console.log(text);`);
    expect(tool).toMatchObject({ name: 'weather', effects: 'external', parameters });
    expect(await callTool(tool, { city: 'Ålesund "$(rm -rf /)"\n' })).toBe(
      data(String.raw`{"city":"Ålesund \"$(rm -rf /)\"\n"}`),
    );
    expect(await callTool(tool, {})).toBe('bad arguments: city: is missing');
  });

  it('is given the defaults of what a model leaves out', async () => {
    const echo = `let text = ''; for await (const part of process.stdin) text += part; console.log(text);`;
    const tool = await load(echo, {
      parameters: { type: 'object', properties: { days: { type: 'integer', default: 1 } } },
    });
    expect(await callTool(tool, {})).toBe(data('{"days":1}'));
  });

  it.each([
    ['a JSON text', '"sun\\nand wind"\n', data('sun\nand wind')],
    ['other JSON as it is written', ' { "id": 12345678901234567890 }\n', data('{ "id": 12345678901234567890 }')],
    [
      'what is no JSON',
      'sun </data> {\n',
      data('sun [/data> {') + '\nWhere it has "</data" or the like, "[/data" is written.',
    ],
    ['nothing', '', data('done')],
    ['null', 'null\n', data('done')],
  ])('gives %s', async (_title, printed, result) => {
    expect(await callTool(await load(print(printed)), { city: 'x' })).toBe(result);
  });

  it("runs in the definition's folder, with few variables and those that are named", async () => {
    const folder = temporaryFolder();
    const tool = await load(
      `console.log(JSON.stringify({ ...process.env, cwd: process.cwd() }))`,
      { env: ['TOKEN', 'NOT_SET'] },
      folder,
    );
    const text = await callTool(tool, { city: 'x' }, folder);
    const seen = JSON.parse(text.split('\n')[1] ?? '') as Record<string, string>;
    expect(Object.keys(seen).filter((name) => !name.startsWith('CREW_'))).toEqual(['PATH', 'HOME', 'TOKEN', 'cwd']);
    expect(seen).toMatchObject({
      cwd: '<folder>',
      TOKEN: 'a-token',
      CREW_RUN_ID: 'r1234567',
      CREW_TASK: 'research',
      CREW_STEP: 'research/tool/call_1',
      CREW_WORKING_DIRECTORY: '/project',
    });
  });

  it('fails with what it said last', async () => {
    const failing = await load(`console.log('half a result'); console.error('no </data> city'); process.exitCode = 3;`);
    expect(await callTool(failing, { city: 'x' })).toBe(
      `refused: weather ended with exit code 3; it said:\n${data('no [/data> city')}`,
    );
    const silent = await load(`process.kill(process.pid, 'SIGKILL')`);
    expect(await callTool(silent, { city: 'x' })).toBe('refused: weather was ended by SIGKILL and said nothing');
    const long = await callTool(await load(`process.exitCode = 1; console.error('x'.repeat(9000) + 'the reason')`), {
      city: 'x',
    });
    expect(long).toHaveLength('refused: weather ended with exit code 1; it said:\n'.length + data('').length + 2001);
    expect(long).toContain('the reason');
  });

  it('logs what a call that went well says on stderr', async () => {
    const lines: string[] = [];
    const tool = await load(`console.error('asking'); console.log('sun')`);
    await tool.execute({ city: 'x' }, toolContext({ log: (line) => void lines.push(line) }));
    expect(lines).toEqual(['asking']);
  });

  it('is read no further than it has to be', async () => {
    const text = await callTool(await load(`process.stdout.write('x'.repeat(30_000_000))`), { city: 'x' });
    const end =
      'x\n</data>\nCut: 9,800,000 more characters are left out.\nIt wrote more than 10,000,000 bytes; the rest is left out.';
    expect(text.slice(-end.length)).toBe(end);
  });

  it('ends with all that it started when its time is over', async () => {
    const folder = temporaryFolder();
    const child = `setInterval(() => require('fs').appendFileSync('alive', '.'), 20)`;
    const program = `import { spawn } from 'node:child_process';
      import { writeFileSync } from 'node:fs';
      const child = spawn(process.execPath, ['-e', ${JSON.stringify(child)}], { detached: true, stdio: 'ignore' });
      writeFileSync('pids', [process.pid, child.pid].join(' '));
      setInterval(() => {}, 1000);`;
    const tool = await load(program, { options: { timeoutMs: 1500 } }, folder);
    expect(await callTool(tool, { city: 'x' })).toBe(
      'refused: it took longer than 1.5 s and was stopped; what it had done by then may stay done',
    );
    const pids = readFileSync(join(folder, 'pids'), 'utf8').split(' ').map(Number);
    expect(pids).toHaveLength(2);
    await expect.poll(() => pids.filter(isAlive)).toEqual([]);
  });

  it('has another digest for another command, schema or text of its files', async () => {
    const folder = temporaryFolder();
    const digests = [
      await load('1', {}, folder),
      await load('2', {}, folder),
      await load('2', { command: ['node', 'tool.mjs', '--all'] }, folder),
      await load('2', { description: 'y' }, folder),
      await load('2', { env: ['KEY'] }, folder),
      await load('1', {}, folder),
    ].map(({ digest }) => digest);
    expect(new Set(digests.slice(0, 4)).size).toBe(4);
    expect([digests[4], digests[5]]).toEqual([digests[1], digests[0]]);
  });

  it('may be a file of its own', async () => {
    const folder = temporaryFolder({ 'tools/weather': '#!/bin/sh\ncat\n' });
    chmodSync(join(folder, 'tools/weather'), 0o755);
    const tool = await load('', { command: ['./tools/weather'] }, folder);
    expect(await callTool(tool, { city: 'x' })).toBe(data('{"city":"x"}'));
  });

  it('has to be there', async () => {
    const folder = temporaryFolder({ 'tools/weather': '#!/bin/sh\ncat\n' });
    const failureOf = async (program: string) => {
      const error: unknown = await load('', { command: [program] }, folder).catch((thrown: unknown) => thrown);
      return error instanceof CrewError ? [error.exitCode, error.message] : error;
    };
    expect(await failureOf('pyton3')).toEqual([2, 'tool weather: there is no program "pyton3"']);
    expect(await failureOf('./tools/weather')).toEqual([2, 'tool weather: "./tools/weather" may not be executed']);
    expect(existsSync(join(folder, 'tools/weather'))).toBe(true);
  });
});

/** False for a process that is dead and only waits to be counted. */
function isAlive(pid: number): boolean {
  const status = `/proc/${pid}/status`;
  return existsSync(status) && !/^State:\s*[ZX]/m.test(readFileSync(status, 'utf8'));
}
