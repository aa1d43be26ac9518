import { expect, test } from 'vitest';
import { problemsOf, SMALL_CREW } from '../helpers/check-text.js';

test('points at unknown keys at every level and suggests what was meant', async () => {
  expect(
    await problemsOf(`proces: sequential
colour: blue
inputs:
  topic: { descripton: What to write about }
models:
  smart: { model: openai/gpt-4o, temprature: 1, price: { input: 1, output: 2, cached: 3 } }
agents:
  writer:
    role: Writer
    goal: Write
    backstory: Wrote
    model: smart
    llm: { model: gpt-4o, max_token: 5 }
tasks:
  essay:
    descripton: Write
    expected_output: Text
    tool: [read_file]
    tools: [{ use: read_file, rot: docs }]
`),
  ).toMatchInlineSnapshot(`
    "
    crew.yaml:1:1 proces: unknown key
      1 | proces: sequential
        | ^^^^^^
        = did you mean "process"?

    crew.yaml:2:1 colour: unknown key
      2 | colour: blue
        | ^^^^^^
        = known keys: name, process, inputs, models, tools, mcp_servers, permissions, manager_llm, manager_agent, extends, agents, tasks, config, task_order, limits, max_rpm, share_rate_limit, max_tpm, function_calling_llm, planning, planning_llm, chat_llm, step_callback, task_callback, manager_callbacks, before_kickoff, before_kickoff_callbacks, after_kickoff, after_kickoff_callbacks, language, language_file, prompt_file, cache, full_output, output_log_file, verbose, stream, share_crew

    crew.yaml:4:12 inputs.topic.descripton: unknown key
      4 |   topic: { descripton: What to write about }
        |            ^^^^^^^^^^
        = did you mean "description"?

    crew.yaml:6:34 models.smart.temprature: unknown key
      6 |   smart: { model: openai/gpt-4o, temprature: 1, price: { input: 1, output: 2, cached: 3 } }
        |                                  ^^^^^^^^^^
        = did you mean "temperature"?

    crew.yaml:6:79 models.smart.price.cached: unknown key
      6 |   smart: { model: openai/gpt-4o, temprature: 1, price: { input: 1, output: 2, cached: 3 } }
        |                                                                               ^^^^^^
        = known keys: input, output, cached_input

    crew.yaml:12:5 agents.writer.model: unknown key
      12 |     model: smart
         |     ^^^^^
         = did you mean "llm"?

    crew.yaml:13:27 agents.writer.llm.max_token: unknown key
      13 |     llm: { model: gpt-4o, max_token: 5 }
         |                           ^^^^^^^^^
         = did you mean "max_tokens"?

    crew.yaml:16:5 tasks.essay.descripton: unknown key
      16 |     descripton: Write
         |     ^^^^^^^^^^
         = did you mean "description"?

    crew.yaml:18:5 tasks.essay.tool: unknown key
      18 |     tool: [read_file]
         |     ^^^^
         = did you mean "tools"?

    crew.yaml:19:31 tasks.essay.tools[0].rot: unknown key
      19 |     tools: [{ use: read_file, rot: docs }]
         |                               ^^^
         = did you mean "root"?
    "
  `);
});

