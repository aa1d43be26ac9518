import { join } from 'node:path';
import { expect, it } from 'vitest';
import { definitionOf, problemsOf } from '../helpers/check-text.js';

const TASKS = 'tasks:\n  essay: { description: Write, expected_output: Text }\n';

function crewWith(tools: string, servers: string): string {
  return `mcp_servers:\n${servers}agents:\n  writer:\n    role: Writer\n    goal: Write\n    backstory: Wrote\n    llm: m\n    tools: ${tools}\n${TASKS}models: { m: openai/gpt-4o }\n`;
}

const SERVERS = `  files: { command: npx, args: [-y, server, "\${DATA:-.}"], env: { TOKEN: "\${TOKEN}" }, cwd: data, tools: [read_*, list], timeout: 1m, required: false }
  house: { url: "https://mcp.example.com/v1", headers: { Authorization: "Bearer \${TOKEN}" } }
  old: { url: "http://localhost:\${PORT}/sse", transport: sse, allow_private: true }
`;
const env = { TOKEN: 't0ken', PORT: '8080' };

it('reads servers, with variables put in, which are secret', async () => {
  const { mcpServers, source, secretVariables } = await definitionOf(
    crewWith('["mcp:files", "mcp:house", "mcp:old"]', SERVERS),
    { env },
  );
  expect(mcpServers).toEqual({
    files: {
      name: 'files',
      connection: {
        kind: 'stdio',
        command: 'npx',
        args: ['-y', 'server', '.'],
        env: { TOKEN: 't0ken' },
        cwd: join(source.directory, 'data'),
      },
      tools: ['read_*', 'list'],
      timeoutMs: 60_000,
      required: false,
    },
    house: {
      name: 'house',
      connection: {
        kind: 'http',
        url: 'https://mcp.example.com/v1',
        headers: { Authorization: 'Bearer t0ken' },
        allowPrivate: false,
      },
      tools: undefined,
      timeoutMs: 30_000,
      required: true,
    },
    old: {
      name: 'old',
      connection: { kind: 'sse', url: 'http://localhost:8080/sse', headers: {}, allowPrivate: true },
      tools: undefined,
      timeoutMs: 30_000,
      required: true,
    },
  });
  expect(secretVariables).toEqual(['DATA', 'TOKEN', 'PORT', 'OPENAI_API_KEY']);
});

it('names their tools one by one, by a pattern, or all of them', async () => {
  const text = `["mcp:files", "mcp:files/read_text", { use: "mcp:house/get_*", timeout: 5s, effects: none }, { use: "mcp:old/say", name: speak, description: Speaks. }]`;
  const { agents } = await definitionOf(crewWith(text, SERVERS), { env });
  expect(agents[0]?.tools).toEqual([
    { kind: 'mcp', server: 'files', pattern: '*', options: {}, label: 'mcp:files' },
    { kind: 'mcp', server: 'files', pattern: 'read_text', options: {}, label: 'mcp:files/read_text' },
    {
      kind: 'mcp',
      server: 'house',
      pattern: 'get_*',
      options: { timeoutMs: 5000, effects: 'none' },
      label: 'mcp:house/get_*',
    },
    {
      kind: 'mcp',
      server: 'old',
      pattern: 'say',
      options: { name: 'speak', description: 'Speaks.' },
      label: 'mcp:old/say',
    },
  ]);
});

it('gives one tool the name that it has at the top, and leaves several theirs', async () => {
  const top = `tools: { say: "mcp:old/say_it", files: { use: "mcp:files", timeout: 5s } }\n`;
  const { agents } = await definitionOf(`${top}${crewWith('[say, files, "mcp:house"]', SERVERS)}`, { env });
  expect(agents[0]?.tools).toMatchObject([
    { pattern: 'say_it', options: { name: 'say' }, label: 'say' },
    { pattern: '*', options: { timeoutMs: 5000 }, label: 'files' },
    {},
  ]);
  expect(agents[0]?.tools[1]?.options.name).toBeUndefined();
  const named = `${top}${crewWith('[say, { use: files, name: all }, "mcp:house"]', SERVERS)}`;
  expect(await problemsOf(named, { env: { ...env, OPENAI_API_KEY: 'k' } })).toMatchInlineSnapshot(`
    "
    crew.yaml:12:32 agents.writer.tools[1].name: files may mean several tools, which have their own
      12 |     tools: [say, { use: files, name: all }, "mcp:house"]
         |                                ^^^^
         = name one of them: mcp:server/tool
    "
  `);
});

