import { expect, test } from 'vitest';
import { loadDefinition } from '../../src/definition/load-definition.js';
import { definitionOf, problemsOf, SMALL_CREW } from '../helpers/check-text.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

test('puts variables and their defaults into settings, and into no text', async () => {
  const definition = await definitionOf(
    `models:
  smart: { model: "\${PROVIDER:-openai}/\${NAME}", base_url: "\${URL:-http://localhost:1/v1}", options: { user: "\${USER_ID}" } }
agents:
  writer:
    role: Writer of $\{NAME}
    goal: Write
    backstory: Wrote
    llm: smart
    tools: ["\${TOOLS}/price.js#lookup", { use: read_file, root: "\${ROOT:-docs}" }]
tasks:
  essay:
    description: Write \${NAME}
    expected_output: Text
    output_file: \${OUT}/{topic}.md
    output_json: schemas/\${SCHEMA}.json
`,
    {
      env: { NAME: 'gpt-4o', USER_ID: 'u1', TOOLS: './tools', OUT: 'out', SCHEMA: 'brief', ROOT: '' },
      files: { 'tools/price.js': '', 'schemas/brief.json': '{}' },
    },
  );
  const [agent] = definition.agents;
  const [task] = definition.tasks;
  expect(agent).toMatchObject({
    role: 'Writer of ${NAME}',
    models: [{ reference: 'openai/gpt-4o', baseUrl: 'http://localhost:1/v1', options: { user: 'u1' } }],
    tools: [
      { kind: 'module', path: './tools/price.js', exportName: 'lookup' },
      { kind: 'builtin', name: 'read_file', settings: { root: 'docs' } },
    ],
  });
  expect(task).toMatchObject({
    description: 'Write ${NAME}',
    outputFile: 'out/{topic}.md',
    output: { field: 'output_json', schema: { kind: 'file', path: 'schemas/brief.json' } },
  });
});

test('leaves an inline schema as it is', async () => {
  const { tasks } = await definitionOf(
    SMALL_CREW.replace('Text }', 'Text, output_json: { type: string, pattern: "[${X}]" } }'),
  );
  expect(tasks[0]?.output?.schema).toEqual({ kind: 'inline', schema: { type: 'string', pattern: '[${X}]' } });
});

test('points at variables that are not set, and at forms that name none', async () => {
  expect(
    await problemsOf(`models:
  smart: { model: "openai/\${NAME}", base_url: "http://\${HOST}:\${PORT:-80}/v1" }
agents: \${AGENTS}.yaml
tasks:
  essay: { description: "Write \${NAME}", expected_output: Text, output_file: "\${out dir}/a.md" }
`),
  ).toMatchInlineSnapshot(`
    "
    crew.yaml:2:27 models.smart.model: the environment variable NAME is not set
      2 |   smart: { model: "openai/\${NAME}", base_url: "http://\${HOST}:\${PORT:-80}/v1" }
        |                           ^^^^^^^
        = set it, write it into .env, or give a default: \${NAME:-…}

    crew.yaml:2:55 models.smart.base_url: the environment variable HOST is not set
      2 |   smart: { model: "openai/\${NAME}", base_url: "http://\${HOST}:\${PORT:-80}/v1" }
        |                                                       ^^^^^^^
        = set it, write it into .env, or give a default: \${HOST:-…}

    crew.yaml:3:9 agents: the environment variable AGENTS is not set
      3 | agents: \${AGENTS}.yaml
        |         ^^^^^^^^^
        = set it, write it into .env, or give a default: \${AGENTS:-…}

    crew.yaml:5:33 warning tasks.essay.description: there is no input "NAME", so {NAME} stays as it is
      5 |   essay: { description: "Write \${NAME}", expected_output: Text, output_file: "\${out dir}/a.md" }
        |                                 ^^^^^^
        = environment variables are not put into texts; declare an input "NAME" instead

    crew.yaml:5:79 tasks.essay.output_file: \${out dir} is not the name of a variable
      5 |   essay: { description: "Write \${NAME}", expected_output: Text, output_file: "\${out dir}/a.md" }
        |                                                                               ^^^^^^^^^^
        = write \${NAME} or \${NAME:-default}
    "
  `);
});

test('reads .env beside the definition; the real environment wins and nothing is changed', async () => {
  const workingDirectory = temporaryFolder({
    'crews/crew.yaml': SMALL_CREW,
    'crews/.env': 'OPENAI_API_KEY=from-file\nCREW_MODEL="groq/llama-3" # a comment\n',
    '.env': 'CREW_MODEL=ollama/llama3\n',
  });
  const env = Object.freeze({ OPENAI_API_KEY: 'from-environment', EMPTY: undefined });
  const definition = await loadDefinition('crews/crew.yaml', { env, workingDirectory });
  expect(definition.environment).toEqual({ OPENAI_API_KEY: 'from-environment', CREW_MODEL: 'groq/llama-3' });
  expect(definition.agents[0]?.models[0]?.reference).toBe('groq/llama-3');
  expect(definition.source.files.map(({ path }) => path)).toEqual(['crew.yaml']);
  expect(process.env['CREW_MODEL']).toBeUndefined();
});

