import { expect, test } from 'vitest';
import { definitionOf, problemsOf, SMALL_CREW } from '../helpers/check-text.js';

const AGENTS = `agents:
  researcher: { role: Researcher, goal: Find, backstory: Searched }
  writer: { role: Writer, goal: Write, backstory: Wrote }
`;

test('points at unknown agents, tasks and tools', async () => {
  expect(
    await problemsOf(`process: hierarchical
manager_llm: openai/gpt-4o
agents:
  researcher: { role: Researcher, goal: Find, backstory: Searched, tools: [read_files, SerperDevTool, FileReadTool] }
  writer: { role: Writer, goal: Write, backstory: Wrote, tools: ["mcp:files", { use: write_fil }, ./no.ts#x] }
tasks:
  research: { description: Find, expected_output: Facts, agent: reseacher, tools: [{ use: ./no.ts, root: . }] }
  essay:
    description: Write
    expected_output: Text
    context: [reserch, plan]
    depends_on: [reserch]
    coworkers: [Writer, nobody]
`),
  ).toMatchInlineSnapshot(`
    "
    crew.yaml:4:76 agents.researcher.tools[0]: there is no tool "read_files"
      4 |   researcher: { role: Researcher, goal: Find, backstory: Searched, tools: [read_files, SerperDevTool, FileReadTool] }
        |                                                                            ^^^^^^^^^^
        = did you mean "read_file"?

    crew.yaml:5:71 agents.writer.tools[0]: there is no MCP server "files"
      5 |   writer: { role: Writer, goal: Write, backstory: Wrote, tools: ["mcp:files", { use: write_fil }, ./no.ts#x] }
        |                                                                       ^^^^^
        = write it under mcp_servers: { files: { command: …, args: […] } }

    crew.yaml:5:86 agents.writer.tools[1].use: there is no tool "write_fil"
      5 |   writer: { role: Writer, goal: Write, backstory: Wrote, tools: ["mcp:files", { use: write_fil }, ./no.ts#x] }
        |                                                                                      ^^^^^^^^^
        = did you mean "write_file"?

    crew.yaml:5:99 agents.writer.tools[2]: ./no.ts: there is no such file
      5 |   writer: { role: Writer, goal: Write, backstory: Wrote, tools: ["mcp:files", { use: write_fil }, ./no.ts#x] }
        |                                                                                                   ^^^^^^^^^
        = paths start at the definition's folder

    crew.yaml:7:65 tasks.research.agent: there is no agent "reseacher"
      7 |   research: { description: Find, expected_output: Facts, agent: reseacher, tools: [{ use: ./no.ts, root: . }] }
        |                                                                 ^^^^^^^^^
        = did you mean "researcher"?

    crew.yaml:7:91 tasks.research.tools[0].use: ./no.ts: there is no such file
      7 |   research: { description: Find, expected_output: Facts, agent: reseacher, tools: [{ use: ./no.ts, root: . }] }
        |                                                                                           ^^^^^^^
        = paths start at the definition's folder

    crew.yaml:7:100 tasks.research.tools[0].root: unknown key
      7 |   research: { description: Find, expected_output: Facts, agent: reseacher, tools: [{ use: ./no.ts, root: . }] }
        |                                                                                                    ^^^^
        = known keys: name, description, effects, max_usage_count, result_as_answer, timeout, max_output_chars, cache, cache_function, retries

    crew.yaml:11:15 tasks.essay.context[0]: there is no task "reserch"
      11 |     context: [reserch, plan]
         |               ^^^^^^^
         = did you mean "research"?

    crew.yaml:11:24 tasks.essay.context[1]: there is no task "plan"
      11 |     context: [reserch, plan]
         |                        ^^^^
         = tasks: research, essay

    crew.yaml:12:18 tasks.essay.depends_on[0]: there is no task "reserch"
      12 |     depends_on: [reserch]
         |                  ^^^^^^^
         = did you mean "research"?

    crew.yaml:13:17 tasks.essay.coworkers[0]: there is no agent "Writer"
      13 |     coworkers: [Writer, nobody]
         |                 ^^^^^^
         = did you mean "writer"?

    crew.yaml:13:25 tasks.essay.coworkers[1]: there is no agent "nobody"
      13 |     coworkers: [Writer, nobody]
         |                         ^^^^^^
         = agents: researcher, writer
    "
  `);
});

