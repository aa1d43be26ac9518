import { join } from 'node:path';
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { loadDefinition } from '../../src/definition/load-definition.js';
import { DEFAULT_PROMPT_TEXTS } from '../../src/definition/prompt-pieces.js';
import { definitionOf, problemsOf, SMALL_CREW } from '../helpers/check-text.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

const FIXTURES = join(import.meta.dirname, '../fixtures/definitions');

function load(file: string) {
  return loadDefinition(file, { env: {}, workingDirectory: FIXTURES });
}

test('gives agents and tasks in file order, trimmed, with their defaults', async () => {
  const { source, environment, promptTexts, ...definition } = await load('sequential.yaml');
  expect(definition).toMatchInlineSnapshot(`
    {
      "agents": [
        {
          "allowDelegation": false,
          "backstory": "You check every number twice.

    You say where you are not sure.",
          "cache": false,
          "dateFormat": undefined,
          "functionCallingModels": undefined,
          "goal": "Find what is true about {topic}.",
          "guardrailMaxRetries": 3,
          "guardrails": [],
          "key": "researcher",
          "maxExecutionTimeMs": undefined,
          "maxIter": 25,
          "maxRpm": undefined,
          "maxTpm": undefined,
          "models": [
            {
              "modelId": "gpt-4.1-mini",
              "provider": "openai",
              "reference": "openai/gpt-4.1-mini",
            },
          ],
          "multimodal": false,
          "reasoningAttempts": 0,
          "respectContextWindow": true,
          "role": "Senior research analyst",
          "stepCallback": undefined,
          "templates": {
            "prompt": undefined,
            "response": undefined,
            "system": undefined,
          },
          "tools": [],
          "useSystemPrompt": true,
          "verbose": false,
        },
        {
          "allowDelegation": false,
          "backstory": "Wrote {{topic}}",
          "cache": false,
          "dateFormat": undefined,
          "functionCallingModels": undefined,
          "goal": "Write about it",
          "guardrailMaxRetries": 3,
          "guardrails": [],
          "key": "writer",
          "maxExecutionTimeMs": undefined,
          "maxIter": 25,
          "maxRpm": undefined,
          "maxTpm": undefined,
          "models": [
            {
              "modelId": "gpt-4.1-mini",
              "provider": "openai",
              "reference": "openai/gpt-4.1-mini",
            },
          ],
          "multimodal": false,
          "reasoningAttempts": 0,
          "respectContextWindow": true,
          "role": "Writer",
          "stepCallback": undefined,
          "templates": {
            "prompt": undefined,
            "response": undefined,
            "system": undefined,
          },
          "tools": [],
          "useSystemPrompt": true,
          "verbose": false,
        },
      ],
      "callbacks": {
        "afterKickoff": [],
        "beforeKickoff": [],
        "manager": [],
        "step": undefined,
        "task": undefined,
      },
      "chatModels": undefined,
      "fullOutput": false,
      "inputs": {
        "topic": {
          "default": "solar",
          "description": undefined,
          "name": "topic",
          "options": undefined,
          "type": "string",
        },
      },
      "language": undefined,
      "limits": {},
      "manager": undefined,
      "maxRpm": undefined,
      "maxTpm": undefined,
      "mcpServers": {},
      "missingKeys": [
        {
          "column": 3,
          "file": "sequential.yaml",
          "hint": "set it, or write it into .env beside the definition; with a cassette no key is needed",
          "length": 10,
          "line": 5,
          "message": "OPENAI_API_KEY is not set; openai/gpt-4.1-mini needs it",
          "path": "agents.researcher",
          "severity": "error",
          "sourceLine": "  researcher:",
        },
      ],
      "missingToolKeys": [],
      "name": "brief",
      "namedTools": {},
      "outputLogFile": undefined,
      "permissions": {
        "allow": undefined,
        "ask": [],
        "deny": [],
      },
      "planning": undefined,
      "process": "sequential",
      "secretVariables": [
        "OPENAI_API_KEY",
      ],
      "shareRateLimit": false,
      "stream": false,
      "taskOrder": "file",
      "tasks": [
        {
          "agent": "researcher",
          "asyncExecution": true,
          "callback": undefined,
          "context": undefined,
          "contextForms": {},
          "coworkers": undefined,
          "createDirectory": true,
          "dependsOn": [],
          "description": "Research {topic}.",
          "expectedOutput": "Ten bullet points.",
          "guardrailMaxRetries": 3,
          "guardrails": [],
          "humanInput": false,
          "inputFiles": [],
          "key": "research",
          "markdown": false,
          "maxExecutionTimeMs": undefined,
          "output": undefined,
          "outputFile": undefined,
          "outputs": [],
          "position": 1,
          "runsIfSkipped": false,
          "tools": [],
          "when": undefined,
        },
        {
          "agent": "writer",
          "asyncExecution": false,
          "callback": undefined,
          "context": [],
          "contextForms": {},
          "coworkers": undefined,
          "createDirectory": true,
          "dependsOn": [],
          "description": "Outline an article.",
          "expectedOutput": "Headings.",
          "guardrailMaxRetries": 3,
          "guardrails": [],
          "humanInput": false,
          "inputFiles": [],
          "key": "outline",
          "markdown": false,
          "maxExecutionTimeMs": undefined,
          "output": undefined,
          "outputFile": undefined,
          "outputs": [],
          "position": 2,
          "runsIfSkipped": false,
          "tools": [],
          "when": undefined,
        },
        {
          "agent": "writer",
          "asyncExecution": false,
          "callback": undefined,
          "context": [
            "research",
            "outline",
          ],
          "contextForms": {},
          "coworkers": undefined,
          "createDirectory": true,
          "dependsOn": [
            "outline",
          ],
          "description": "Write the article.",
          "expectedOutput": "600 words.",
          "guardrailMaxRetries": 3,
          "guardrails": [],
          "humanInput": false,
          "inputFiles": [],
          "key": "article",
          "markdown": false,
          "maxExecutionTimeMs": undefined,
          "output": undefined,
          "outputFile": "out/{topic}.md",
          "outputs": [],
          "position": 3,
          "runsIfSkipped": false,
          "tools": [],
          "when": undefined,
        },
      ],
      "verbose": false,
      "warnings": [],
    }
  `);
  expect(source).toMatchObject({ path: join(FIXTURES, 'sequential.yaml'), directory: FIXTURES });
  expect(environment).toEqual({});
  expect(promptTexts).toBe(DEFAULT_PROMPT_TEXTS);
});