test('warns of a .env that is no text, and leaves a folder of that name alone', async () => {
  expect(await problemsOf(SMALL_CREW, { files: { '.env': new Uint8Array([0xff, 0xfe]) } })).toMatchInlineSnapshot(`
    "
    crew.yaml warning: .env beside it was not read: the file is not UTF-8 text
    "
  `);
  expect(await problemsOf(SMALL_CREW, { files: { '.env/bin/python': '' } })).toBe('\n\n');
});

test('refuses keys that are written in the file, and shows none of them', async () => {
  const openai = `sk-proj-${'aB3'.repeat(12)}`;
  const anthropic = `sk-ant-api03-${'xY9_'.repeat(8)}`;
  const problems = await problemsOf(
    `# my key: ${anthropic}
models:
  smart: { model: openai/gpt-4o, api_key: hunter2, tempature: 1 }
  other: { model: openai/gpt-4o, headers: { X-Key: "${openai}" } }
  third: { model: openai/gpt-4o, api_key: "\${MY_KEY:-${openai}}" }
  fourth: { model: openai/gpt-4o, api_key: "Bearer \${MY_KEY}" }
  fifth:
    model: openai/gpt-4o
    api_key: >
      very
      secret
agents:
  writer: { role: Writer, goal: Write, backstory: Wrote, llm: ${openai} }
tasks:
  essay: { description: "Use ${anthropic}", expected_output: Text }
`,
  );
  expect(problems).toMatchInlineSnapshot(`
    "
    crew.yaml:1:11 an API key is written in the file
      1 | # my key: *********************************************
        |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        = put it into an environment variable or .env, and write \${NAME} here

    crew.yaml:3:43 models.smart.api_key: an API key is written in the file
      3 |   smart: { model: openai/gpt-4o, api_key: *******, tempature: 1 }
        |                                           ^^^^^^^
        = put it into an environment variable or .env, and write \${NAME} here

    crew.yaml:3:52 models.smart.tempature: unknown key
      3 |   smart: { model: openai/gpt-4o, api_key: *******, tempature: 1 }
        |                                                    ^^^^^^^^^
        = did you mean "temperature"?

    crew.yaml:4:53 models.other.headers.X-Key: an API key is written in the file
      4 |   other: { model: openai/gpt-4o, headers: { X-Key: "********************************************" } }
        |                                                     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        = put it into an environment variable or .env, and write \${NAME} here

    crew.yaml:5:54 models.third.api_key: an API key is written in the file
      5 |   third: { model: openai/gpt-4o, api_key: "\${MY_KEY:-********************************************}" }
        |                                                      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        = put it into an environment variable or .env, and write \${NAME} here

    crew.yaml:6:44 models.fourth.api_key: an API key is written in the file
      6 |   fourth: { model: openai/gpt-4o, api_key: ****************** }
        |                                            ^^^^^^^^^^^^^^^^^^
        = put it into an environment variable or .env, and write \${NAME} here

    crew.yaml:9:14 models.fifth.api_key: an API key is written in the file
      9 |     api_key: *
        |              ^
        = put it into an environment variable or .env, and write \${NAME} here

    crew.yaml:13:63 agents.writer.llm: an API key is written in the file
      13 |   writer: { role: Writer, goal: Write, backstory: Wrote, llm: ******************************************** }
         |                                                               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
         = put it into an environment variable or .env, and write \${NAME} here

    crew.yaml:13:63 agents.writer.llm: there is no model "********************************************" under models
      13 |   writer: { role: Writer, goal: Write, backstory: Wrote, llm: ******************************************** }
         |                                                               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
         = models: smart, other, third, fourth, fifth; or write provider/model

    crew.yaml:15:30 tasks.essay.description: an API key is written in the file
      15 |   essay: { description: "Use *********************************************", expected_output: Text }
         |                              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
         = put it into an environment variable or .env, and write \${NAME} here
    "
  `);
  for (const secret of [openai, anthropic, 'hunter2', 'very', 'secret']) expect(problems).not.toContain(secret);
});

test('shows no key of a file that cannot be parsed', async () => {
  const key = `gsk_${'aB3d'.repeat(12)}`;
  const problems = await problemsOf(`models:\n  smart: { api_key: ${key}: x }\n\tb: 1\n`);
  expect(problems).toMatchInlineSnapshot(`
    "
    crew.yaml:2:21 not valid YAML: this cannot be read
      2 |   smart: { api_key: ****************************************************: x }
        |                     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        = the YAML parser says: Block collections are not allowed within flow collections

    crew.yaml:2:21 an API key is written in the file
      2 |   smart: { api_key: ****************************************************: x }
        |                     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        = put it into an environment variable or .env, and write \${NAME} here
    "
  `);
  expect(problems).not.toContain(key);
});

test('tells no secret where a value that holds one is wrong', async () => {
  const text = `models: { m: { model: openai/x, base_url: "ftp://evil/\${MY_TOKEN}" } }\n${SMALL_CREW}`;
  expect(await problemsOf(text, { env: { MY_TOKEN: 'abcdefghijk' } })).toContain(
    'must be a URL that starts with http:// or https://, not "ftp://evil/[redacted:MY_TOKEN]"',
  );
});