test('names tasks that wait for each other in a circle, in their order, once', async () => {
  expect(
    await problemsOf(`${AGENTS}tasks:
  a: { description: A, expected_output: A, agent: writer, context: [c] }
  b: { description: B, expected_output: B, agent: writer, context: [a] }
  c: { description: C, expected_output: C, agent: researcher, depends_on: [b] }
  d: { description: D, expected_output: D, agent: writer, context: [d, c] }
`),
  ).toMatchInlineSnapshot(`
    "
    crew.yaml:5:69 tasks.a.context[0]: tasks wait for each other in a circle: a → c → b → a
      5 |   a: { description: A, expected_output: A, agent: writer, context: [c] }
        |                                                                     ^

    crew.yaml:8:69 tasks.d.context[0]: task "d" waits for itself
      8 |   d: { description: D, expected_output: D, agent: writer, context: [d, c] }
        |                                                                     ^
        = remove its own name
    "
  `);
});

test('names the circle also where the manager chooses the order', async () => {
  expect(
    await problemsOf(`process: hierarchical
manager_llm: openai/gpt-4o
task_order: manager
${AGENTS}tasks:
  a: { description: A, expected_output: A, depends_on: [b] }
  b: { description: B, expected_output: B, context: [a] }
  c: { description: C, expected_output: C, context: [d] }
  d: { description: D, expected_output: D }
`),
  ).toMatchInlineSnapshot(`
    "
    crew.yaml:8:57 tasks.a.depends_on[0]: tasks wait for each other in a circle: a → b → a
      8 |   a: { description: A, expected_output: A, depends_on: [b] }
        |                                                         ^
    "
  `);
});

test('refuses the context of a later task in file order', async () => {
  const tasks = `${AGENTS}tasks:
  a: { description: A, expected_output: A, agent: writer, context: [b], depends_on: [c] }
  b: { description: B, expected_output: B, agent: researcher }
  c: { description: C, expected_output: C, agent: researcher }
`;
  expect(await problemsOf(tasks)).toMatchInlineSnapshot(`
    "
    crew.yaml:5:69 tasks.a.context[0]: task "b" comes later in the file
      5 |   a: { description: A, expected_output: A, agent: writer, context: [b], depends_on: [c] }
        |                                                                     ^
        = move "b" before "a"

    crew.yaml:5:86 tasks.a.depends_on[0]: task "c" comes later in the file
      5 |   a: { description: A, expected_output: A, agent: writer, context: [b], depends_on: [c] }
        |                                                                                      ^
        = move "c" before "a"
    "
  `);
  expect(await problemsOf(`process: hierarchical\nmanager_llm: gpt-4o\n${tasks}`)).toMatchInlineSnapshot(`
    "
    crew.yaml:7:69 tasks.a.context[0]: task "b" comes later in the file
      7 |   a: { description: A, expected_output: A, agent: writer, context: [b], depends_on: [c] }
        |                                                                     ^
        = move "b" before "a", or write task_order: manager

    crew.yaml:7:86 tasks.a.depends_on[0]: task "c" comes later in the file
      7 |   a: { description: A, expected_output: A, agent: writer, context: [b], depends_on: [c] }
        |                                                                                      ^
        = move "c" before "a", or write task_order: manager
    "
  `);
  expect(await problemsOf(`process: hierarchical\nmanager_llm: gpt-4o\ntask_order: manager\n${tasks}`)).toBe('\n\n');
});