test('reads every field', async () => {
  const { source, environment, promptTexts, missingKeys, ...definition } = await load('everything.yaml');
  expect(promptTexts).toBe(DEFAULT_PROMPT_TEXTS);
  expect({ path: source.path, environment, missing: missingKeys.length }).toEqual({
    path: join(FIXTURES, 'everything.yaml'),
    environment: {},
    missing: 1,
  });
  expect(definition).toMatchInlineSnapshot(`
    {
      "agents": [
        {
          "allowDelegation": true,
          "backstory": "You check every number twice.",
          "cache": false,
          "dateFormat": undefined,
          "functionCallingModels": undefined,
          "goal": "Find what is true about {topic}.",
          "guardrailMaxRetries": 3,
          "guardrails": [],
          "key": "researcher",
          "maxExecutionTimeMs": 90000,
          "maxIter": 5,
          "maxRpm": 10,
          "maxTpm": undefined,
          "models": [
            {
              "api": "responses",
              "baseUrl": "http://localhost:8000/v1",
              "headers": {
                "X-Team": "blue",
              },
              "maxRetries": 5,
              "maxTokens": 500,
              "modelId": "gpt-4o",
              "options": {
                "nested": {
                  "list": [
                    1,
                    "two",
                    null,
                  ],
                },
                "user": "me",
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
                "STOP",
              ],
              "temperature": 0.2,
              "timeoutMs": 60000,
              "topP": 0.9,
            },
          ],
          "multimodal": false,
          "reasoningAttempts": 0,
          "respectContextWindow": true,
          "role": "Researcher",
          "stepCallback": undefined,
          "templates": {
            "prompt": undefined,
            "response": undefined,
            "system": undefined,
          },
          "tools": [
            {
              "kind": "builtin",
              "label": "read_file",
              "name": "read_file",
              "options": {},
              "settings": {},
            },
            {
              "kind": "builtin",
              "label": "list_directory",
              "name": "list_directory",
              "options": {},
              "settings": {
                "root": "docs",
              },
            },
            {
              "exportName": "search",
              "kind": "module",
              "label": "./tools/search.js#search",
              "options": {},
              "path": "./tools/search.js",
            },
            {
              "exportName": undefined,
              "kind": "module",
              "label": "./tools/search.js",
              "options": {},
              "path": "./tools/search.js",
            },
          ],
          "useSystemPrompt": true,
          "verbose": false,
        },
        {
          "allowDelegation": false,
          "backstory": "Short sentences.",
          "cache": false,
          "dateFormat": undefined,
          "functionCallingModels": undefined,
          "goal": "Make {topic} clear to {audience}.",
          "guardrailMaxRetries": 3,
          "guardrails": [],
          "key": "writer",
          "maxExecutionTimeMs": undefined,
          "maxIter": 25,
          "maxRpm": undefined,
          "maxTpm": undefined,
          "models": [
            {
              "baseUrl": "http://localhost:8000/v1",
              "modelId": "any-model",
              "provider": "openai",
              "reference": "openai/any-model",
            },
          ],
          "multimodal": false,
          "reasoningAttempts": 0,
          "respectContextWindow": true,
          "role": "Writer",
          "stepCallback": undefined,
          "templates": {
            "prompt": undefined,
            "response": undefined,
            "system": undefined,
          },
          "tools": [],
          "useSystemPrompt": true,
          "verbose": false,
        },
      ],
      "callbacks": {
        "afterKickoff": [],
        "beforeKickoff": [],
        "manager": [],
        "step": undefined,
        "task": undefined,
      },
      "chatModels": undefined,
      "fullOutput": false,
      "inputs": {
        "audience": {
          "default": "everybody",
          "description": undefined,
          "name": "audience",
          "options": undefined,
          "type": "string",
        },
        "count": {
          "default": undefined,
          "description": undefined,
          "name": "count",
          "options": undefined,
          "type": "integer",
        },
        "draft": {
          "default": true,
          "description": undefined,
          "name": "draft",
          "options": undefined,
          "type": "boolean",
        },
        "settings": {
          "default": {
            "deep": true,
          },
          "description": undefined,
          "name": "settings",
          "options": undefined,
          "type": "object",
        },
        "tags": {
          "default": [
            "a",
            "b",
          ],
          "description": undefined,
          "name": "tags",
          "options": undefined,
          "type": "list",
        },
        "tone": {
          "default": "dry",
          "description": "How it sounds",
          "name": "tone",
          "options": [
            "dry",
            "warm",
          ],
          "type": "string",
        },
        "topic": {
          "default": undefined,
          "description": undefined,
          "name": "topic",
          "options": undefined,
          "type": "string",
        },
        "words": {
          "default": 600,
          "description": undefined,
          "name": "words",
          "options": undefined,
          "type": "number",
        },
      },
      "language": undefined,
      "limits": {
        "budgetUsd": 2.5,
        "maxModelCalls": 200,
        "maxTokens": 1000000,
        "timeoutMs": 900000,
      },
      "manager": {
        "allowDelegation": false,
        "backstory": "You have seen many.",
        "cache": false,
        "dateFormat": undefined,
        "functionCallingModels": undefined,
        "goal": "A good article about {topic}.",
        "guardrailMaxRetries": 3,
        "guardrails": [],
        "key": "manager",
        "maxExecutionTimeMs": undefined,
        "maxIter": 40,
        "maxRpm": undefined,
        "maxTpm": undefined,
        "models": [
          {
            "api": "responses",
            "baseUrl": "http://localhost:8000/v1",
            "headers": {
              "X-Team": "blue",
            },
            "maxRetries": 5,
            "maxTokens": 500,
            "modelId": "gpt-4o",
            "options": {
              "nested": {
                "list": [
                  1,
                  "two",
                  null,
                ],
              },
              "user": "me",
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
              "STOP",
            ],
            "temperature": 0.2,
            "timeoutMs": 60000,
            "topP": 0.9,
          },
          {
            "modelId": "llama3",
            "provider": "ollama",
            "reference": "ollama/llama3",
          },
          {
            "modelId": "llama-3",
            "provider": "groq",
            "reference": "groq/llama-3",
            "timeoutMs": 5000,
          },
        ],
        "multimodal": false,
        "reasoningAttempts": 0,
        "respectContextWindow": true,
        "role": "Editor in chief",
        "stepCallback": undefined,
        "templates": {
          "prompt": undefined,
          "response": undefined,
          "system": undefined,
        },
        "tools": [],
        "useSystemPrompt": true,
        "verbose": false,
      },
      "maxRpm": 30,
      "maxTpm": undefined,
      "mcpServers": {},
      "missingToolKeys": [],
      "name": "everything",
      "namedTools": {},
      "outputLogFile": undefined,
      "permissions": {
        "allow": undefined,
        "ask": [],
        "deny": [],
      },
      "planning": undefined,
      "process": "hierarchical",
      "secretVariables": [
        "OPENAI_API_KEY",
        "GROQ_API_KEY",
      ],
      "shareRateLimit": true,
      "stream": false,
      "taskOrder": "manager",
      "tasks": [
        {
          "agent": "writer",
          "asyncExecution": false,
          "callback": undefined,
          "context": [
            "research",
            "facts",
          ],
          "contextForms": {},
          "coworkers": [
            "writer",
          ],
          "createDirectory": true,
          "dependsOn": [],
          "description": "Write {words} words about {topic}.",
          "expectedOutput": "Markdown.",
          "guardrailMaxRetries": 0,
          "guardrails": [],
          "humanInput": false,
          "inputFiles": [],
          "key": "article",
          "markdown": false,
          "maxExecutionTimeMs": 150000,
          "output": {
            "field": "output_json",
            "schema": {
              "kind": "file",
              "path": "schemas/article.json",
            },
          },
          "outputFile": "out/{topic}.md",
          "outputs": [],
          "position": 1,
          "runsIfSkipped": false,
          "tools": [],
          "when": undefined,
        },
        {
          "agent": undefined,
          "asyncExecution": true,
          "callback": undefined,
          "context": undefined,
          "contextForms": {},
          "coworkers": undefined,
          "createDirectory": true,
          "dependsOn": [
            "facts",
          ],
          "description": "Research {topic}.",
          "expectedOutput": "Ten bullet points.",
          "guardrailMaxRetries": 3,
          "guardrails": [],
          "humanInput": false,
          "inputFiles": [],
          "key": "research",
          "markdown": false,
          "maxExecutionTimeMs": undefined,
          "output": {
            "field": "output_json",
            "schema": {
              "exportName": "Result",
              "kind": "module",
              "path": "./tools/search.js",
            },
          },
          "outputFile": undefined,
          "outputs": [],
          "position": 2,
          "runsIfSkipped": false,
          "tools": [
            {
              "kind": "builtin",
              "label": "write_file",
              "name": "write_file",
              "options": {},
              "settings": {},
            },
          ],
          "when": undefined,
        },
        {
          "agent": undefined,
          "asyncExecution": false,
          "callback": undefined,
          "context": undefined,
          "contextForms": {},
          "coworkers": undefined,
          "createDirectory": true,
          "dependsOn": [],
          "description": "Collect facts.",
          "expectedOutput": "A list.",
          "guardrailMaxRetries": 3,
          "guardrails": [],
          "humanInput": false,
          "inputFiles": [],
          "key": "facts",
          "markdown": false,
          "maxExecutionTimeMs": undefined,
          "output": {
            "field": "output_pydantic",
            "schema": {
              "kind": "inline",
              "schema": {
                "properties": {
                  "facts": {
                    "items": {
                      "type": "string",
                    },
                    "type": "array",
                  },
                },
                "type": "object",
              },
            },
          },
          "outputFile": undefined,
          "outputs": [],
          "position": 3,
          "runsIfSkipped": false,
          "tools": [],
          "when": undefined,
        },
      ],
      "verbose": false,
      "warnings": [],
    }
  `);
});

