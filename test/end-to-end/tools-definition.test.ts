import { describe, expect, it } from 'vitest';
import { text, toolCalls } from '../helpers/provider-server.js';
import { createScene } from '../helpers/run-process.js';

const crewWith = (
  tools: string,
  top = '',
): string => `${top}models: { m: { model: openai/gpt-4.1-mini, max_retries: 0 } }
agents:
  writer:
    role: Writer
    goal: Write
    backstory: You write.
    llm: m
    tools: ${tools}
tasks:
  essay: { description: Write., expected_output: A text. }
`;

describe('the tools of a definition', () => {
  it('are refused before anything is called, each at its place', async () => {
    const top = `tools:
  prices: { use: ./tools/price.ts, tmeout: 5s }
  unused: current_time
mcp_servers:
  files: { comand: npx }
permissions: { deny: [write_fil] }
`;
    const scene = await createScene({
      'crew.yaml': crewWith(
        `
      - red_file
      - { use: run_command }
      - { use: query_sql }
      - CodeInterpreterTool
      - mcp:fils/read
      - { use: query_csv, file: a.csv }
      - { use: query_csv, file: b.csv }
      - { name: rate, command: [python3, tools/rate.py], description: A rate., parameters: { day: dat } }`,
        top,
      ),
    });
    expect(await scene.refusal(['kickoff', 'crew.yaml'])).toMatchInlineSnapshot(`
      "
      crew.yaml:2:18 tools.prices.use: ./tools/price.ts: there is no such file
        2 |   prices: { use: ./tools/price.ts, tmeout: 5s }
          |                  ^^^^^^^^^^^^^^^^
          = paths start at the definition's folder

      crew.yaml:2:36 tools.prices.tmeout: unknown key
        2 |   prices: { use: ./tools/price.ts, tmeout: 5s }
          |                                    ^^^^^^
          = did you mean "timeout"?

      crew.yaml:3:3 warning tools.unused: no agent or task has the tool "unused"
        3 |   unused: current_time
          |   ^^^^^^
          = write it under the tools of an agent: [unused]

      crew.yaml:5:12 mcp_servers.files.comand: unknown key
        5 |   files: { comand: npx }
          |            ^^^^^^
          = did you mean "command"?

      crew.yaml:6:23 permissions.deny[0]: no tool of this crew is called "write_fil"
        6 | permissions: { deny: [write_fil] }
          |                       ^^^^^^^^^
          = did you mean "write_file"?

      crew.yaml:15:9 agents.writer.tools[0]: there is no tool "red_file"
        15 |       - red_file
           |         ^^^^^^^^
           = did you mean "read_file"?

      crew.yaml:16:9 agents.writer.tools[1]: programs is missing
        16 |       - { use: run_command }
           |         ^^^^^^^^^^^^^^^^^^^^
           = The only programs that may be run, such as git or ./check.sh. No shell.

      crew.yaml:17:9 agents.writer.tools[2]: query_sql needs database or url
        17 |       - { use: query_sql }
           |         ^^^^^^^^^^^^^^^^^^
           = write { use: query_sql, database: data/shop.db }, or url: \${DATABASE_URL}

      crew.yaml:18:9 agents.writer.tools[3]: CodeInterpreterTool is not supported: no code that a model writes is run here
        18 |       - CodeInterpreterTool
           |         ^^^^^^^^^^^^^^^^^^^
           = use run_command with the programs that you choose, or a tool of your own: ./tools/run.ts#run

      crew.yaml:19:13 agents.writer.tools[4]: there is no MCP server "fils"
        19 |       - mcp:fils/read
           |             ^^^^
           = did you mean "files"?

      crew.yaml:21:9 agents.writer.tools[6]: there are two tools called "query_csv" here
        21 |       - { use: query_csv, file: b.csv }
           |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
           = give one of them a name of its own: { use: query_csv, name: other_query_csv }

      crew.yaml:22:42 agents.writer.tools[7].command[1]: tools/rate.py: there is no such file
        22 |       - { name: rate, command: [python3, tools/rate.py], description: A rate., parameters: { day: dat } }
           |                                          ^^^^^^^^^^^^^
           = paths start at the definition's folder

      crew.yaml:22:99 agents.writer.tools[7].parameters.day: must be string, number, integer, boolean, array or object, or a JSON Schema
        22 |       - { name: rate, command: [python3, tools/rate.py], description: A rate., parameters: { day: dat } }
           |                                                                                                   ^^^
      "
    `);
  });

  it('are refused without their keys, also where a cassette answers; validate warns of them', async () => {
    const tools =
      '[web_search, { use: http_request, base_url: "https://api.example.com", headers: { Authorization: "Bearer ${API_TOKEN}" } }]';
    const scene = await createScene({ 'crew.yaml': crewWith(tools), 'tape.yaml': '' });
    const refused = await scene.refusal(['kickoff', 'crew.yaml']);
    expect(refused).toMatchInlineSnapshot(`
      "
      crew.yaml:8:13 agents.writer.tools[0]: none of SERPER_API_KEY, TAVILY_API_KEY, BRAVE_API_KEY is set; web_search needs one of them
        8 |     tools: [web_search, { use: http_request, base_url: "https://api.example.com", headers: { Authorization: "Bearer \${AP…
          |             ^^^^^^^^^^
          = set one, or write it into .env beside the definition

      crew.yaml:8:117 agents.writer.tools[1].headers.Authorization: the environment variable API_TOKEN is not set
        8 | …com", headers: { Authorization: "Bearer \${API_TOKEN}" } }]
          |                                          ^^^^^^^^^^^^
          = set it, or write it into .env beside the definition
      "
    `);
    expect(await scene.refusal(['kickoff', 'crew.yaml', '--cassette', 'tape.yaml'])).toBe(refused);
    expect(scene.transcript(await scene.crew(['validate', 'crew.yaml']))).toMatchInlineSnapshot(`
      "exit 0
      --- stdout
      crew.yaml: ok (1 agent, 1 task, sequential), 2 warnings
      --- stderr
      crew.yaml:8:13 warning agents.writer.tools[0]: none of SERPER_API_KEY, TAVILY_API_KEY, BRAVE_API_KEY is set; web_search needs one of them
        8 |     tools: [web_search, { use: http_request, base_url: "https://api.example.com", headers: { Authorization: "Bearer \${AP…
          |             ^^^^^^^^^^
          = set one, or write it into .env beside the definition

      crew.yaml:8:117 warning agents.writer.tools[1].headers.Authorization: the environment variable API_TOKEN is not set
        8 | …com", headers: { Authorization: "Bearer \${API_TOKEN}" } }]
          |                                          ^^^^^^^^^^^^
          = set it, or write it into .env beside the definition

      "
    `);
  });

  it('are called by the names that they have at the top', async () => {
    const top = `tools:
  notes: { use: FileReadTool, root: docs, description: Reads the notes. }
  rate: { description: Tells a rate., parameters: { day: string }, command: [node, tools/rate.mjs] }
`;
    const scene = await createScene(
      {
        'crew.yaml': crewWith('[notes, { use: rate, name: exchange_rate }]', top),
        'docs/a.md': 'Solar grew.',
        'tools/rate.mjs': `process.stdin.on('data', (text) => console.log(JSON.stringify({ rate: 1.1, ...JSON.parse(text) })));`,
      },
      ({ messages }) =>
        messages.some(({ role }) => role === 'tool')
          ? text('Written.')
          : toolCalls([
              { id: 'a', name: 'notes', arguments: { path: 'a.md' } },
              { id: 'b', name: 'exchange_rate', arguments: { day: 'Monday' } },
            ]),
    );
    expect(await scene.crew(['kickoff', 'crew.yaml', '--quiet'])).toEqual({
      exitCode: 0,
      stdout: 'Written.\n',
      stderr: '',
    });
    const [first, second] = scene.server.requests.map(
      ({ body }) =>
        body as { readonly tools?: unknown; readonly messages: readonly { role: string; content: unknown }[] },
    );
    expect(first?.tools).toMatchObject([
      { function: { name: 'notes', description: 'Reads the notes.' } },
      { function: { name: 'exchange_rate', description: 'Tells a rate.' } },
    ]);
    expect(second?.messages.filter(({ role }) => role === 'tool').map(({ content }) => content)).toEqual([
      '<data from="notes">\nSolar grew.\n</data>',
      '<data from="exchange_rate">\n{"rate":1.1,"day":"Monday"}\n</data>',
    ]);
  });
});