test('wants a manager for a hierarchical crew', async () => {
  expect(await problemsOf(`process: hierarchical\n${SMALL_CREW}`)).toMatchInlineSnapshot(`
    "
    crew.yaml:1:10 process: a hierarchical crew needs a manager
      1 | process: hierarchical
        |          ^^^^^^^^^^^^
        = add manager_llm: provider/model, or manager_agent
    "
  `);
});

test('refuses a manager that is among the agents', async () => {
  const crew = `process: hierarchical\n${AGENTS}tasks:\n  a: { description: A, expected_output: A }\n`;
  expect(await problemsOf(`${crew}manager_agent: writer\n`)).toMatchInlineSnapshot(`
    "
    crew.yaml:7:1 manager_agent: "writer" is among the agents too (agents.writer); a manager must not be
      7 | manager_agent: writer
        | ^^^^^^^^^^^^^
        = move agents.writer to manager_agent
    "
  `);
  expect(await problemsOf(`${crew}manager_agent: Researcher\n`)).toMatchInlineSnapshot(`
    "
    crew.yaml:7:1 manager_agent: "Researcher" is among the agents too (agents.researcher); a manager must not be
      7 | manager_agent: Researcher
        | ^^^^^^^^^^^^^
        = move agents.researcher to manager_agent
    "
  `);
  expect(await problemsOf(`${crew}manager_agent: { role: writer, goal: Manage, backstory: Managed }\n`))
    .toMatchInlineSnapshot(`
      "
      crew.yaml:7:1 manager_agent: "writer" is among the agents too (agents.writer); a manager must not be
        7 | manager_agent: { role: writer, goal: Manage, backstory: Managed }
          | ^^^^^^^^^^^^^
          = move agents.writer to manager_agent
      "
    `);
  expect(await problemsOf(`${crew}manager_agent: boss\n`)).toMatchInlineSnapshot(`
    "
    crew.yaml:7:16 manager_agent: "boss" is neither an agent's map nor the path of a file with one
      7 | manager_agent: boss
        |                ^^^^
        = write role, goal and backstory below manager_agent
    "
  `);
  expect(await problemsOf(`${crew}manager_agent: [writer]\n`)).toMatchInlineSnapshot(`
    "
    crew.yaml:7:1 manager_agent: must be a map with role, goal and backstory, or the path of a file with one, not a list
      7 | manager_agent: [writer]
        | ^^^^^^^^^^^^^
    "
  `);
  expect(await problemsOf(`${crew}manager_agent: boss.yaml\n`)).toMatchInlineSnapshot(`
    "
    crew.yaml:7:16 manager_agent: boss.yaml: there is no such file
      7 | manager_agent: boss.yaml
        |                ^^^^^^^^^
        = paths start at the definition's folder
    "
  `);
});

test('checks the fields of the manager', async () => {
  expect(
    await problemsOf(`process: hierarchical
manager_agent: { role: Boss, goal: Manage, backstry: Managed, llm: opnai/gpt-4o, tools: [read] }
${SMALL_CREW}`),
  ).toMatchInlineSnapshot(`
    "
    crew.yaml:2:44 manager_agent.backstry: unknown key
      2 | manager_agent: { role: Boss, goal: Manage, backstry: Managed, llm: opnai/gpt-4o, tools: [read] }
        |                                            ^^^^^^^^
        = did you mean "backstory"?

    crew.yaml:2:68 manager_agent.llm: there is no model provider "opnai"
      2 | manager_agent: { role: Boss, goal: Manage, backstry: Managed, llm: opnai/gpt-4o, tools: [read] }
        |                                                                    ^^^^^^^^^^^^
        = did you mean "openai"?

    crew.yaml:2:90 manager_agent.tools[0]: there is no tool "read"
      2 | manager_agent: { role: Boss, goal: Manage, backstry: Managed, llm: opnai/gpt-4o, tools: [read] }
        |                                                                                          ^^^^
        = \`crew tools\` lists what there is; your own are written ./file.ts#export
    "
  `);
});

