import { describe, expect, it } from 'vitest';
import { createToolsCommand } from '../../src/commands/tools.js';
import { TOOL_SETTINGS } from '../../src/definition/tool-settings.js';
import { runCommand, type RunCommandOptions } from '../helpers/run-command.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

const PRICE = `export const lookup = {
  description: 'Looks up a price.',
  effects: 'none',
  parameters: { type: 'object', properties: { product: { type: 'string' }, count: { type: 'integer' } }, required: ['product'] },
  execute({ product, count = 1 }: any, { log }: any) {
    log('asking ' + process.env.HOME.length);
    if (product === 'none') throw new Error('there is no such product');
    return { product, count, key: 'very-secret-key' };
  },
};
`;
const CREW = `models: { m: openai/gpt-4o }
tools:
  prices: { use: "./tools/price.ts#lookup", description: Tells prices. }
  read_file: { root: docs }
  idle: { use: http_request, headers: { Authorization: "Bearer \${TOKEN}" } }
agents:
  writer: { role: Writer, goal: Write, backstory: Wrote, llm: m, tools: [prices, read_file, web_search] }
tasks:
  essay: { description: Write, expected_output: Text, tools: [prices, "mcp:files/read"] }
mcp_servers:
  files: { command: node, args: [server.mjs] }
`;
const FILES = { 'crew.yaml': CREW, 'tools/price.ts': PRICE, 'docs/notes.md': 'Solar grew.\n' };

const tools = (
  args: readonly string[],
  { files = FILES, ...options }: Partial<RunCommandOptions> & { readonly files?: Record<string, string> } = {},
) => runCommand(createToolsCommand, args, { cwd: temporaryFolder(files), ...options });

const TRUSTED = { env: { SECRET: 'very-secret-key' } };
/** Nobody has agreed to anything. */
const untrusted = () => ({ env: { CREW_TRUST: '0', XDG_DATA_HOME: temporaryFolder() } });

describe('crew tools', () => {
  it('lists every built-in tool with its effects, settings and variables', async () => {
    const { exitCode, stdout, stderr } = await tools([], { files: {} });
    expect([exitCode, stderr]).toEqual([0, '']);
    const names = stdout.match(/^\w+(?= {2}effects: )/gm);
    expect(names).toEqual(Object.keys(TOOL_SETTINGS));
    for (const settings of Object.values(TOOL_SETTINGS)) {
      for (const name of Object.keys(settings.shape)) expect(stdout).toMatch(new RegExp(`^ {4}${name} `, 'm'));
    }
    expect(stdout).toContain('environment: SERPER_API_KEY or TAVILY_API_KEY or BRAVE_API_KEY');
  });

  it('lists the tools of a crew, and who has them, without running anything', async () => {
    const { stdout, stderr } = await tools([]);
    expect(`${stderr}${stdout.slice(stdout.indexOf('Tools of'))}`).toMatchInlineSnapshot(`
      "using crew.yaml
      Tools of crew.yaml:
      prices          ./tools/price.ts#lookup  agents.writer, tasks.essay
      read_file       read_file                agents.writer
      idle            http_request             nobody has it
      web_search      web_search               agents.writer
      mcp:files/read  mcp:files/read           tasks.essay
      "
    `);
    const { stdout: json } = await tools(['crew.yaml', '--format', 'json']);
    const { builtin, crew } = JSON.parse(json) as { builtin: { name: string }[]; crew: unknown };
    expect(builtin.map(({ name }) => name)).toEqual(Object.keys(TOOL_SETTINGS));
    expect(crew).toMatchInlineSnapshot(`
      {
        "file": "crew.yaml",
        "tools": [
          {
            "holders": [
              "agents.writer",
              "tasks.essay",
            ],
            "kind": "module",
            "name": "prices",
            "tools": [],
          },
          {
            "holders": [
              "agents.writer",
            ],
            "kind": "builtin",
            "name": "read_file",
            "tools": [],
          },
          {
            "holders": [],
            "kind": "builtin",
            "name": "idle",
            "tools": [],
          },
          {
            "holders": [
              "agents.writer",
            ],
            "kind": "builtin",
            "name": "web_search",
            "tools": [],
          },
          {
            "holders": [
              "tasks.essay",
            ],
            "kind": "mcp",
            "name": "mcp:files/read",
            "tools": [],
          },
        ],
      }
    `);
  });

  it('loads the tools of a crew with --all', async () => {
    const crew = CREW.replace(', "mcp:files/read"', '')
      .replace('web_search', 'current_time')
      .replace(/mcp_servers[^]*/, '');
    const { stdout, exitCode, stderr } = await tools(['--all'], { files: { ...FILES, 'crew.yaml': crew }, ...TRUSTED });
    expect([stderr, exitCode, stdout.slice(stdout.indexOf('prices  effects'))]).toEqual([
      'using crew.yaml\n',
      0,
      'prices  effects: none\n  Tells prices.\n',
    ]);
    expect(await tools(['--all'], { files: { ...FILES, 'crew.yaml': crew }, ...untrusted() })).toMatchObject({
      exitCode: 2,
      stdout: expect.not.stringContaining('prices'),
    });
  });

  it('shows one in full', async () => {
    expect((await tools(['current_time'], { files: {} })).stdout).toMatchInlineSnapshot(`
      "current_time  effects: none
        Tells the date, the weekday and the time.
        settings:
          time_zone  Zone where a call names none, such as Europe/Berlin. Default: that of the machine.
        arguments:
        {
          "type": "object",
          "properties": {
            "time_zone": {
              "type": "string",
              "description": "Such as Europe/Berlin"
            }
          },
          "additionalProperties": false
        }
      "
    `);
    const { stdout } = await tools(['prices', '--format', 'json'], TRUSTED);
    expect(JSON.parse(stdout)).toEqual({
      name: 'prices',
      id: 'lookup',
      description: 'Tells prices.',
      effects: 'none',
      parameters: {
        type: 'object',
        properties: { product: { type: 'string' }, count: { type: 'integer' } },
        required: ['product'],
      },
    });
    expect((await tools(['prises'], TRUSTED)).stderr).toBe(
      'using crew.yaml\nerror: there is no tool "prises"\nhint: did you mean "prices"?\n',
    );
  });
});

