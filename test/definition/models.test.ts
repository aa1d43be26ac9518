import { expect, test } from 'vitest';
import { formatProblem } from '../../src/definition/format-problem.js';
import { definitionOf, problemsOf, SMALL_CREW } from '../helpers/check-text.js';

const TASKS = 'tasks:\n  essay: { description: Write, expected_output: Text }\n';

function crewWith(llm: string, top = ''): string {
  return `${top}agents:\n  writer: { role: Writer, goal: Write, backstory: Wrote, llm: ${llm} }\n${TASKS}`;
}

async function modelsOf(llm: string, options: { top?: string; env?: Record<string, string> } = {}) {
  const { agents } = await definitionOf(crewWith(llm, options.top), { env: options.env ?? {} });
  return agents[0]?.models;
}

async function missingKeysOf(text: string, env: Record<string, string> = {}): Promise<string> {
  const { missingKeys } = await definitionOf(text, { env });
  return `\n${missingKeys.map(formatProblem).join('\n\n')}\n`;
}

test('reads provider/model, also where the model has slashes, and takes openai where there is no provider', async () => {
  expect(await modelsOf('openai/gpt-4o')).toEqual([
    { reference: 'openai/gpt-4o', provider: 'openai', modelId: 'gpt-4o' },
  ]);
  expect(await modelsOf('gpt-4o')).toEqual([{ reference: 'openai/gpt-4o', provider: 'openai', modelId: 'gpt-4o' }]);
  expect(await modelsOf('openrouter/meta-llama/llama-3')).toEqual([
    { reference: 'openrouter/meta-llama/llama-3', provider: 'openrouter', modelId: 'meta-llama/llama-3' },
  ]);
  expect(await modelsOf('groq/openai/gpt-oss')).toMatchObject([{ provider: 'groq', modelId: 'openai/gpt-oss' }]);
  expect(await modelsOf('Ollama/llama3.2:3b')).toMatchObject([{ provider: 'ollama', modelId: 'llama3.2:3b' }]);
  expect(await modelsOf('my-model')).toMatchObject([{ provider: 'openai', modelId: 'my-model' }]);
});

test('reads every setting of a model', async () => {
  const top = `models:
  smart:
    model: openai/gpt-4o
    base_url: https://example.com/v1
    api_key: \${MY_KEY}
    headers: { X-Team: blue }
    api: responses
    temperature: 0.2
    top_p: 0.9
    max_tokens: 500
    seed: 7
    stop: END
    timeout: 1m30s
    max_retries: 5
    options: { reasoningEffort: low }
    price: { input: 1, output: 2.5, cached_input: 0.1 }
`;
  expect(await modelsOf('smart', { top, env: { MY_KEY: 'secret' } })).toMatchInlineSnapshot(`
    [
      {
        "api": "responses",
        "apiKey": "secret",
        "baseUrl": "https://example.com/v1",
        "headers": {
          "X-Team": "blue",
        },
        "maxRetries": 5,
        "maxTokens": 500,
        "modelId": "gpt-4o",
        "options": {
          "reasoningEffort": "low",
        },
        "price": {
          "cachedInput": 0.1,
          "input": 1,
          "output": 2.5,
        },
        "provider": "openai",
        "reference": "openai/gpt-4o",
        "seed": 7,
        "stop": [
          "END",
        ],
        "temperature": 0.2,
        "timeoutMs": 90000,
        "topP": 0.9,
      },
    ]
  `);
  expect(await modelsOf('{ model: gpt-4o, stop: [a, b], timeout: 5 }')).toMatchObject([
    { stop: ['a', 'b'], timeoutMs: 5000 },
  ]);
});

test('takes any name from a server with its own base_url', async () => {
  expect(await modelsOf('{ model: foo/bar, base_url: "http://localhost:8000/v1" }')).toEqual([
    {
      reference: 'foo/bar',
      provider: 'openai-compatible',
      modelId: 'foo/bar',
      baseUrl: 'http://localhost:8000/v1',
    },
  ]);
  expect(await modelsOf('{ model: claude-like, base_url: "http://localhost:8000/v1" }')).toMatchObject([
    { provider: 'openai', modelId: 'claude-like' },
  ]);
});

test('puts fallbacks in their order, named ones in their place', async () => {
  const top = `models:
  smart: [openai/gpt-4o, { model: anthropic/claude-sonnet-4 }]
  cheap: groq/llama-3
  all: [smart, cheap]
`;
  const models = await modelsOf('[all, ollama/llama3]', { top });
  expect(models?.map(({ reference }) => reference)).toEqual([
    'openai/gpt-4o',
    'anthropic/claude-sonnet-4',
    'groq/llama-3',
    'ollama/llama3',
  ]);
});

