import { describe, expect, it } from 'vitest';
import { CREWAI_TOOLS } from '../../src/definition/crewai-tools.js';
import { formatProblem } from '../../src/definition/format-problem.js';
import { definitionOf, problemsOf, type CheckTextOptions } from '../helpers/check-text.js';

const TASKS = 'tasks:\n  essay: { description: Write, expected_output: Text }\n';

function crewWith(tools: string, top = ''): string {
  return `${top}agents:\n  writer:\n    role: Writer\n    goal: Write\n    backstory: Wrote\n    llm: m\n    tools: ${tools}\n${TASKS}models: { m: openai/gpt-4o }\n`;
}

const files = { 'tools/price.ts': '', 'tools/x.py': '' };

async function toolsOf(tools: string, top = '', options: CheckTextOptions = {}) {
  const { agents } = await definitionOf(crewWith(tools, top), { files, ...options });
  return agents[0]?.tools;
}

const problems = (tools: string, top = '', options: CheckTextOptions = {}) =>
  problemsOf(crewWith(tools, top), { files, ...options });

describe('the tools of an agent', () => {
  it('are a name, a map with settings and options, or a file', async () => {
    const text = `[read_file, { use: read_file, root: docs, max_bytes: 100, timeout: 1m, name: read_docs }, "./tools/price.ts#lookup",
      { use: ./tools/price.ts, effects: none, max_usage_count: 3, result_as_answer: true, max_output_chars: 10, cache: true, cache_function: "./tools/price.ts#keep", retries: 2, description: Tells it. }]`;
    expect(await toolsOf(text)).toEqual([
      { kind: 'builtin', name: 'read_file', settings: {}, options: {}, label: 'read_file' },
      {
        kind: 'builtin',
        name: 'read_file',
        settings: { root: 'docs', max_bytes: 100 },
        options: { timeoutMs: 60_000, name: 'read_docs' },
        label: 'read_file',
      },
      {
        kind: 'module',
        path: './tools/price.ts',
        exportName: 'lookup',
        options: {},
        label: './tools/price.ts#lookup',
      },
      {
        kind: 'module',
        path: './tools/price.ts',
        exportName: undefined,
        options: {
          effects: 'none',
          maxUsageCount: 3,
          resultAsAnswer: true,
          maxOutputChars: 10,
          cache: true,
          cacheFunction: { path: './tools/price.ts', exportName: 'keep' },
          retries: 2,
          description: 'Tells it.',
        },
        label: './tools/price.ts',
      },
    ]);
  });

  it('can be programs with a schema, also a short one', async () => {
    const command = (more: string) =>
      `[{ name: rate, description: Tells a rate., command: [python3, tools/x.py], ${more} }]`;
    expect(await toolsOf(command('env: [RATE_KEY, RATE_KEY], timeout: 5, parameters: { city: string }'))).toEqual([
      {
        kind: 'command',
        name: 'rate',
        description: 'Tells a rate.',
        parameters: {
          type: 'object',
          properties: { city: { type: 'string' } },
          required: ['city'],
          additionalProperties: false,
        },
        command: ['python3', 'tools/x.py'],
        env: ['RATE_KEY'],
        options: { timeoutMs: 5000 },
        label: 'rate',
      },
    ]);
    const schemaOf = async (parameters: string) => {
      const [tool] = (await toolsOf(command(`parameters: ${parameters}`))) ?? [];
      return tool?.kind === 'command' && tool.parameters;
    };
    expect(await schemaOf('{}')).toEqual({ type: 'object', properties: {}, additionalProperties: false });
    expect(await schemaOf('{ type: string, days: { type: integer, default: 3 } }')).toEqual({
      type: 'object',
      properties: { type: { type: 'string' }, days: { type: 'integer', default: 3 } },
      required: ['type'],
      additionalProperties: false,
    });
    const whole = { type: 'object', properties: { city: { type: 'string', pattern: '[${X}]' } }, required: ['city'] };
    expect(await schemaOf(JSON.stringify(whole))).toEqual(whole);
    expect(await schemaOf('{ properties: { a: true } }')).toEqual({ type: 'object', properties: { a: true } });
  });

  it('have variables put in, but not in what is a text or a schema, and hide their values', async () => {
    const text =
      '[{ use: read_file, root: "${ROOT}" }, { name: a, description: "${NOT} it", parameters: {}, command: [sh, "${WORD}"], env: [TOKEN] }]';
    const env = { ROOT: 'docs', WORD: 'x', TOKEN: 't' };
    const { agents, secretVariables } = await definitionOf(crewWith(text), { files, env });
    expect(agents[0]?.tools).toMatchObject([
      { settings: { root: 'docs' } },
      { description: '${NOT} it', command: ['sh', 'x'] },
    ]);
    expect(secretVariables).toEqual(['ROOT', 'WORD', 'OPENAI_API_KEY', 'TOKEN']);
  });
});