test('takes manager_agent where both are there', async () => {
  const { manager } = await definitionOf(`process: hierarchical
manager_llm: openai/gpt-4o
manager_agent: { role: Boss, goal: Manage, backstory: Managed, llm: openai/gpt-4.1 }
${SMALL_CREW}`);
  expect(manager).toMatchObject({ key: 'manager', role: 'Boss', models: [{ reference: 'openai/gpt-4.1' }] });
});

test('gives manager_llm to a manager_agent without llm, and warns where it has its own', async () => {
  const crew = `process: hierarchical\nmanager_llm: openai/gpt-4o\n${SMALL_CREW}manager_agent: { role: Boss, goal: Manage, backstory: Managed`;
  expect((await definitionOf(`${crew} }\n`)).manager?.models).toMatchObject([{ reference: 'openai/gpt-4o' }]);
  expect(await problemsOf(`${crew}, llm: gpt-4.1 }\n`)).toMatchInlineSnapshot(`
    "
    crew.yaml:2:1 warning manager_llm: manager_agent has an llm of its own, so this one is not used
      2 | manager_llm: openai/gpt-4o
        | ^^^^^^^^^^^
    "
  `);
});

test('warns of manager settings, coworkers and task_order in a sequential crew, which stays sequential', async () => {
  const crew = `manager_llm: openai/gpt-4o
manager_agent: { role: Boss, goal: Manage, backstory: Managed }
task_order: manager
agents:
  writer: { role: Writer, goal: Write, backstory: Wrote }
tasks:
  essay: { description: Write, expected_output: Text, coworkers: [writer] }
`;
  expect(await problemsOf(crew)).toMatchInlineSnapshot(`
    "
    crew.yaml:1:1 warning manager_llm: a sequential crew has no manager
      1 | manager_llm: openai/gpt-4o
        | ^^^^^^^^^^^
        = remove it, or write process: hierarchical

    crew.yaml:2:1 warning manager_agent: a sequential crew has no manager
      2 | manager_agent: { role: Boss, goal: Manage, backstory: Managed }
        | ^^^^^^^^^^^^^
        = remove it, or write process: hierarchical

    crew.yaml:3:1 warning task_order: a sequential crew runs its tasks in the order of the file
      3 | task_order: manager
        | ^^^^^^^^^^
        = remove it, or write process: hierarchical

    crew.yaml:7:55 warning tasks.essay.coworkers: only a hierarchical crew has coworkers to choose from
      7 |   essay: { description: Write, expected_output: Text, coworkers: [writer] }
        |                                                       ^^^^^^^^^
        = remove it, or write process: hierarchical
    "
  `);
  const definition = await definitionOf(crew);
  expect(definition).toMatchObject({ process: 'sequential', manager: undefined, taskOrder: 'file' });
  expect(definition.warnings).toHaveLength(4);
});

test('wants an agent for each task of a sequential crew of several agents', async () => {
  expect(
    await problemsOf(`${AGENTS}tasks:
  research: { description: Find, expected_output: Facts, agent: researcher }
  essay: { description: Write, expected_output: Text }
`),
  ).toMatchInlineSnapshot(`
    "
    crew.yaml:6:3 tasks.essay: agent is missing: in a sequential crew of several agents each task needs its own
      6 |   essay: { description: Write, expected_output: Text }
        |   ^^^^^
        = agents: researcher, writer
    "
  `);
  expect((await definitionOf(SMALL_CREW)).tasks[0]).toMatchObject({ key: 'essay', agent: 'writer' });
});