test('reads JSON, indented with tabs too', async () => {
  const definition = await load('minimal.json');
  expect(definition).toMatchObject({ name: 'minimal', process: 'sequential', agents: [{ key: 'writer' }] });
});

test('reads agents, tasks and manager from files of their own, plain or wrapped', async () => {
  const { agents, tasks, manager, source, warnings } = await load('included.yaml');
  expect(agents.map(({ key }) => key)).toEqual(['researcher', 'writer']);
  expect(tasks.map(({ key, context }) => [key, context])).toEqual([
    ['research', undefined],
    ['essay', ['research']],
  ]);
  expect(manager).toMatchObject({ key: 'manager', role: 'Editor' });
  expect(source.files.map(({ path }) => path)).toEqual([
    'included.yaml',
    'config/agents.yaml',
    'config/tasks.json',
    'config/manager.yaml',
  ]);
  expect(warnings).toEqual([]);
});

test('loads again from the recorded files alone', async () => {
  const recorded = await load('included.yaml');
  const files = new Map(recorded.source.files.map(({ path, text }) => [join('/elsewhere', path), text]));
  const again = await loadDefinition('included.yaml', {
    env: {},
    workingDirectory: '/elsewhere',
    readFile: (path) => {
      const text = files.get(path);
      return text === undefined ? readFile(path) : Promise.resolve(Buffer.from(text));
    },
  });
  expect(again.agents).toEqual(recorded.agents);
  expect(again.tasks).toEqual(recorded.tasks);
  expect(again.source.files).toEqual(recorded.source.files);
});