describe('what is wrong with a tool', () => {
  it('is told with its place and what was meant', async () => {
    expect(
      await problems(`
      - red_file
      - { use: read_file, rot: docs, max_bytes: many, timeout: soon, effects: none }
      - { root: docs }
      - { use: 5 }
      - { use: ./tools/none.ts, retrys: 2, cache_function: ./keep.ts#keep }
      - CodeInterpreterTool
      - { use: CodeInterpreterTool }
      - { use: run_command }
      - { use: run_command, programs: git }
      - { use: query_sql }
      - { use: query_sql, database: a.db, url: "postgres://host/db" }
      - { use: web_search, provider: goggle }
      - { use: web_search, provider: searxng }
      - { use: web_search, base_url: "http://localhost:1" }
      - { use: fetch_url, domains: ["https://example.com/"] }
      - { use: current_time, time_zone: Europe/Bonn }
      - { use: nothing_like_it }`),
    ).toMatchInlineSnapshot(`
      "
      crew.yaml:8:9 agents.writer.tools[0]: there is no tool "red_file"
        8 |       - red_file
          |         ^^^^^^^^
          = did you mean "read_file"?

      crew.yaml:9:27 agents.writer.tools[1].rot: unknown key
        9 |       - { use: read_file, rot: docs, max_bytes: many, timeout: soon, effects: none }
          |                           ^^^
          = did you mean "root"?

      crew.yaml:9:49 agents.writer.tools[1].max_bytes: must be a whole number, 1 or more, not text
        9 |       - { use: read_file, rot: docs, max_bytes: many, timeout: soon, effects: none }
          |                                                 ^^^^

      crew.yaml:9:64 agents.writer.tools[1].timeout: must be a duration such as 60s or 2m, or seconds as a number, not "soon"
        9 |       - { use: read_file, rot: docs, max_bytes: many, timeout: soon, effects: none }
          |                                                                ^^^^

      crew.yaml:9:70 agents.writer.tools[1].effects: the effects of a built-in tool are its own
        9 |       - { use: read_file, rot: docs, max_bytes: many, timeout: soon, effects: none }
          |                                                                      ^^^^^^^
          = remove it: \`crew tools\` tells the effects of each

      crew.yaml:10:9 agents.writer.tools[2]: use is missing
        10 |       - { root: docs }
           |         ^^^^^^^^^^^^^^
           = write use: read_file, or command: [python3, tools/x.py] for a program

      crew.yaml:11:16 agents.writer.tools[3].use: must be the name of a tool, ./file.ts#export or mcp:server/tool
        11 |       - { use: 5 }
           |                ^

      crew.yaml:12:16 agents.writer.tools[4].use: ./tools/none.ts: there is no such file
        12 |       - { use: ./tools/none.ts, retrys: 2, cache_function: ./keep.ts#keep }
           |                ^^^^^^^^^^^^^^^
           = paths start at the definition's folder

      crew.yaml:12:33 agents.writer.tools[4].retrys: unknown key
        12 |       - { use: ./tools/none.ts, retrys: 2, cache_function: ./keep.ts#keep }
           |                                 ^^^^^^
           = did you mean "retries"?

      crew.yaml:12:60 agents.writer.tools[4].cache_function: ./keep.ts: there is no such file
        12 |       - { use: ./tools/none.ts, retrys: 2, cache_function: ./keep.ts#keep }
           |                                                            ^^^^^^^^^^^^^^
           = paths start at the definition's folder

      crew.yaml:13:9 agents.writer.tools[5]: CodeInterpreterTool is not supported: no code that a model writes is run here
        13 |       - CodeInterpreterTool
           |         ^^^^^^^^^^^^^^^^^^^
           = use run_command with the programs that you choose, or a tool of your own: ./tools/run.ts#run

      crew.yaml:14:16 agents.writer.tools[6].use: CodeInterpreterTool is not supported: no code that a model writes is run here
        14 |       - { use: CodeInterpreterTool }
           |                ^^^^^^^^^^^^^^^^^^^
           = use run_command with the programs that you choose, or a tool of your own: ./tools/run.ts#run

      crew.yaml:15:9 agents.writer.tools[7]: programs is missing
        15 |       - { use: run_command }
           |         ^^^^^^^^^^^^^^^^^^^^
           = The only programs that may be run, such as git or ./check.sh. No shell.

      crew.yaml:16:39 agents.writer.tools[8].programs: must be a list of programs, not text
        16 |       - { use: run_command, programs: git }
           |                                       ^^^
           = write a list: [git]

      crew.yaml:17:9 agents.writer.tools[9]: query_sql needs database or url
        17 |       - { use: query_sql }
           |         ^^^^^^^^^^^^^^^^^^
           = write { use: query_sql, database: data/shop.db }, or url: \${DATABASE_URL}

      crew.yaml:18:9 agents.writer.tools[10]: there are two tools called "query_sql" here
        18 |       - { use: query_sql, database: a.db, url: "postgres://host/db" }
           |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
           = give one of them a name of its own: { use: query_sql, name: other_query_sql }

      crew.yaml:18:43 agents.writer.tools[10].url: database is there too; query_sql asks one of them
        18 |       - { use: query_sql, database: a.db, url: "postgres://host/db" }
           |                                           ^^^

      crew.yaml:19:38 agents.writer.tools[11].provider: must be serper, tavily, brave or searxng, not "goggle"
        19 |       - { use: web_search, provider: goggle }
           |                                      ^^^^^^

      crew.yaml:20:9 agents.writer.tools[12]: base_url is missing: a SearXNG server has an address of its own
        20 |       - { use: web_search, provider: searxng }
           |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
           = write base_url: https://search.example.com; for one on this machine allow_private: true too

      crew.yaml:20:9 agents.writer.tools[12]: there are two tools called "web_search" here
        20 |       - { use: web_search, provider: searxng }
           |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
           = give one of them a name of its own: { use: web_search, name: other_web_search }

      crew.yaml:21:9 agents.writer.tools[13]: there are two tools called "web_search" here
        21 |       - { use: web_search, base_url: "http://localhost:1" }
           |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
           = give one of them a name of its own: { use: web_search, name: other_web_search }

      crew.yaml:21:28 agents.writer.tools[13].base_url: there is no provider beside it
        21 |       - { use: web_search, base_url: "http://localhost:1" }
           |                            ^^^^^^^^
           = write provider: serper, tavily, brave or searxng

      crew.yaml:22:37 agents.writer.tools[14].domains[0]: must be a host name such as example.com or *.example.com, not "https://example.com/"
        22 |       - { use: fetch_url, domains: ["https://example.com/"] }
           |                                     ^^^^^^^^^^^^^^^^^^^^^^

      crew.yaml:23:41 agents.writer.tools[15].time_zone: must be a time zone such as Europe/Berlin, not "Europe/Bonn"
        23 |       - { use: current_time, time_zone: Europe/Bonn }
           |                                         ^^^^^^^^^^^

      crew.yaml:24:16 agents.writer.tools[16].use: there is no tool "nothing_like_it"
        24 |       - { use: nothing_like_it }
           |                ^^^^^^^^^^^^^^^
           = \`crew tools\` lists what there is; your own are written ./file.ts#export
      "
    `);
  });

  it('has a hint that is what to write', async () => {
    const hintOf = async (tool: string) => /^ +=(.*)$/m.exec(await problems(`[${tool}]`))?.[1]?.trim();
    const program = 'name: a, description: A, parameters: {}';
    expect(await hintOf(`{ ${program}, command: python3 tools/x.py }`)).toBe('write a list: [python3, tools/x.py]');
    expect(await hintOf('./tools/x.py')).toBe(
      'write { name: …, description: …, parameters: { … }, command: [python3, ./tools/x.py] }',
    );
    expect(await hintOf('{ use: DirectoryReadTool, directory: docs }')).toBe('did you mean "root"?');
    expect(await hintOf('{ use: CSVSearchTool, csv: a.csv }')).toBe('did you mean "file"?');
    expect(await hintOf('{ use: ScrapeWebsiteTool, website_url: a }')).toBe('did you mean "domains"?');
    expect(await hintOf('FileReaderTool')).toBe('did you mean "FileReadTool"?');
    expect(await hintOf('FileReadTool()')).toBe('did you mean "FileReadTool"?');
    expect(await hintOf('GithubSearchTool')).toBe(
      'name an MCP server that does it, mcp:server/tool, or write a tool of your own, ./file.ts#export',
    );
  });

  it('is told of programs', async () => {
    expect(
      await problems(`
      - { command: [] }
      - { name: a b, description: A, parameters: { type: string }, command: [./none.sh, x], env: [A=1] }
      - { name: b, description: B, parameters: { type: object, properties: { a: { type: text } } }, command: [python3, tools/none.py] }
      - { name: c, description: C, parameters: { a: strng, b: 5, c: { type: sting } }, command: python3 }`),
    ).toMatchInlineSnapshot(`
      "
      crew.yaml:8:9 agents.writer.tools[0]: description is missing
        8 |       - { command: [] }
          |         ^^^^^^^^^^^^^^^
          = What models are told of it.

      crew.yaml:8:9 agents.writer.tools[0]: parameters is missing
        8 |       - { command: [] }
          |         ^^^^^^^^^^^^^^^
          = What models give it: { city: string, days: integer }, or the JSON Schema of an object.

      crew.yaml:8:9 agents.writer.tools[0]: name is missing
        8 |       - { command: [] }
          |         ^^^^^^^^^^^^^^^
          = models call the tool by it

      crew.yaml:8:20 agents.writer.tools[0].command: must be a list: the program, then its arguments, not an empty list
        8 |       - { command: [] }
          |                    ^^

      crew.yaml:9:17 agents.writer.tools[1].name: must be letters, digits, "_" and "-", at most 64, not "a b"
        9 |       - { name: a b, description: A, parameters: { type: string }, command: [./none.sh, x], env: [A=1] }
          |                 ^^^

      crew.yaml:9:78 agents.writer.tools[1].command[0]: ./none.sh: there is no such file
        9 |       - { name: a b, description: A, parameters: { type: string }, command: [./none.sh, x], env: [A=1] }
          |                                                                              ^^^^^^^^^
          = paths start at the definition's folder

      crew.yaml:9:99 agents.writer.tools[1].env[0]: must be the name of a variable, not "A=1"
        9 |       - { name: a b, description: A, parameters: { type: string }, command: [./none.sh, x], env: [A=1] }
          |                                                                                                   ^^^

      crew.yaml:10:36 agents.writer.tools[2].parameters: is not a sound JSON Schema: properties.a.type: "text" is not a JSON Schema type; there are string, number, integer, boolean, object, array, null
        10 |       - { name: b, description: B, parameters: { type: object, properties: { a: { type: text } } }, command: [python3, t…
           |                                    ^^^^^^^^^^

      crew.yaml:10:120 agents.writer.tools[2].command[1]: tools/none.py: there is no such file
        10 | … { type: text } } }, command: [python3, tools/none.py] }
           |                                          ^^^^^^^^^^^^^
           = paths start at the definition's folder

      crew.yaml:11:53 agents.writer.tools[3].parameters.a: must be string, number, integer, boolean, array or object, or a JSON Schema
        11 |       - { name: c, description: C, parameters: { a: strng, b: 5, c: { type: sting } }, command: python3 }
           |                                                     ^^^^^
           = did you mean "string"?

      crew.yaml:11:63 agents.writer.tools[3].parameters.b: must be string, number, integer, boolean, array or object, or a JSON Schema
        11 |       - { name: c, description: C, parameters: { a: strng, b: 5, c: { type: sting } }, command: python3 }
           |                                                               ^

      crew.yaml:11:97 agents.writer.tools[3].command: must be a list: the program, then its arguments, not text
        11 |       - { name: c, description: C, parameters: { a: strng, b: 5, c: { type: sting } }, command: python3 }
           |                                                                                                 ^^^^^^^
           = write a list: [python3]
      "
    `);
  });
});