async function defaultOf(env: Record<string, string>): Promise<string | undefined> {
  const { agents } = await definitionOf(SMALL_CREW, { env });
  return agents[0]?.models[0]?.reference;
}

test('takes the default model from the environment', async () => {
  expect(await defaultOf({})).toBe('openai/gpt-4.1-mini');
  expect(await defaultOf({ OPENAI_MODEL_NAME: 'gpt-4o' })).toBe('openai/gpt-4o');
  expect(await defaultOf({ OPENAI_MODEL_NAME: 'gpt-4o', MODEL: 'groq/llama-3' })).toBe('groq/llama-3');
  expect(await defaultOf({ MODEL: 'groq/llama-3', CREW_MODEL: 'ollama/llama3' })).toBe('ollama/llama3');
  expect(await defaultOf({ CREW_MODEL: ' ' })).toBe('openai/gpt-4.1-mini');
  expect(await problemsOf(SMALL_CREW, { env: { CREW_MODEL: 'opnai/gpt-4o' } })).toMatchInlineSnapshot(`
    "
    crew.yaml:2:3 agents.writer: the environment variable CREW_MODEL: there is no model provider "opnai"
      2 |   writer: { role: Writer, goal: Write, backstory: Wrote }
        |   ^^^^^^
        = did you mean "openai"?
    "
  `);
});

test('points at unknown providers and models', async () => {
  expect(await problemsOf(crewWith('opnai/gpt-4o'))).toMatchInlineSnapshot(`
    "
    crew.yaml:2:63 agents.writer.llm: there is no model provider "opnai"
      2 |   writer: { role: Writer, goal: Write, backstory: Wrote, llm: opnai/gpt-4o }
        |                                                               ^^^^^^^^^^^^
        = did you mean "openai"?
    "
  `);
  expect(await problemsOf(crewWith('acme/large'))).toMatchInlineSnapshot(`
    "
    crew.yaml:2:63 agents.writer.llm: there is no model provider "acme"
      2 |   writer: { role: Writer, goal: Write, backstory: Wrote, llm: acme/large }
        |                                                               ^^^^^^^^^^
        = providers: openai, anthropic, gemini, google, ollama, groq, openrouter, mistral, deepseek, xai, azure; any other OpenAI-compatible server needs a base_url
    "
  `);
  expect(await problemsOf(crewWith('openai/'))).toMatchInlineSnapshot(`
    "
    crew.yaml:2:63 agents.writer.llm: "openai/" names no model of openai
      2 |   writer: { role: Writer, goal: Write, backstory: Wrote, llm: openai/ }
        |                                                               ^^^^^^^
    "
  `);
  expect(await problemsOf(crewWith('{ model: acme/large, temperature: 1 }'))).toMatchInlineSnapshot(`
    "
    crew.yaml:2:72 agents.writer.llm.model: there is no model provider "acme"
      2 |   writer: { role: Writer, goal: Write, backstory: Wrote, llm: { model: acme/large, temperature: 1 } }
        |                                                                        ^^^^^^^^^^
        = providers: openai, anthropic, gemini, google, ollama, groq, openrouter, mistral, deepseek, xai, azure; any other OpenAI-compatible server needs a base_url
    "
  `);
  const top = 'models:\n  smart: openai/gpt-4o\n  cheap: openai/gpt-4o-mini\n';
  expect(await problemsOf(crewWith('smrt', top))).toMatchInlineSnapshot(`
    "
    crew.yaml:5:63 agents.writer.llm: there is no model "smrt" under models
      5 |   writer: { role: Writer, goal: Write, backstory: Wrote, llm: smrt }
        |                                                               ^^^^
        = did you mean "smart"?
    "
  `);
  expect(await problemsOf(crewWith('large', top))).toMatchInlineSnapshot(`
    "
    crew.yaml:5:63 agents.writer.llm: there is no model "large" under models
      5 |   writer: { role: Writer, goal: Write, backstory: Wrote, llm: large }
        |                                                               ^^^^^
        = models: smart, cheap; or write provider/model
    "
  `);
  expect(await problemsOf(crewWith('[gpt-4o, smrt]', top))).toMatchInlineSnapshot(`
    "
    crew.yaml:5:72 agents.writer.llm[1]: there is no model "smrt" under models
      5 |   writer: { role: Writer, goal: Write, backstory: Wrote, llm: [gpt-4o, smrt] }
        |                                                                        ^^^^
        = did you mean "smart"?
    "
  `);
  expect(await problemsOf(crewWith('{ model: smart }', top))).toMatchInlineSnapshot(`
    "
    crew.yaml:5:72 agents.writer.llm.model: "smart" is a name under models; a map needs provider/model
      5 |   writer: { role: Writer, goal: Write, backstory: Wrote, llm: { model: smart } }
        |                                                                        ^^^^^
    "
  `);
});