test('says of keys that crewAI has what to use instead', async () => {
  expect(
    await problemsOf(`memory: true
tools: [read_file]
agents:
  writer: { role: Writer, goal: Write, backstory: Wrote, planning: true, allow_code_execution: true }
tasks:
  essay: { description: Write, expected_output: Text, output_log_file: true, max_retries: 3 }
`),
  ).toMatchInlineSnapshot(`
    "
    crew.yaml:1:1 memory: not supported in this version
      1 | memory: true
        | ^^^^^^
        = remove it: a task is given the outputs of earlier ones by its context, and \`crew show\` has every run

    crew.yaml:2:8 tools: must be a map of tools by name, not a list
      2 | tools: [read_file]
        |        ^^^^^^^^^^^

    crew.yaml:4:58 agents.writer.planning: not supported in this version
      4 |   writer: { role: Writer, goal: Write, backstory: Wrote, planning: true, allow_code_execution: true }
        |                                                          ^^^^^^^^
        = write reasoning: true, which has the agent think its work over; planning is for the crew

    crew.yaml:4:74 agents.writer.allow_code_execution: not supported in this version
      4 |   writer: { role: Writer, goal: Write, backstory: Wrote, planning: true, allow_code_execution: true }
        |                                                                          ^^^^^^^^^^^^^^^^^^^^
        = remove it: use run_command with the programs that you choose, or a tool of your own: [./tools/run.ts#run]

    crew.yaml:6:55 tasks.essay.output_log_file: not supported in this version
      6 |   essay: { description: Write, expected_output: Text, output_log_file: true, max_retries: 3 }
        |                                                       ^^^^^^^^^^^^^^^
        = move it to the top: the log is of the whole run

    crew.yaml:6:78 tasks.essay.max_retries: unknown key
      6 |   essay: { description: Write, expected_output: Text, output_log_file: true, max_retries: 3 }
        |                                                                              ^^^^^^^^^^^
        = did you mean "guardrail_max_retries"?
    "
  `);
});

test('has nothing against keys that switch off what is not there', async () => {
  const text = `memory: false
knowledge_sources: []
embedder: {}
tracing: null
share_crew: false
agents:
  writer: { role: Writer, goal: Write, backstory: Wrote, allow_code_execution: false, code_execution_mode: safe, llm: null }
tasks:
  essay: { description: Write, expected_output: Text, output_file: null, agent: null, context: ~, output_pydantic: null }
`;
  expect(await problemsOf(text)).toBe('\n\n');
});

test('says that nothing is sent where a crew shall be shared', async () => {
  expect(await problemsOf(`share_crew: true\n${SMALL_CREW}`)).toMatchInlineSnapshot(`
    "
    crew.yaml:1:1 warning share_crew: nothing of a crew is ever sent to anybody
      1 | share_crew: true
        | ^^^^^^^^^^
        = remove it
    "
  `);
});

test('says of Python that it does not run here', async () => {
  expect(await problemsOf(`step_callback: { python: my_project.callbacks.step }\n${SMALL_CREW}`))
    .toMatchInlineSnapshot(`
    "
    crew.yaml:1:16 step_callback: must be text, not a map
      1 | step_callback: { python: my_project.callbacks.step }
        |                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        = Python does not run here: write it in TypeScript and name ./file.ts#export
    "
  `);
});

test('names what is missing', async () => {
  expect(
    await problemsOf(`agents:
  writer:
    goal: Write
tasks:
  essay:
    description: Write
models:
  smart: { temperature: 1 }
`),
  ).toMatchInlineSnapshot(`
    "
    crew.yaml:2:3 agents.writer: role is missing
      2 |   writer:
        |   ^^^^^^
        = What the agent is, in a few words: Senior research analyst. Coworkers are found by it.

    crew.yaml:2:3 agents.writer: backstory is missing
      2 |   writer:
        |   ^^^^^^
        = Who the agent is and how it works.

    crew.yaml:5:3 tasks.essay: expected_output is missing
      5 |   essay:
        |   ^^^^^
        = What a good answer looks like.

    crew.yaml:8:3 models.smart: model is missing
      8 |   smart: { temperature: 1 }
        |   ^^^^^
        = The model as provider/model, such as openai/gpt-4.1-mini. Without a provider: openai.
    "
  `);
  expect(await problemsOf('name: nothing\n')).toMatchInlineSnapshot(`
    "
    crew.yaml: agents is missing
      = The agents by name, as a list with \`name\`, or the path of a file with them. A name in a list is that of an extended file, or of agents/<name>.jsonc, .json or .yaml.

    crew.yaml: tasks is missing
      = The tasks by name in their order, as a list with \`name\`, or the path of a file with them.
    "
  `);
});