test('names the crew after its file, or after its folder where the file is crew.yaml', async () => {
  const folder = temporaryFolder({ 'market/crew.yaml': SMALL_CREW, 'market/brief.yml': SMALL_CREW });
  const nameOf = async (file: string) => (await loadDefinition(file, { env: {}, workingDirectory: folder })).name;
  expect(await nameOf('market/crew.yaml')).toBe('market');
  expect(await nameOf('market/brief.yml')).toBe('brief');
});

test('makes a manager from manager_llm', async () => {
  const { manager } = await definitionOf(`process: hierarchical\nmanager_llm: openai/gpt-4o\n${SMALL_CREW}`);
  expect(manager).toMatchInlineSnapshot(`
    {
      "allowDelegation": true,
      "backstory": "You know what each coworker can do, hand out clear work and accept only what meets the expectations.",
      "cache": false,
      "dateFormat": undefined,
      "functionCallingModels": undefined,
      "goal": "Get every task done well by the coworker who is best at it.",
      "guardrailMaxRetries": 3,
      "guardrails": [],
      "key": "manager",
      "maxExecutionTimeMs": undefined,
      "maxIter": 25,
      "maxRpm": undefined,
      "maxTpm": undefined,
      "models": [
        {
          "modelId": "gpt-4o",
          "provider": "openai",
          "reference": "openai/gpt-4o",
        },
      ],
      "multimodal": false,
      "reasoningAttempts": 0,
      "respectContextWindow": true,
      "role": "Crew Manager",
      "stepCallback": undefined,
      "templates": {
        "prompt": undefined,
        "response": undefined,
        "system": undefined,
      },
      "tools": [],
      "useSystemPrompt": true,
      "verbose": false,
    }
  `);
});