test('checks models that no agent uses, each once', async () => {
  const top = 'models:\n  smart: acme/large\n';
  expect(await problemsOf(crewWith('smart', top))).toMatchInlineSnapshot(`
    "
    crew.yaml:2:10 models.smart: there is no model provider "acme"
      2 |   smart: acme/large
        |          ^^^^^^^^^^
        = providers: openai, anthropic, gemini, google, ollama, groq, openrouter, mistral, deepseek, xai, azure; any other OpenAI-compatible server needs a base_url
    "
  `);
  expect(await problemsOf(`${top}${SMALL_CREW}`)).toMatchInlineSnapshot(`
    "
    crew.yaml:2:10 models.smart: there is no model provider "acme"
      2 |   smart: acme/large
        |          ^^^^^^^^^^
        = providers: openai, anthropic, gemini, google, ollama, groq, openrouter, mistral, deepseek, xai, azure; any other OpenAI-compatible server needs a base_url
    "
  `);
});

test('names models that name each other in a circle', async () => {
  const top = 'models:\n  c: [a]\n  a: b\n  b: [gpt-4o, a]\n';
  expect(await problemsOf(crewWith('c', top))).toMatchInlineSnapshot(`
    "
    crew.yaml:4:15 models.b[1]: models name each other in a circle: a → b → a
      4 |   b: [gpt-4o, a]
        |               ^
    "
  `);
  expect(await problemsOf(crewWith('gpt-4o', 'models:\n  gpt-4o: gpt-4o\n'))).toMatchInlineSnapshot(`
    "
    crew.yaml:2:11 models.gpt-4o: models name each other in a circle: gpt-4o → gpt-4o
      2 |   gpt-4o: gpt-4o
        |           ^^^^^^
        = for a model of that name write provider/gpt-4o
    "
  `);
});

test('warns of a model of another provider that is written without it', async () => {
  expect(await problemsOf(crewWith('claude-sonnet-4'))).toMatchInlineSnapshot(`
    "
    crew.yaml:2:63 warning agents.writer.llm: "claude-sonnet-4" has no provider, so openai will be asked for it
      2 |   writer: { role: Writer, goal: Write, backstory: Wrote, llm: claude-sonnet-4 }
        |                                                               ^^^^^^^^^^^^^^^
        = write anthropic/claude-sonnet-4
    "
  `);
  const env = { OPENAI_BASE_URL: 'http://localhost:4000' };
  expect(await problemsOf(crewWith('claude-sonnet-4'), { env })).toBe('\n\n');
});

test('points at the llm that needs a key, once for each provider, only where it is used', async () => {
  const text = `process: hierarchical
models:
  unused: mistral/large
  fallback: [anthropic/claude-sonnet-4, gemini/gemini-2.5-pro]
manager_llm: openai/gpt-4o
agents:
  a: { role: A, goal: A, backstory: A, llm: fallback }
  b: { role: B, goal: B, backstory: B }
  c: { role: C, goal: C, backstory: C, llm: ollama/llama3 }
tasks:
  essay: { description: Write, expected_output: Text }
`;
  expect(await missingKeysOf(text)).toMatchInlineSnapshot(`
    "
    crew.yaml:7:45 agents.a.llm: ANTHROPIC_API_KEY is not set; anthropic/claude-sonnet-4 needs it
      7 |   a: { role: A, goal: A, backstory: A, llm: fallback }
        |                                             ^^^^^^^^
        = set it, or write it into .env beside the definition; with a cassette no key is needed

    crew.yaml:7:45 agents.a.llm: none of GEMINI_API_KEY, GOOGLE_API_KEY, GOOGLE_GENERATIVE_AI_API_KEY is set; gemini/gemini-2.5-pro needs it
      7 |   a: { role: A, goal: A, backstory: A, llm: fallback }
        |                                             ^^^^^^^^
        = set it, or write it into .env beside the definition; with a cassette no key is needed

    crew.yaml:8:3 agents.b: OPENAI_API_KEY is not set; openai/gpt-4.1-mini needs it
      8 |   b: { role: B, goal: B, backstory: B }
        |   ^
        = set it, or write it into .env beside the definition; with a cassette no key is needed
    "
  `);
  expect(await missingKeysOf(text, { OPENAI_API_KEY: 'x', ANTHROPIC_API_KEY: 'x', GOOGLE_API_KEY: 'x' })).toBe('\n\n');
});