test('says what a value must be, and what it is', async () => {
  expect(
    await problemsOf(`name: 5
process: hierarchial
inputs: [topic]
models: smart
manager_llm: 3
agents:
  writer:
    role: [Writer]
    goal: 7
    backstory: ""
    llm: true
    tools: read_file
    allow_delegation: yes
    max_iter: 0
tasks:
  essay:
    description: { topic }
    expected_output: |
      Text
    agent: [writer]
    context: 5
    depends_on: [a, { b: c }]
    async_execution: "true"
    coworkers: []
    output_file: 1
    output_json: 5
    guardrail_max_retries: 1.5
task_order: any
`),
  ).toMatchInlineSnapshot(`
    "
    crew.yaml:1:7 name: must be text, not a number
      1 | name: 5
        |       ^
        = put it in quotes: "5"

    crew.yaml:2:10 process: must be sequential or hierarchical, not "hierarchial"
      2 | process: hierarchial
        |          ^^^^^^^^^^^
        = did you mean "hierarchical"?

    crew.yaml:3:9 inputs: must be a map of inputs, not a list
      3 | inputs: [topic]
        |         ^^^^^^^

    crew.yaml:4:9 models: must be a map of models, not text
      4 | models: smart
        |         ^^^^^

    crew.yaml:5:14 manager_llm: must be a model: provider/model, a name under \`models\`, a map with \`model\`, or a list of these, not a number
      5 | manager_llm: 3
        |              ^

    crew.yaml:8:11 agents.writer.role: must be text, not a list
      8 |     role: [Writer]
        |           ^^^^^^^^

    crew.yaml:9:11 agents.writer.goal: must be text, not a number
      9 |     goal: 7
        |           ^
        = put it in quotes: "7"

    crew.yaml:10:16 agents.writer.backstory: must be text; it is empty
      10 |     backstory: ""
         |                ^^

    crew.yaml:11:10 agents.writer.llm: must be a model: provider/model, a name under \`models\`, a map with \`model\`, or a list of these, not true
      11 |     llm: true
         |          ^^^^

    crew.yaml:12:12 agents.writer.tools: must be a list of tools, not text
      12 |     tools: read_file
         |            ^^^^^^^^^
         = write a list: [read_file]

    crew.yaml:13:23 agents.writer.allow_delegation: must be true or false, not text
      13 |     allow_delegation: yes
         |                       ^^^
         = write true

    crew.yaml:14:15 agents.writer.max_iter: must be a whole number, 1 or more, not 0
      14 |     max_iter: 0
         |               ^

    crew.yaml:17:18 tasks.essay.description: must be text, not a map
      17 |     description: { topic }
         |                  ^^^^^^^^^
         = put it in quotes: "{topic} …"

    crew.yaml:20:12 tasks.essay.agent: must be text, not a list
      20 |     agent: [writer]
         |            ^^^^^^^^

    crew.yaml:21:14 tasks.essay.context: must be a list of task names, not a number
      21 |     context: 5
         |              ^

    crew.yaml:22:21 tasks.essay.depends_on[1]: must be the name of a task, not a map
      22 |     depends_on: [a, { b: c }]
         |                     ^^^^^^^^

    crew.yaml:23:22 tasks.essay.async_execution: must be true or false, not text
      23 |     async_execution: "true"
         |                      ^^^^^^
         = write true

    crew.yaml:24:16 tasks.essay.coworkers: must be a list with at least one agent, not an empty list
      24 |     coworkers: []
         |                ^^

    crew.yaml:25:18 tasks.essay.output_file: must be text, not a number
      25 |     output_file: 1
         |                  ^
         = put it in quotes: "1"

    crew.yaml:26:18 tasks.essay.output_json: must be a JSON Schema, the path of one (.json, .yaml), or ./file.ts#export, not a number
      26 |     output_json: 5
         |                  ^

    crew.yaml:27:28 tasks.essay.guardrail_max_retries: must be a whole number, 0 or more, not 1.5
      27 |     guardrail_max_retries: 1.5
         |                            ^^^

    crew.yaml:28:13 task_order: must be file or manager, not "any"
      28 | task_order: any
         |             ^^^
    "
  `);
});