test('warns of an agent without tasks where nobody delegates', async () => {
  const tasks = 'tasks:\n  essay: { description: Write, expected_output: Text, agent: writer }\n';
  expect(await problemsOf(`${AGENTS}${tasks}`)).toMatchInlineSnapshot(`
    "
    crew.yaml:2:3 warning agents.researcher: agent "researcher" has no task, and no agent delegates
      2 |   researcher: { role: Researcher, goal: Find, backstory: Searched }
        |   ^^^^^^^^^^
        = give a task agent: researcher, or an agent allow_delegation: true
    "
  `);
  const delegating = `agents:
  researcher: { role: Researcher, goal: Find, backstory: Searched }
  writer: { role: Writer, goal: Write, backstory: Wrote, allow_delegation: true }
`;
  expect(await problemsOf(`${delegating}${tasks}`)).toBe('\n\n');
});

test('refuses two agents of one role', async () => {
  expect(
    await problemsOf(`agents:
  a: { role: Senior Writer, goal: Write, backstory: Wrote }
  b: { role: "senior writer ", goal: Write, backstory: Wrote }
tasks:
  essay: { description: Write, expected_output: Text, agent: a }
  poem: { description: Write, expected_output: Text, agent: b }
`),
  ).toMatchInlineSnapshot(`
    "
    crew.yaml:3:14 agents.b.role: agent "a" has this role already
      3 |   b: { role: "senior writer ", goal: Write, backstory: Wrote }
        |              ^^^^^^^^^^^^^^^^
        = coworkers are found by their role: give each one its own
    "
  `);
});

test('checks output schemas', async () => {
  expect(
    await problemsOf(
      `agents:
  writer: { role: Writer, goal: Write, backstory: Wrote }
tasks:
  a: { description: A, expected_output: A, output_json: { type: object }, output_pydantic: { type: object } }
  b: { description: B, expected_output: B, output_json: schemas/none.json }
  c: { description: C, expected_output: C, output_pydantic: ./none.ts#Brief }
  d: { description: D, expected_output: D, output_pydantic: Brief }
  e: { description: E, expected_output: E, output_json: { title: string } }
  f: { description: F, expected_output: F, output_json: { type: objekt, properties: { a: { type: string } } } }
  g: { description: G, expected_output: G, output_json: folder.json }
  h: { description: H, expected_output: H, response_model: none.json }
`,
      { files: { 'folder.json/x': '' } },
    ),
  ).toMatchInlineSnapshot(`
    "
    crew.yaml:4:75 tasks.a.output_pydantic: output_json is there too; a task has one output schema
      4 |   a: { description: A, expected_output: A, output_json: { type: object }, output_pydantic: { type: object } }
        |                                                                           ^^^^^^^^^^^^^^^
        = remove one of the two

    crew.yaml:5:57 tasks.b.output_json: schemas/none.json: there is no such file
      5 |   b: { description: B, expected_output: B, output_json: schemas/none.json }
        |                                                         ^^^^^^^^^^^^^^^^^
        = paths start at the definition's folder

    crew.yaml:6:61 tasks.c.output_pydantic: ./none.ts: there is no such file
      6 |   c: { description: C, expected_output: C, output_pydantic: ./none.ts#Brief }
        |                                                             ^^^^^^^^^^^^^^^
        = paths start at the definition's folder

    crew.yaml:7:61 tasks.d.output_pydantic: "Brief" is no path of a schema
      7 |   d: { description: D, expected_output: D, output_pydantic: Brief }
        |                                                             ^^^^^
        = write a JSON Schema, the path of one (.json, .yaml), or ./file.ts#export of a Zod schema

    crew.yaml:8:44 tasks.e.output_json: is not a JSON Schema
      8 |   e: { description: E, expected_output: E, output_json: { title: string } }
        |                                            ^^^^^^^^^^^
        = a JSON Schema looks like { type: object, properties: { title: { type: string } } }

    crew.yaml:9:44 tasks.f.output_json: is not a sound JSON Schema: type: "objekt" is not a JSON Schema type; did you mean "object"?
      9 |   f: { description: F, expected_output: F, output_json: { type: objekt, properties: { a: { type: string } } } }
        |                                            ^^^^^^^^^^^

    crew.yaml:10:57 tasks.g.output_json: folder.json: this is not a file
      10 |   g: { description: G, expected_output: G, output_json: folder.json }
         |                                                         ^^^^^^^^^^^
         = paths start at the definition's folder

    crew.yaml:11:60 tasks.h.response_model: none.json: there is no such file
      11 |   h: { description: H, expected_output: H, response_model: none.json }
         |                                                            ^^^^^^^^^
         = paths start at the definition's folder
    "
  `);
});