describe('tools at the top', () => {
  const TOP = `tools:
  prices: { use: "./tools/price.ts#lookup", timeout: 10s }
  read_file: { root: docs, max_bytes: 10 }
  reader: { use: FileReadTool, description: Reads. }
  rate: { description: Tells a rate., parameters: {}, command: [python3, tools/x.py] }
  list_directory: ./tools/price.ts#list
`;

  it('give agents tools by their name, which models see too, and win over built-in ones', async () => {
    const text = '[prices, read_file, reader, rate, list_directory, write_file]';
    expect(await toolsOf(text, TOP)).toMatchObject([
      { kind: 'module', exportName: 'lookup', options: { name: 'prices', timeoutMs: 10_000 }, label: 'prices' },
      { kind: 'builtin', name: 'read_file', settings: { root: 'docs', max_bytes: 10 }, options: {} },
      { kind: 'builtin', name: 'read_file', settings: {}, options: { name: 'reader', description: 'Reads.' } },
      { kind: 'command', name: 'rate', options: {}, label: 'rate' },
      { kind: 'module', exportName: 'list', options: { name: 'list_directory' } },
      { kind: 'builtin', name: 'write_file' },
    ]);
    const { namedTools } = await definitionOf(crewWith(text, TOP), { files });
    expect(Object.keys(namedTools)).toEqual(['prices', 'read_file', 'reader', 'rate', 'list_directory']);
  });

  it('can be changed where they are used', async () => {
    const text =
      '[{ use: prices, timeout: 5s, name: cheap }, { use: read_file, max_bytes: 20, timeout: 5s }, { use: rate, effects: none }, reader, list_directory]';
    expect(await toolsOf(text, TOP)).toMatchObject([
      { kind: 'module', options: { name: 'cheap', timeoutMs: 5000 } },
      { kind: 'builtin', settings: { root: 'docs', max_bytes: 20 }, options: { timeoutMs: 5000 } },
      { kind: 'command', options: { effects: 'none' } },
      {},
      {},
    ]);
    const command = 'tools:\n  run_command: { programs: [git] }\n';
    expect(await toolsOf('[{ use: run_command, timeout: 5s }]', command)).toMatchObject([
      { settings: { programs: ['git'] }, options: { timeoutMs: 5000 } },
    ]);
  });

  it('are checked also where nobody has them, which is a warning', async () => {
    const top = `tools:
  price: { use: ./tools/none.ts, name: prices }
  one: { use: two }
  two: read_fil
  "a b": read_file
  three: { root: docs }
  files: [read_file]
  idle: { use: read_file, rot: docs }
`;
    expect(await problems('[prise, one]', top)).toMatchInlineSnapshot(`
      "
      crew.yaml:2:17 tools.price.use: ./tools/none.ts: there is no such file
        2 |   price: { use: ./tools/none.ts, name: prices }
          |                 ^^^^^^^^^^^^^^^
          = paths start at the definition's folder

      crew.yaml:2:40 tools.price.name: the name of this tool is its key, price
        2 |   price: { use: ./tools/none.ts, name: prices }
          |                                        ^^^^^^
          = remove \`name\`

      crew.yaml:3:15 tools.one.use: "two" is another tool of this map
        3 |   one: { use: two }
          |               ^^^
          = under tools, \`use\` names a built-in tool, a file or an MCP tool

      crew.yaml:4:8 tools.two: there is no tool "read_fil"
        4 |   two: read_fil
          |        ^^^^^^^^
          = did you mean "read_file"?

      crew.yaml:5:3 tools.a b: the name of a tool must be letters, digits, "_" and "-", at most 64
        5 |   "a b": read_file
          |   ^^^^^

      crew.yaml:5:3 warning tools.a b: no agent or task has the tool "a b"
        5 |   "a b": read_file
          |   ^^^^^
          = write it under the tools of an agent: [a b]

      crew.yaml:6:3 tools.three: use is missing
        6 |   three: { root: docs }
          |   ^^^^^
          = write use: read_file, or command: [python3, tools/x.py] for a program

      crew.yaml:7:10 tools.files: must be a tool: its name, ./file.ts#export, mcp:server/tool, or a map with \`use\` and its settings, not a list
        7 |   files: [read_file]
          |          ^^^^^^^^^^^

      crew.yaml:8:3 warning tools.idle: no agent or task has the tool "idle"
        8 |   idle: { use: read_file, rot: docs }
          |   ^^^^
          = write it under the tools of an agent: [idle]

      crew.yaml:8:27 tools.idle.rot: unknown key
        8 |   idle: { use: read_file, rot: docs }
          |                           ^^^
          = did you mean "root"?

      crew.yaml:15:13 agents.writer.tools[0]: there is no tool "prise"
        15 |     tools: [prise, one]
           |             ^^^^^
           = did you mean "price"?
      "
    `);
  });
});