test('says what settings of a model must be', async () => {
  expect(
    await problemsOf(`models:
  smart:
    model: ""
    base_url: localhost:11434
    headers: { X-One: 1 }
    api: completions
    temperature: 3
    top_p: high
    max_tokens: -1
    seed: 1.5
    stop: [1]
    timeout: soon
    max_retries: many
    options: none
    price: { input: -1, output: free }
  spare: []
  other: [openai/gpt-4o, 5]
${SMALL_CREW}`),
  ).toMatchInlineSnapshot(`
    "
    crew.yaml:3:12 models.smart.model: must be text; it is empty
      3 |     model: ""
        |            ^^

    crew.yaml:4:15 models.smart.base_url: must be a URL that starts with http:// or https://, not "localhost:11434"
      4 |     base_url: localhost:11434
        |               ^^^^^^^^^^^^^^^

    crew.yaml:5:23 models.smart.headers.X-One: must be text, not a number
      5 |     headers: { X-One: 1 }
        |                       ^
        = put it in quotes: "1"

    crew.yaml:6:10 models.smart.api: must be chat or responses, not "completions"
      6 |     api: completions
        |          ^^^^^^^^^^^

    crew.yaml:7:18 models.smart.temperature: must be a number from 0 to 2, not 3
      7 |     temperature: 3
        |                  ^

    crew.yaml:8:12 models.smart.top_p: must be a number from 0 to 1, not text
      8 |     top_p: high
        |            ^^^^

    crew.yaml:9:17 models.smart.max_tokens: must be a whole number, 1 or more, not -1
      9 |     max_tokens: -1
        |                 ^^

    crew.yaml:10:11 models.smart.seed: must be a whole number, 0 or more, not 1.5
      10 |     seed: 1.5
         |           ^^^

    crew.yaml:11:12 models.smart.stop[0]: must be text, not a number
      11 |     stop: [1]
         |            ^
         = put it in quotes: "1"

    crew.yaml:12:14 models.smart.timeout: must be a duration such as 60s or 2m, or seconds as a number, not "soon"
      12 |     timeout: soon
         |              ^^^^

    crew.yaml:13:18 models.smart.max_retries: must be a whole number, 0 or more, not text
      13 |     max_retries: many
         |                  ^^^^

    crew.yaml:14:14 models.smart.options: must be a map, not text
      14 |     options: none
         |              ^^^^

    crew.yaml:15:21 models.smart.price.input: must be a price in US dollars per million tokens, not -1
      15 |     price: { input: -1, output: free }
         |                     ^^

    crew.yaml:15:33 models.smart.price.output: must be a price in US dollars per million tokens, not text
      15 |     price: { input: -1, output: free }
         |                                 ^^^^

    crew.yaml:16:10 models.spare: must be a list with at least one model, not an empty list
      16 |   spare: []
         |          ^^

    crew.yaml:17:26 models.other[1]: must be a model: provider/model, a name under \`models\`, or a map with \`model\`, not a number
      17 |   other: [openai/gpt-4o, 5]
         |                          ^
    "
  `);
});

test('says that a key has no value', async () => {
  expect(
    await problemsOf(`name:
models:
agents:
  writer: { role: , goal: Write, backstory: Wrote, tools: }
tasks:
`),
  ).toMatchInlineSnapshot(`
    "
    crew.yaml:1:1 name: has no value; it must be text
      1 | name:
        | ^^^^
        = write one, or remove the line

    crew.yaml:2:1 models: has no value; it must be a map of models
      2 | models:
        | ^^^^^^
        = write one, or remove the line

    crew.yaml:4:13 agents.writer.role: has no value; it must be text
      4 |   writer: { role: , goal: Write, backstory: Wrote, tools: }
        |             ^^^^
        = write one, or remove the line

    crew.yaml:4:52 agents.writer.tools: has no value; it must be a list of tools
      4 |   writer: { role: , goal: Write, backstory: Wrote, tools: }
        |                                                    ^^^^^
        = write one, or remove the line

    crew.yaml:5:1 tasks: has no value; it must be a map of tasks
      5 | tasks:
        | ^^^^^
    "
  `);
});