describe('crew tools', () => {
  it('lists what there is beside a definition that names a tool which there is not', async () => {
    const scene = await createScene({ 'crew.yaml': crewWith('[read_fil]') });
    const { exitCode, stdout, stderr } = await scene.crew(['tools']);
    expect([exitCode, stdout.split('\n')[0], stderr.includes('did you mean "read_file"?')]).toEqual([
      2,
      'read_file  effects: none',
      true,
    ]);
  });
});

describe('crew tools call', () => {
  it('gives a tool its settings', async () => {
    const scene = await createScene({ 'docs/a.txt': 'Solar' });
    const listed = await scene.crew([
      'tools',
      'call',
      'search_documents',
      'query=solar',
      '--set',
      'files=[docs/*.txt]',
    ]);
    expect([listed.exitCode, listed.stderr, listed.stdout.includes('Solar')]).toEqual([0, '', true]);
    const ran = ['tools', 'call', 'run_command', 'program=echo', 'args=a b', 'args=;', '--set', 'programs=[echo]'];
    expect(await scene.crew(ran)).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('a b ;') });
  });

  it('is ended by Ctrl-C', async () => {
    const scene = await createScene({
      'wait.ts': `export default {
  description: 'Waits.', parameters: {},
  execute(_args: unknown, { log }: any) { log('waiting'); return new Promise(() => setInterval(() => undefined, 1000)); },
};`,
    });
    const { child, ended } = scene.start(['tools', 'call', './wait.ts']);
    child.stderr?.once('data', () => child.kill('SIGINT'));
    expect(scene.transcript(await ended)).toMatchInlineSnapshot(`
      "exit 130
      --- stderr
      waiting
      error: interrupted
      "
    `);
  });
});