test('warns of a placeholder that is no input, once for each name, at its place', async () => {
  expect(
    await problemsOf(`inputs:
  topic: solar
agents:
  writer: { role: "Writer on {tpoic}", goal: Write, backstory: "Wrote about {topic}" }
tasks:
  essay:
    description: |
      Write about {topic} in \${HOME} as {"a": 1} and { b } and {{literal}}.

      Use the {audience} and {tpoic}.
    expected_output: Text for {audience}
    output_file: out/{topic}/{datum}.md
`),
  ).toMatchInlineSnapshot(`
    "
    crew.yaml:4:30 warning agents.writer.role: there is no input "tpoic", so {tpoic} stays as it is
      4 |   writer: { role: "Writer on {tpoic}", goal: Write, backstory: "Wrote about {topic}" }
        |                              ^^^^^^^
        = did you mean {topic}?

    crew.yaml:8:31 warning tasks.essay.description: there is no input "HOME", so {HOME} stays as it is
      8 |       Write about {topic} in \${HOME} as {"a": 1} and { b } and {{literal}}.
        |                               ^^^^^^
        = environment variables are not put into texts; declare an input "HOME" instead

    crew.yaml:10:15 warning tasks.essay.description: there is no input "audience", so {audience} stays as it is
      10 |       Use the {audience} and {tpoic}.
         |               ^^^^^^^^^^
         = declare it under inputs, or write {{audience}} if the braces are meant

    crew.yaml:12:30 warning tasks.essay.output_file: there is no input "datum", so {datum} stays as it is
      12 |     output_file: out/{topic}/{datum}.md
         |                              ^^^^^^^
         = declare it under inputs, or write {{datum}} if the braces are meant
    "
  `);
});

test('knows inputs that were given without being declared', async () => {
  const text = SMALL_CREW.replace('description: Write', 'description: "Write for {audience}"');
  expect(await problemsOf(text, { givenInputs: ['audience'] })).toBe('\n\n');
});

test('reports shape and references at once, in the order of lines', async () => {
  expect(
    await problemsOf(`process: hierarchical
agents:
  writer: { role: Writer, goal: Write, backstory: Wrote, max_iter: many }
tasks:
  essay: { description: Write, expected_output: Text, agent: wirter, contxt: [] }
`),
  ).toMatchInlineSnapshot(`
    "
    crew.yaml:1:10 process: a hierarchical crew needs a manager
      1 | process: hierarchical
        |          ^^^^^^^^^^^^
        = add manager_llm: provider/model, or manager_agent

    crew.yaml:3:68 agents.writer.max_iter: must be a whole number, 1 or more, not text
      3 |   writer: { role: Writer, goal: Write, backstory: Wrote, max_iter: many }
        |                                                                    ^^^^

    crew.yaml:5:62 tasks.essay.agent: there is no agent "wirter"
      5 |   essay: { description: Write, expected_output: Text, agent: wirter, contxt: [] }
        |                                                              ^^^^^^
        = did you mean "writer"?

    crew.yaml:5:70 tasks.essay.contxt: unknown key
      5 |   essay: { description: Write, expected_output: Text, agent: wirter, contxt: [] }
        |                                                                      ^^^^^^
        = did you mean "context"?
    "
  `);
});