test('says that agents and tasks must be maps, lists or files, and their entries maps', async () => {
  expect(await problemsOf('agents: 5\ntasks: true\n')).toMatchInlineSnapshot(`
    "
    crew.yaml:1:1 agents: must be a map of agents, not a number
      1 | agents: 5
        | ^^^^^^

    crew.yaml:2:1 tasks: must be a map of tasks, not true
      2 | tasks: true
        | ^^^^^
    "
  `);
  expect(await problemsOf('agents: { writer: Writer, editor: [] }\ntasks: [write, 5]\n')).toMatchInlineSnapshot(`
    "
    crew.yaml:1:11 agents.writer: must be a map with role, goal and backstory, not text
      1 | agents: { writer: Writer, editor: [] }
        |           ^^^^^^

    crew.yaml:1:27 agents.editor: must be a map with role, goal and backstory, not a list
      1 | agents: { writer: Writer, editor: [] }
        |                           ^^^^^^

    crew.yaml:2:9 tasks[0]: must be a map with description and expected_output, not text
      2 | tasks: [write, 5]
        |         ^^^^^

    crew.yaml:2:16 tasks[1]: must be a map with description and expected_output, not a number
      2 | tasks: [write, 5]
        |                ^
    "
  `);
  expect(await problemsOf('agents: []\ntasks: {}\n')).toMatchInlineSnapshot(`
    "
    crew.yaml:1:1 agents: a crew needs at least one agent
      1 | agents: []
        | ^^^^^^

    crew.yaml:2:1 tasks: a crew needs at least one task
      2 | tasks: {}
        | ^^^^^
    "
  `);
});

test('checks names', async () => {
  expect(
    await problemsOf(`inputs: { "the topic": solar, 2nd: x }
models: { a/b: openai/gpt-4o }
agents:
  the writer: { role: Writer, goal: Write, backstory: Wrote }
  "1": { role: Editor, goal: Edit, backstory: Edited }
  editor: { name: chief, role: Chief, goal: Edit, backstory: Edited }
tasks:
  - { name: draft/1, description: Write, expected_output: Text }
  - { description: Write, expected_output: Text }
  - { name: essay, description: Write, expected_output: Text, agent: editor }
  - { name: essay, description: Write, expected_output: Text, agent: editor }
  - { name: __proto__, description: Write, expected_output: Text, agent: editor }
`),
  ).toMatchInlineSnapshot(`
    "
    crew.yaml:1:11 inputs.the topic: the name of an input must be letters, digits, "_" and "-", a letter first
      1 | inputs: { "the topic": solar, 2nd: x }
        |           ^^^^^^^^^^^

    crew.yaml:1:31 inputs.2nd: the name of an input must be letters, digits, "_" and "-", a letter first
      1 | inputs: { "the topic": solar, 2nd: x }
        |                               ^^^

    crew.yaml:2:11 models.a/b: the name of a model must be letters, digits, "_", "-" and ".", and not only digits
      2 | models: { a/b: openai/gpt-4o }
        |           ^^^

    crew.yaml:4:3 agents.the writer: the name of an agent must be letters, digits, "_", "-" and ".", and not only digits
      4 |   the writer: { role: Writer, goal: Write, backstory: Wrote }
        |   ^^^^^^^^^^

    crew.yaml:5:3 agents.1: the name of an agent must be letters, digits, "_", "-" and ".", and not only digits
      5 |   "1": { role: Editor, goal: Edit, backstory: Edited }
        |   ^^^

    crew.yaml:6:19 agents.editor.name: the name of this agent is its key, editor
      6 |   editor: { name: chief, role: Chief, goal: Edit, backstory: Edited }
        |                   ^^^^^
        = remove \`name\`

    crew.yaml:8:5 tasks[0]: agent is missing: in a sequential crew of several agents each task needs its own
      8 |   - { name: draft/1, description: Write, expected_output: Text }
        |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        = agents: 1, the writer, editor

    crew.yaml:8:13 tasks[0].name: must be letters, digits, "_", "-" and ".", and not only digits, not "draft/1"
      8 |   - { name: draft/1, description: Write, expected_output: Text }
        |             ^^^^^^^

    crew.yaml:9:5 tasks[1]: name is missing
      9 |   - { description: Write, expected_output: Text }
        |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        = in a list each task needs a name

    crew.yaml:11:13 tasks[3].name: another task is called "essay" already
      11 |   - { name: essay, description: Write, expected_output: Text, agent: editor }
         |             ^^^^^

    crew.yaml:12:13 tasks[4].name: must be letters, digits, "_", "-" and ".", and not only digits, not "__proto__"
      12 |   - { name: __proto__, description: Write, expected_output: Text, agent: editor }
         |             ^^^^^^^^^
    "
  `);
});