test('understands CRLF, a byte order mark, anchors and merge keys', async () => {
  const definition = await definitionOf(
    `\uFEFFagents:
  writer: &writer
    role: Writer
    goal: Write
    backstory: |
      Wrote.
      A lot.
  editor: { <<: *writer, role: Editor }
tasks:
  essay: { description: Write, expected_output: Text, agent: editor }
  poem: { description: Write, expected_output: Text, agent: writer }
`.replaceAll('\n', '\r\n'),
  );
  expect(definition.agents).toMatchObject([
    { key: 'writer', backstory: 'Wrote.\nA lot.' },
    { key: 'editor', role: 'Editor', goal: 'Write' },
  ]);
});

test('counts lines and columns right with CRLF and a byte order mark', async () => {
  expect(
    await problemsOf(
      `\uFEFFname: x\r\nagents:\r\n  writer: { rol: Writer, goal: Write, backstory: Wrote }\r\n${SMALL_CREW.slice(SMALL_CREW.indexOf('tasks'))}`,
    ),
  ).toMatchInlineSnapshot(`
    "
    crew.yaml:3:13 agents.writer.rol: unknown key
      3 |   writer: { rol: Writer, goal: Write, backstory: Wrote }
        |             ^^^
        = did you mean "role"?
    "
  `);
});