describe('crew tools call', () => {
  it('calls a built-in tool, with settings, without marks', async () => {
    const files = { 'docs/notes.md': 'Solar grew.\n' };
    expect(await tools(['call', 'read_file', 'path=notes.md', '--set', 'root=docs'], { files })).toEqual({
      exitCode: 0,
      stdout: 'Solar grew.\n',
      stderr: '',
    });
    const long = { 'long.md': `${'x'.repeat(60)}\n`.repeat(5) };
    const cut = await tools(['call', 'read_file', '--input', '{"path":"long.md"}', 'limit=100', '--format', 'json'], {
      files: long,
    });
    expect(JSON.parse(cut.stdout)).toMatchObject({
      result: 'x'.repeat(60) + '\n',
      note: expect.stringContaining('offset'),
    });
  });

  it('calls a tool as the crew names it', async () => {
    expect(await tools(['call', 'read_file', 'path=notes.md'])).toMatchObject({ exitCode: 0, stdout: 'Solar grew.\n' });
    const named = await tools(['call', 'prices', 'product=tea', 'count=2'], TRUSTED);
    expect(named).toMatchObject({ exitCode: 0, stdout: '{"product":"tea","count":2,"key":"very-secret-key"}\n' });
    const file = await tools(['call', './tools/price.ts#lookup', 'product=tea', '--format', 'json'], TRUSTED);
    expect(JSON.parse(file.stdout)).toEqual({
      result: '{"product":"tea","count":1,"key":"very-secret-key"}',
      note: null,
    });
  });

  it('calls a file without a definition, as it is named by the person', async () => {
    const files = { 'price.ts': PRICE };
    expect(await tools(['call', './price.ts#lookup', 'product=tea'], { files })).toMatchObject({ exitCode: 0 });
  });

  it('hides secrets of the definition', async () => {
    const crew = CREW.replace(
      'description: Tells prices.',
      'description: Tells prices. }\n  other: { use: fetch_url, headers: { A: "${SECRET}" }',
    );
    const called = await tools(['call', 'prices', 'product=tea'], {
      files: { ...FILES, 'crew.yaml': crew },
      ...TRUSTED,
    });
    expect(called.stdout).toBe('{"product":"tea","count":1,"key":"[redacted:SECRET]"}\n');
  });

  it('ends with 1 where the tool fails', async () => {
    const { exitCode, stdout, stderr } = await tools(['call', 'prices', 'product=none'], TRUSTED);
    expect([exitCode, stdout, stderr.replace(/asking \d+\n/, '')]).toEqual([
      1,
      '',
      'using crew.yaml\nerror: there is no such product\n',
    ]);
  });

  it('shows what a program says of its failure as it is', async () => {
    const crew = CREW.replace(
      'prices: {',
      'fail: { description: Fails., parameters: {}, command: [node, fail.mjs] }\n  prices: {',
    );
    const files = { ...FILES, 'crew.yaml': crew, 'fail.mjs': `console.error('no disk'); process.exit(3);` };
    const { exitCode, stderr } = await tools(['call', 'fail'], {
      files,
      ...TRUSTED,
      env: { PATH: process.env['PATH'] },
    });
    expect([exitCode, stderr]).toMatchInlineSnapshot(`
      [
        1,
        "using crew.yaml
      error: fail ended with exit code 3; it said:
      no disk
      ",
      ]
    `);
  });

  it.each([
    [
      ['call', 'prices', 'count=x'],
      'the arguments do not fit: product: is missing; count: must be a whole number, got a string',
    ],
    [['call', 'prices', 'tea'], '"tea" is no argument'],
    [['call', 'price'], 'there is no tool "price"'],
    [['call', 'list_directory', '--set', 'rot=docs'], 'rot: unknown key'],
    [['call', 'list_directory', '--set', 'root'], '--set root: write name=value, such as --set root=docs'],
    [['call', 'run_command', 'program=git'], 'programs is missing'],
    [['call', 'idle', 'url=http://127.0.0.1'], 'TOKEN is not set; idle needs it'],
    [
      ['call', 'web_search', 'query=x'],
      'none of SERPER_API_KEY, TAVILY_API_KEY, BRAVE_API_KEY is set; web_search needs it',
    ],
    [['call', 'mcp:fils/x'], 'there is no MCP server "fils"'],
    [
      ['call', 'ask_human', 'question=Who?'],
      'ask_human asks a person in the middle of a run; there is nothing to try without one',
    ],
  ])('ends with 2 where it is used wrongly: %j', async (args, message) => {
    const { exitCode, stdout, stderr } = await tools(args, TRUSTED);
    expect([exitCode, stdout, stderr.split('\n')[1]]).toEqual([2, '', `error: ${message}`]);
  });

  it('asks nobody about settings that are typed, whatever definition is near', async () => {
    const { stderr } = await tools(
      ['call', 'http_request', 'url=http://127.0.0.1:9/', '--set', 'allow_private=true'],
      untrusted(),
    );
    expect(stderr).not.toContain('does more than call models');
  });

  it('says what the arguments are', async () => {
    const hintOf = async (...args: string[]) => (await tools(['call', ...args], TRUSTED)).stderr.split('hint: ')[1];
    expect(await hintOf('prices', 'count=1')).toBe('`crew tools prices` shows them.\n');
    expect(await hintOf('calculate', 'sum=1')).toBe('The arguments are expression.\n');
  });

  it("shows what a class of crewAI's is here, without its key", async () => {
    const { exitCode, stdout } = await tools(['SerperDevTool'], { files: {} });
    expect([exitCode, stdout.split('\n')[0]]).toEqual([0, 'web_search  effects: none']);
  });

  it('runs no code of a definition that nobody trusts', async () => {
    const { exitCode, stderr } = await tools(['call', 'prices', 'product=tea'], untrusted());
    expect([exitCode, stderr]).toEqual([
      2,
      `using crew.yaml
error: crew.yaml does more than call models, and nobody has agreed to it:
  tools.prices: runs the code of ./tools/price.ts
hint: Look at it, then agree with --trust, or beforehand with: crew trust crew.yaml
`,
    ]);
  });
});