describe("crewAI's tool classes", () => {
  it('are names of tools here, without a warning', async () => {
    const names = Object.keys(CREWAI_TOOLS).filter((name) => CREWAI_TOOLS[name]?.use !== 'query_sql');
    const env = { SERPER_API_KEY: 'a', TAVILY_API_KEY: 'b', BRAVE_API_KEY: 'c', OPENAI_API_KEY: 'd' };
    for (const name of [...names, '{ use: NL2SQLTool, database: shop.db }']) {
      expect([name, await problems(`[${name}]`, '', { env })]).toEqual([name, '\n\n']);
    }
    const tools = await toolsOf(
      '[SerperDevTool, { use: SerperDevTool, max_results: 3, name: few }, { use: PDFSearchTool, root: docs }, { use: TXTSearchTool, name: find }]',
    );
    expect(tools).toEqual([
      {
        kind: 'builtin',
        name: 'web_search',
        settings: { provider: 'serper' },
        options: {},
        label: 'SerperDevTool',
      },
      {
        kind: 'builtin',
        name: 'web_search',
        settings: { provider: 'serper', max_results: 3 },
        options: { name: 'few' },
        label: 'SerperDevTool',
      },
      {
        kind: 'builtin',
        name: 'search_documents',
        settings: { files: ['**/*.pdf'], root: 'docs' },
        options: { name: 'search_pdf' },
        label: 'PDFSearchTool',
      },
      {
        kind: 'builtin',
        name: 'search_documents',
        settings: { files: ['**/*.txt'] },
        options: { name: 'find' },
        label: 'TXTSearchTool',
      },
    ]);
  });
});