test('points into a merged map where the value comes from', async () => {
  expect(
    await problemsOf(`agents:
  writer: &writer { role: Writer, goal: [], backstory: Wrote }
  editor:
    <<: *writer
    role: Editor
tasks:
  essay: { description: Write, expected_output: Text, agent: editor }
  poem: { description: Write, expected_output: Text, agent: writer }
`),
  ).toMatchInlineSnapshot(`
    "
    crew.yaml:2:41 agents.writer.goal: must be text, not a list
      2 |   writer: &writer { role: Writer, goal: [], backstory: Wrote }
        |                                         ^^

    crew.yaml:2:41 agents.editor.goal: must be text, not a list
      2 |   writer: &writer { role: Writer, goal: [], backstory: Wrote }
        |                                         ^^
    "
  `);
});

test('points into included files', async () => {
  expect(
    await problemsOf('agents: config/agents.yaml\ntasks: config/tasks.yaml\n', {
      files: {
        'config/agents.yaml': 'agents:\n  writer:\n    role: Writer\n    gaol: Write\n    backstory: Wrote\n',
        'config/tasks.yaml': '- name: essay\n  description: Write\n  expected_output: Text\n  agent: wirter\n',
      },
    }),
  ).toMatchInlineSnapshot(`
    "
    config/agents.yaml:4:5 agents.writer.gaol: unknown key
      4 |     gaol: Write
        |     ^^^^
        = did you mean "goal"?

    config/tasks.yaml:4:10 tasks[0].agent: there is no agent "wirter"
      4 |   agent: wirter
        |          ^^^^^^
        = did you mean "writer"?
    "
  `);
});

test('says what is wrong with included files', async () => {
  const text = 'agents: config/agents.yaml\ntasks: config/tasks.yaml\n';
  expect(await problemsOf(text)).toMatchInlineSnapshot(`
    "
    crew.yaml:1:9 agents: config/agents.yaml: there is no such file
      1 | agents: config/agents.yaml
        |         ^^^^^^^^^^^^^^^^^^
        = paths start at the definition's folder

    crew.yaml:2:8 tasks: config/tasks.yaml: there is no such file
      2 | tasks: config/tasks.yaml
        |        ^^^^^^^^^^^^^^^^^
        = paths start at the definition's folder
    "
  `);
  expect(await problemsOf(text, { files: { 'config/agents.yaml': 'a: "b\n', 'config/tasks.yaml': '' } }))
    .toMatchInlineSnapshot(`
      "
      crew.yaml:2:8 tasks: config/tasks.yaml: the file is empty
        2 | tasks: config/tasks.yaml
          |        ^^^^^^^^^^^^^^^^^

      config/agents.yaml:1:4 not valid YAML: the closing " is missing
        1 | a: "b
          |    ^
          = the YAML parser says: Missing closing "quote
      "
    `);
  expect(await problemsOf(text, { files: { 'config/agents.yaml/x': '', 'config/tasks.yaml': '5' } }))
    .toMatchInlineSnapshot(`
    "
    crew.yaml:1:9 agents: config/agents.yaml: this is a folder, not a file
      1 | agents: config/agents.yaml
        |         ^^^^^^^^^^^^^^^^^^
        = name the YAML file in it

    config/tasks.yaml:1:1 tasks: must be a map of tasks, not a number
      1 | 5
        | ^
    "
  `);
  expect(await problemsOf('agents: crew.yaml\ntasks: crew.yaml\n')).toMatchInlineSnapshot(`
    "
    crew.yaml:1:1 agents.agents: must be a map with role, goal and backstory, not text
      1 | agents: crew.yaml
        | ^^^^^^

    crew.yaml:1:1 tasks.agents: must be a map with description and expected_output, not text
      1 | agents: crew.yaml
        | ^^^^^^

    crew.yaml:2:1 agents.tasks: must be a map with role, goal and backstory, not text
      2 | tasks: crew.yaml
        | ^^^^^

    crew.yaml:2:1 tasks.tasks: must be a map with description and expected_output, not text
      2 | tasks: crew.yaml
        | ^^^^^
    "
  `);
});

test('loads a thousand tasks that build on each other', async () => {
  const lines = ['agents:', '  writer: { role: Writer, goal: Write, backstory: Wrote }', 'tasks:'];
  for (let index = 0; index < 1000; index++) {
    const context = index === 0 ? '' : `, context: [t${index - 1}]`;
    lines.push(`  t${index}: { description: Write, expected_output: Text${context} }`);
  }
  expect((await definitionOf(lines.join('\n'))).tasks).toHaveLength(1000);
});