test('checks inputs against their types and options', async () => {
  expect(
    await problemsOf(`inputs:
  year: { type: number, default: soon }
  count: { type: integer, default: 1.5 }
  size: { options: [small, large, 3], default: medium }
  kind: { type: text }
  tags: { options: [] }
${SMALL_CREW}`),
  ).toMatchInlineSnapshot(`
    "
    crew.yaml:2:34 inputs.year.default: must be of the type number, not "soon"
      2 |   year: { type: number, default: soon }
        |                                  ^^^^

    crew.yaml:3:36 inputs.count.default: must be of the type integer, not 1.5
      3 |   count: { type: integer, default: 1.5 }
        |                                    ^^^

    crew.yaml:4:35 inputs.size.options[2]: must be of the type string, not 3
      4 |   size: { options: [small, large, 3], default: medium }
        |                                   ^

    crew.yaml:4:48 inputs.size.default: "medium" is not among the options
      4 |   size: { options: [small, large, 3], default: medium }
        |                                                ^^^^^^

    crew.yaml:5:17 inputs.kind.type: must be string, number, integer, boolean, list or object, not "text"
      5 |   kind: { type: text }
        |                 ^^^^

    crew.yaml:6:20 inputs.tags.options: must be a list with at least one value, not an empty list
      6 |   tags: { options: [] }
        |                    ^^
    "
  `);
});

test('does not follow up on what is wrong already', async () => {
  expect(
    await problemsOf(`process: hierarchy
agents:
  writer: { role: Writer, goal: Write, backstory: Wrote, llm: { model: 5 } }
  editor: { role: Editor, goal: Edit, backstory: Edited }
tasks:
  essay: { description: Write, expected_output: Text, agent: 5, output_json: [] }
`),
  ).toMatchInlineSnapshot(`
    "
    crew.yaml:1:10 process: must be sequential or hierarchical, not "hierarchy"
      1 | process: hierarchy
        |          ^^^^^^^^^
        = did you mean "hierarchical"?

    crew.yaml:3:72 agents.writer.llm.model: must be text, not a number
      3 |   writer: { role: Writer, goal: Write, backstory: Wrote, llm: { model: 5 } }
        |                                                                        ^
        = put it in quotes: "5"

    crew.yaml:6:62 tasks.essay.agent: must be text, not a number
      6 |   essay: { description: Write, expected_output: Text, agent: 5, output_json: [] }
        |                                                              ^
        = put it in quotes: "5"

    crew.yaml:6:78 tasks.essay.output_json: must be a JSON Schema, the path of one (.json, .yaml), or ./file.ts#export, not a list
      6 |   essay: { description: Write, expected_output: Text, agent: 5, output_json: [] }
        |                                                                              ^^
    "
  `);
});

test('keeps long lines readable and marks wide characters', async () => {
  const long = 'word '.repeat(60);
  expect(
    await problemsOf(`agents:
  writer: { role: 作家, goal: "日本", backstory: Wrote, maxiter: 5 }
tasks:
  essay: { description: "${long}", expected_output: Text, agnt: writer, context: [] }
`),
  ).toMatchInlineSnapshot(`
    "
    crew.yaml:2:53 agents.writer.maxiter: unknown key
      2 |   writer: { role: 作家, goal: "日本", backstory: Wrote, maxiter: 5 }
        |                                                         ^^^^^^^
        = did you mean "max_iter"?

    crew.yaml:4:352 tasks.essay.agnt: unknown key
      4 | …ord word word ", expected_output: Text, agnt: writer, context: [] }
        |                                          ^^^^
        = did you mean "agent"?
    "
  `);
});