describe('keys of tools', () => {
  const missing = async (tools: string, top = '', env: Record<string, string> = {}) => {
    const { missingToolKeys } = await definitionOf(crewWith(tools, top), { files, env });
    return `\n${missingToolKeys.map(formatProblem).join('\n\n')}\n`;
  };

  it('are told where they are missing, each once, for tools that somebody has', async () => {
    expect(
      await missing(
        `
      - web_search
      - { use: web_search, provider: brave, name: brave }
      - { use: web_search, provider: tavily, api_key: "\${MY_KEY}", name: tavily }
      - { use: http_request, headers: { Authorization: "Bearer \${TOKEN}", X-Team: "\${MY_KEY}" } }
      - { use: query_sql, url: "\${DATABASE_URL}" }
      - search
      - mcp:house
      `,
        `tools:
  search: { use: web_search, api_key: "\${OTHER_KEY}", provider: serper }
  idle: { use: web_search, api_key: "\${IDLE_KEY}", provider: serper }
mcp_servers:
  house: { url: "\${HOUSE_URL}", headers: { Authorization: "Bearer \${HOUSE_TOKEN}" } }
  idle: { command: run, env: { TOKEN: "\${IDLE_TOKEN}" } }
`,
      ),
    ).toMatchInlineSnapshot(`
      "
      crew.yaml:2:40 tools.search.api_key: the environment variable OTHER_KEY is not set
        2 |   search: { use: web_search, api_key: "\${OTHER_KEY}", provider: serper }
          |                                        ^^^^^^^^^^^^
          = set it, or write it into .env beside the definition

      crew.yaml:5:18 mcp_servers.house.url: the environment variable HOUSE_URL is not set
        5 |   house: { url: "\${HOUSE_URL}", headers: { Authorization: "Bearer \${HOUSE_TOKEN}" } }
          |                  ^^^^^^^^^^^^
          = set it, or write it into .env beside the definition

      crew.yaml:5:67 mcp_servers.house.headers.Authorization: the environment variable HOUSE_TOKEN is not set
        5 |   house: { url: "\${HOUSE_URL}", headers: { Authorization: "Bearer \${HOUSE_TOKEN}" } }
          |                                                                   ^^^^^^^^^^^^^^
          = set it, or write it into .env beside the definition

      crew.yaml:14:9 agents.writer.tools[0]: none of SERPER_API_KEY, TAVILY_API_KEY, BRAVE_API_KEY is set; web_search needs one of them
        14 |       - web_search
           |         ^^^^^^^^^^
           = set one, or write it into .env beside the definition

      crew.yaml:15:9 agents.writer.tools[1]: BRAVE_API_KEY is not set; web_search needs it
        15 |       - { use: web_search, provider: brave, name: brave }
           |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
           = set it, or write it into .env beside the definition

      crew.yaml:16:56 agents.writer.tools[2].api_key: the environment variable MY_KEY is not set
        16 |       - { use: web_search, provider: tavily, api_key: "\${MY_KEY}", name: tavily }
           |                                                        ^^^^^^^^^
           = set it, or write it into .env beside the definition

      crew.yaml:17:64 agents.writer.tools[3].headers.Authorization: the environment variable TOKEN is not set
        17 |       - { use: http_request, headers: { Authorization: "Bearer \${TOKEN}", X-Team: "\${MY_KEY}" } }
           |                                                                ^^^^^^^^
           = set it, or write it into .env beside the definition

      crew.yaml:18:33 agents.writer.tools[4].url: the environment variable DATABASE_URL is not set
        18 |       - { use: query_sql, url: "\${DATABASE_URL}" }
           |                                 ^^^^^^^^^^^^^^^
           = set it, or write it into .env beside the definition
      "
    `);
  });

  it('are not missed where another one will do', async () => {
    expect(await missing('[web_search]', '', { TAVILY_API_KEY: 'x' })).toBe('\n\n');
    expect(await missing('[{ use: web_search, provider: searxng, base_url: "http://localhost:1" }]')).toBe('\n\n');
    const env = { MY_KEY: 'x' };
    expect(await missing('[{ use: web_search, provider: brave, api_key: "${MY_KEY}" }]', '', env)).toBe('\n\n');
  });

  it('are secret', async () => {
    const { secretVariables } = await definitionOf(
      crewWith('[web_search, { use: http_request, headers: { A: "${TOKEN}" } }]'),
      { env: { TOKEN: 'x' } },
    );
    expect(secretVariables).toEqual(['TOKEN', 'OPENAI_API_KEY', 'SERPER_API_KEY', 'TAVILY_API_KEY', 'BRAVE_API_KEY']);
  });
});