test('needs no key for a server elsewhere, a key of its own, or an authorization header', async () => {
  expect(await missingKeysOf(crewWith('gpt-4o'), { OPENAI_BASE_URL: 'http://localhost:4000/v1' })).toBe('\n\n');
  expect(await missingKeysOf(crewWith('gpt-4o'), { OPENAI_API_BASE: 'http://localhost:4000/v1' })).toBe('\n\n');
  expect(await missingKeysOf(crewWith('{ model: gpt-4o, base_url: "http://localhost:1/v1" }'))).toBe('\n\n');
  expect(await missingKeysOf(crewWith('{ model: gpt-4o, api_key: "${K}" }'), { K: 'x' })).toBe('\n\n');
  const headers = 'headers: { Authorization: "Bearer ${K}" }';
  expect(await missingKeysOf(crewWith(`{ model: gpt-4o, ${headers} }`), { K: 'x' })).toBe('\n\n');
  expect(await missingKeysOf(crewWith('gpt-4o'), { OPENAI_BASE_URL: 'https://eu.api.openai.com/v1' })).not.toBe('\n\n');
});

test('points at an unset variable behind a key or a header', async () => {
  const top = `models:
  smart: { model: gpt-4o, api_key: "\${MY_KEY}", headers: { X-Token: "\${MY_TOKEN}" } }
  unused: { model: gpt-4o, api_key: "\${OTHER_KEY}" }
`;
  expect(await missingKeysOf(crewWith('smart', top))).toMatchInlineSnapshot(`
    "
    crew.yaml:2:37 models.smart.api_key: the environment variable MY_KEY is not set
      2 |   smart: { model: gpt-4o, api_key: "\${MY_KEY}", headers: { X-Token: "\${MY_TOKEN}" } }
        |                                     ^^^^^^^^^
        = set it, or write it into .env beside the definition; with a cassette no key is needed

    crew.yaml:2:70 models.smart.headers.X-Token: the environment variable MY_TOKEN is not set
      2 |   smart: { model: gpt-4o, api_key: "\${MY_KEY}", headers: { X-Token: "\${MY_TOKEN}" } }
        |                                                                      ^^^^^^^^^^^
        = set it, or write it into .env beside the definition; with a cassette no key is needed
    "
  `);
});

test('wants an address for azure', async () => {
  expect(await missingKeysOf(crewWith('azure/gpt-4o'))).toMatchInlineSnapshot(`
    "
    crew.yaml:2:63 agents.writer.llm: AZURE_API_KEY is not set; azure/gpt-4o needs it
      2 |   writer: { role: Writer, goal: Write, backstory: Wrote, llm: azure/gpt-4o }
        |                                                               ^^^^^^^^^^^^
        = set it, or write it into .env beside the definition; with a cassette no key is needed

    crew.yaml:2:63 agents.writer.llm: none of AZURE_API_BASE, AZURE_RESOURCE_NAME is set; azure/gpt-4o needs it
      2 |   writer: { role: Writer, goal: Write, backstory: Wrote, llm: azure/gpt-4o }
        |                                                               ^^^^^^^^^^^^
        = set it, or write it into .env beside the definition; with a cassette no key is needed
    "
  `);
  const env = { AZURE_API_KEY: 'x', AZURE_RESOURCE_NAME: 'mine' };
  expect(await missingKeysOf(crewWith('azure/gpt-4o'), env)).toBe('\n\n');
});

test('hides the keys of the providers that are used', async () => {
  const top = `models:
  smart: { model: "\${SMART_MODEL}", api_key: "\${MY_KEY}", base_url: "\${MY_URL}" }
`;
  const text = crewWith('[smart, gemini/x]', top).replace('Text }', 'Text, output_file: "${OUT}/a.md" }');
  const env = { SMART_MODEL: 'groq/x', MY_KEY: 'k', MY_URL: 'http://localhost', OUT: 'out' };
  const { secretVariables } = await definitionOf(text, { env });
  expect(secretVariables).toEqual([
    'MY_KEY',
    'MY_URL',
    'GROQ_API_KEY',
    'GEMINI_API_KEY',
    'GOOGLE_API_KEY',
    'GOOGLE_GENERATIVE_AI_API_KEY',
  ]);
});

test('asks for no key for a manager that a sequential crew does not have', async () => {
  expect(await missingKeysOf(`manager_llm: openai/gpt-4o\n${crewWith('ollama/llama3')}`)).toBe('\n\n');
});