it('tells what is wrong, and which servers nobody uses', async () => {
  expect(
    await problemsOf(
      crewWith(
        `
      - mcp:fils/read
      - mcp:files/write
      - mcp:files/
      - "mcp:"
      - { use: "mcp:files/read_*", name: read }
      - mcp:broken
`,
        `  files: { command: npx, tools: [read_*] }
  broken: { command: 5 }
  both: { command: npx, url: "https://example.com" }
  none: { args: [a] }
  mixed: { command: npx, headers: { a: b } }
  other: { url: example.com, arg: [a], transport: stdio }
  numbers: { command: npx, env: { PORT: 80 } }
  1: { command: npx }
`,
      ),
    ),
  ).toMatchInlineSnapshot(`
    "
    crew.yaml:3:22 mcp_servers.broken.command: must be text, not a number
      3 |   broken: { command: 5 }
        |                      ^
        = put it in quotes: "5"

    crew.yaml:4:25 mcp_servers.both.url: command is there too; a server has one of them
      4 |   both: { command: npx, url: "https://example.com" }
        |                         ^^^
        = remove one of the two

    crew.yaml:5:3 mcp_servers.none: command or url is missing
      5 |   none: { args: [a] }
        |   ^^^^
        = write { command: npx, args: […] }, or { url: https://… }

    crew.yaml:6:3 warning mcp_servers.mixed: nobody has a tool of the server "mixed"
      6 |   mixed: { command: npx, headers: { a: b } }
        |   ^^^^^
        = name its tools under the tools of an agent: [mcp:mixed]

    crew.yaml:6:26 mcp_servers.mixed.headers: means nothing beside command
      6 |   mixed: { command: npx, headers: { a: b } }
        |                          ^^^^^^^
        = it is for servers with a url

    crew.yaml:7:30 mcp_servers.other.arg: unknown key
      7 |   other: { url: example.com, arg: [a], transport: stdio }
        |                              ^^^
        = did you mean "args"?

    crew.yaml:7:51 mcp_servers.other.transport: must be http or sse, not "stdio"
      7 |   other: { url: example.com, arg: [a], transport: stdio }
        |                                                   ^^^^^

    crew.yaml:8:41 mcp_servers.numbers.env.PORT: must be text, not a number
      8 |   numbers: { command: npx, env: { PORT: 80 } }
        |                                         ^^
        = put it in quotes: "80"

    crew.yaml:9:3 mcp_servers.1: the name of a server must be letters, digits, "_", "-" and ".", and not only digits
      9 |   1: { command: npx }
        |   ^

    crew.yaml:9:3 warning mcp_servers.1: nobody has a tool of the server "1"
      9 |   1: { command: npx }
        |   ^
        = name its tools under the tools of an agent: [mcp:1]

    crew.yaml:17:13 agents.writer.tools[0]: there is no MCP server "fils"
      17 |       - mcp:fils/read
         |             ^^^^
         = did you mean "files"?

    crew.yaml:18:19 agents.writer.tools[1]: "write" is not among the tools of the server "files"
      18 |       - mcp:files/write
         |                   ^^^^^
         = add it there: mcp_servers.files.tools

    crew.yaml:19:9 agents.writer.tools[2]: "mcp:files/" names no tool
      19 |       - mcp:files/
         |         ^^^^^^^^^^
         = write mcp:server, mcp:server/tool or mcp:server/prefix_*

    crew.yaml:20:9 agents.writer.tools[3]: "mcp:" names no server
      20 |       - "mcp:"
         |         ^^^^^^
         = write mcp:server, mcp:server/tool or mcp:server/prefix_*

    crew.yaml:21:36 agents.writer.tools[4].name: mcp:files/read_* may mean several tools, which have their own
      21 |       - { use: "mcp:files/read_*", name: read }
         |                                    ^^^^
         = name one of them: mcp:server/tool
    "
  `);
});

it('are taken from extended files by name, with their tools and folders', async () => {
  const shared = `mcp_servers:
  files: { command: node, args: [./files.js], cwd: servers }
  other: { command: node }
tools:
  price: { use: ./price.ts, cache_function: ./price.ts#keep }
  rate: { description: Rates., parameters: {}, command: [python3, -c, x] }
permissions: { deny: [price], ask: [write_fil] }
agents:
  writer: { role: Writer, goal: Write, backstory: Wrote, llm: m, tools: [price, rate, "mcp:files", "mcp:other"] }
`;
  const text = `extends: shared/base.yaml
mcp_servers: { other: { command: bun } }
models: { m: openai/gpt-4o }
permissions: { deny: [rate, rats] }
${TASKS}`;
  const files = { 'shared/base.yaml': shared, 'shared/price.ts': '' };
  expect(await problemsOf(text, { files })).toMatchInlineSnapshot(`
    "
    crew.yaml:4:29 warning permissions.deny[1]: no tool of this crew is called "rats"
      4 | permissions: { deny: [rate, rats] }
        |                             ^^^^
        = did you mean "rate"?

    shared/base.yaml:7:37 warning permissions.ask[0]: no tool of this crew is called "write_fil"
      7 | permissions: { deny: [price], ask: [write_fil] }
        |                                     ^^^^^^^^^
        = did you mean "write_file"?
    "
  `);
  const sound = { 'shared/base.yaml': shared.replace('write_fil', 'write_file'), 'shared/price.ts': '' };
  const { agents, mcpServers, permissions, source } = await definitionOf(text.replace(', rats', ''), { files: sound });
  expect(agents[0]?.tools).toMatchObject([
    { path: './shared/price.ts', options: { cacheFunction: { path: './shared/price.ts' } } },
    { kind: 'command' },
    { kind: 'mcp' },
    { kind: 'mcp' },
  ]);
  expect(Object.values(mcpServers).map(({ connection }) => connection)).toMatchObject([
    { command: 'node', cwd: join(source.directory, 'shared/servers') },
    { command: 'bun', cwd: source.directory },
  ]);
  expect(permissions).toEqual({
    allow: undefined,
    ask: [{ text: 'write_file', tool: 'write_file', argument: undefined }],
    deny: [
      { text: 'price', tool: 'price', argument: undefined },
      { text: 'rate', tool: 'rate', argument: undefined },
    ],
  });
});

it('says how to write a command with arguments', async () => {
  const text = crewWith('["mcp:files"]', "  files: { command: 'npx -y @acme/server .' }\n");
  expect(await problemsOf(text)).toMatchInlineSnapshot(`
    "
    crew.yaml:2:21 mcp_servers.files.command: must be the program alone; its arguments are args
      2 |   files: { command: 'npx -y @acme/server .' }
        |                     ^^^^^^^^^^^^^^^^^^^^^^^
        = write { command: npx, args: [-y, '@acme/server', .] }
    "
  `);
});
