import { describe, expect, it } from 'vitest';
import { text } from '../helpers/provider-server.js';
import { createScene } from '../helpers/run-process.js';

const WRITER = 'writer: { role: Writer, goal: Write, backstory: You write. }';
const EDITOR = 'editor: { role: Editor, goal: Edit, backstory: You edit. }';
const TASKS = `tasks:
  essay: { description: Write., expected_output: A text., agent: writer }
`;
const CREW_TEXT = `agents:
  ${WRITER}
${TASKS}`;
const TWO_AGENTS = `agents:
  ${WRITER}
  ${EDITOR}
`;

/** What `crew kickoff crew.yaml` says to this definition, after which nothing was called. */
async function refusalOf(crewText: string | Uint8Array, env?: Readonly<Record<string, string | undefined>>) {
  const scene = await createScene({ 'crew.yaml': crewText });
  return scene.refusal(['kickoff', 'crew.yaml'], { env });
}

describe('a file that is none', () => {
  it('is refused where there is no file', async () => {
    const scene = await createScene({});
    expect(await scene.refusal(['kickoff', 'crew.yaml'])).toMatchInlineSnapshot(`
      "
      crew.yaml: there is no such file
      "
    `);
  });

  it('is refused where it is a folder', async () => {
    const scene = await createScene({ 'crews/crew.yaml': CREW_TEXT });
    expect(await scene.refusal(['kickoff', 'crews'])).toMatchInlineSnapshot(`
      "
      crews: this is a folder, not a file
        = name the YAML file in it
      "
    `);
  });

  it('is refused where it is empty', async () => {
    expect(await refusalOf('')).toMatchInlineSnapshot(`
      "
      crew.yaml: the file is empty
        = \`crew init\` writes a crew to start from
      "
    `);
  });

  it('is refused where none is named and none is found', async () => {
    const scene = await createScene({});
    expect(await scene.refusal(['kickoff'])).toMatchInlineSnapshot(`
      "
      error: there is no crew.yaml and no crew.jsonc, neither here nor in crew/
      hint: name a file, or write one with \`crew init\`
      "
    `);
  });
});

describe('a file that is no YAML', () => {
  it('is refused with the place of the error', async () => {
    expect(await refusalOf(`agents:\n  writer: { role: Writer, goal: Write\n${TASKS}`)).toMatchInlineSnapshot(`
      "
      crew.yaml:2:11 not valid YAML: the closing } is missing
        2 |   writer: { role: Writer, goal: Write
          |           ^
          = the YAML parser says: Flow map in block collection must be sufficiently indented and end with a }
      "
    `);
  });

  it('is refused for tabs', async () => {
    expect(await refusalOf(`agents:\n\twriter:\n\t\trole: Writer\n${TASKS}`)).toMatchInlineSnapshot(`
      "
      crew.yaml:2:1 not valid YAML: a tab is used for indentation
        2 | 	writer:
          | ^
          = use spaces (the YAML parser says: Tabs are not allowed as indentation)
      "
    `);
  });
});

describe('an unknown key', () => {
  it('is refused at the top', async () => {
    expect(await refusalOf(`proces: sequential\n${CREW_TEXT}`)).toMatchInlineSnapshot(`
      "
      crew.yaml:1:1 proces: unknown key
        1 | proces: sequential
          | ^^^^^^
          = did you mean "process"?
      "
    `);
  });

  it('is refused in an input', async () => {
    expect(await refusalOf(`inputs:\n  topic: { descripton: What to write about }\n${CREW_TEXT}`))
      .toMatchInlineSnapshot(`
        "
        crew.yaml:2:12 inputs.topic.descripton: unknown key
          2 |   topic: { descripton: What to write about }
            |            ^^^^^^^^^^
            = did you mean "description"?
        "
      `);
  });

  it('is refused in a model', async () => {
    expect(await refusalOf(`models:\n  smart: { model: openai/gpt-4o, temprature: 0.2 }\n${CREW_TEXT}`))
      .toMatchInlineSnapshot(`
        "
        crew.yaml:2:34 models.smart.temprature: unknown key
          2 |   smart: { model: openai/gpt-4o, temprature: 0.2 }
            |                                  ^^^^^^^^^^
            = did you mean "temperature"?
        "
      `);
  });

  it('is refused in an agent', async () => {
    expect(await refusalOf(`agents:\n  writer: { role: Writer, goal: Write, backstroy: You write. }\n${TASKS}`))
      .toMatchInlineSnapshot(`
        "
        crew.yaml:2:40 agents.writer.backstroy: unknown key
          2 |   writer: { role: Writer, goal: Write, backstroy: You write. }
            |                                        ^^^^^^^^^
            = did you mean "backstory"?
        "
      `);
  });

  it('is refused in a task', async () => {
    expect(
      await refusalOf(`agents:
  ${WRITER}
tasks:
  essay: { description: Write., expected_ouput: A text., agent: writer }
`),
    ).toMatchInlineSnapshot(`
      "
      crew.yaml:4:33 tasks.essay.expected_ouput: unknown key
        4 |   essay: { description: Write., expected_ouput: A text., agent: writer }
          |                                 ^^^^^^^^^^^^^^
          = did you mean "expected_output"?
      "
    `);
  });

  it("is refused in a tool's map", async () => {
    expect(
      await refusalOf(`agents:
  writer: { role: Writer, goal: Write, backstory: You write., tools: [{ use: read_file, rooot: docs }] }
${TASKS}`),
    ).toMatchInlineSnapshot(`
      "
      crew.yaml:2:89 agents.writer.tools[0].rooot: unknown key
        2 |   writer: { role: Writer, goal: Write, backstory: You write., tools: [{ use: read_file, rooot: docs }] }
          |                                                                                         ^^^^^
          = did you mean "root"?
      "
    `);
  });

  it('is refused in manager_agent', async () => {
    expect(
      await refusalOf(`process: hierarchical
manager_agent: { role: Boss, goal: Lead, backstory: You lead., tolos: [] }
${CREW_TEXT}`),
    ).toMatchInlineSnapshot(`
      "
      crew.yaml:2:64 manager_agent.tolos: unknown key
        2 | manager_agent: { role: Boss, goal: Lead, backstory: You lead., tolos: [] }
          |                                                                ^^^^^
          = did you mean "tools"?
      "
    `);
  });

  it('is refused where a later version will have it', async () => {
    expect(await refusalOf(`memory: true\n${CREW_TEXT}`)).toMatchInlineSnapshot(`
      "
      crew.yaml:1:1 memory: not supported in this version
        1 | memory: true
          | ^^^^^^
          = remove it: a task is given the outputs of earlier ones by its context, and \`crew show\` has every run
      "
    `);
  });
});

it('refuses wrong types, all at once', async () => {
  expect(
    await refusalOf(`process: 3
inputs: [topic]
models: { smart: { model: openai/gpt-4o, temperature: warm } }
agents:
  writer: { role: [Writer], goal: Write, backstory: You write., max_iter: many, allow_delegation: "yes" }
tasks:
  essay: { description: Write., expected_output: 600, agent: writer, context: plan }
`),
  ).toMatchInlineSnapshot(`
    "
    crew.yaml:1:10 process: must be sequential or hierarchical, not a number
      1 | process: 3
        |          ^

    crew.yaml:2:9 inputs: must be a map of inputs, not a list
      2 | inputs: [topic]
        |         ^^^^^^^

    crew.yaml:3:55 models.smart.temperature: must be a number from 0 to 2, not text
      3 | models: { smart: { model: openai/gpt-4o, temperature: warm } }
        |                                                       ^^^^

    crew.yaml:5:19 agents.writer.role: must be text, not a list
      5 |   writer: { role: [Writer], goal: Write, backstory: You write., max_iter: many, allow_delegation: "yes" }
        |                   ^^^^^^^^

    crew.yaml:5:75 agents.writer.max_iter: must be a whole number, 1 or more, not text
      5 |   writer: { role: [Writer], goal: Write, backstory: You write., max_iter: many, allow_delegation: "yes" }
        |                                                                           ^^^^

    crew.yaml:5:99 agents.writer.allow_delegation: must be true or false, not text
      5 |   writer: { role: [Writer], goal: Write, backstory: You write., max_iter: many, allow_delegation: "yes" }
        |                                                                                                   ^^^^^
        = write true

    crew.yaml:7:50 tasks.essay.expected_output: must be text, not a number
      7 |   essay: { description: Write., expected_output: 600, agent: writer, context: plan }
        |                                                  ^^^
        = put it in quotes: "600"

    crew.yaml:7:79 tasks.essay.context: must be a list of task names, not text
      7 |   essay: { description: Write., expected_output: 600, agent: writer, context: plan }
        |                                                                               ^^^^
        = write a list: [plan]
    "
  `);
});

describe('an unknown name', () => {
  it('is refused for an agent', async () => {
    expect(
      await refusalOf(
        `${TWO_AGENTS}tasks:\n  essay: { description: Write., expected_output: A text., agent: writr }\n`,
      ),
    ).toMatchInlineSnapshot(`
      "
      crew.yaml:5:66 tasks.essay.agent: there is no agent "writr"
        5 |   essay: { description: Write., expected_output: A text., agent: writr }
          |                                                                  ^^^^^
          = did you mean "writer"?
      "
    `);
  });

  it('is refused for a task', async () => {
    expect(
      await refusalOf(`agents:
  ${WRITER}
tasks:
  plan: { description: Plan., expected_output: A list. }
  essay: { description: Write., expected_output: A text., context: [plans] }
`),
    ).toMatchInlineSnapshot(`
      "
      crew.yaml:5:69 tasks.essay.context[0]: there is no task "plans"
        5 |   essay: { description: Write., expected_output: A text., context: [plans] }
          |                                                                     ^^^^^
          = did you mean "plan"?
      "
    `);
  });

  it('is refused for a model', async () => {
    expect(
      await refusalOf(`models: { smart: openai/gpt-4o }
agents:
  writer: { role: Writer, goal: Write, backstory: You write., llm: smrt }
${TASKS}`),
    ).toMatchInlineSnapshot(`
      "
      crew.yaml:3:68 agents.writer.llm: there is no model "smrt" under models
        3 |   writer: { role: Writer, goal: Write, backstory: You write., llm: smrt }
          |                                                                    ^^^^
          = did you mean "smart"?
      "
    `);
  });

  it('is refused for a provider', async () => {
    expect(
      await refusalOf(`agents:
  writer: { role: Writer, goal: Write, backstory: You write., llm: antropic/claude-sonnet-4-5 }
${TASKS}`),
    ).toMatchInlineSnapshot(`
      "
      crew.yaml:2:68 agents.writer.llm: there is no model provider "antropic"
        2 |   writer: { role: Writer, goal: Write, backstory: You write., llm: antropic/claude-sonnet-4-5 }
          |                                                                    ^^^^^^^^^^^^^^^^^^^^^^^^^^
          = did you mean "anthropic"?
      "
    `);
  });

  it('is refused for a tool', async () => {
    expect(
      await refusalOf(`agents:
  writer: { role: Writer, goal: Write, backstory: You write., tools: [raed_file, ./search.ts] }
${TASKS}`),
    ).toMatchInlineSnapshot(`
      "
      crew.yaml:2:71 agents.writer.tools[0]: there is no tool "raed_file"
        2 |   writer: { role: Writer, goal: Write, backstory: You write., tools: [raed_file, ./search.ts] }
          |                                                                       ^^^^^^^^^
          = did you mean "read_file"?

      crew.yaml:2:82 agents.writer.tools[1]: ./search.ts: there is no such file
        2 |   writer: { role: Writer, goal: Write, backstory: You write., tools: [raed_file, ./search.ts] }
          |                                                                                  ^^^^^^^^^^^
          = paths start at the definition's folder
      "
    `);
  });

  it('is warned of for an input, in the file and on the command line, and the crew runs', async () => {
    const scene = await createScene(
      {
        'crew.yaml': `inputs: { topic: solar }
agents:
  ${WRITER}
tasks:
  essay: { description: "Write about {topc}, as {\\"a\\": 1}.", expected_output: A text. }
`,
      },
      [text('The essay.')],
    );
    expect(scene.transcript(await scene.crew(['kickoff', 'crew.yaml', '-i', 'topik=wind']))).toMatchInlineSnapshot(`
      "exit 0
      --- stdout
      The essay.
      --- stderr
      crew.yaml:5:38 warning tasks.essay.description: there is no input "topc", so {topc} stays as it is
        5 |   essay: { description: "Write about {topc}, as {\\"a\\": 1}.", expected_output: A text. }
          |                                      ^^^^^^
          = did you mean {topic}?
      warning: input topik is not declared under inputs: did you mean "topic"?
      <name> run <run> · sequential · 1 task
      essay 1/1 · Writer
      ✓ essay completed · <time> · 15 tokens · <$0.0001
      done · run <run> · <time> · 15 tokens · <$0.0001
      see it: crew show <run>
      "
    `);
    expect(JSON.stringify(scene.server.requests[0]?.body.messages)).toContain('Write about {topc}');
  });
});

describe('an order that cannot be', () => {
  it('is refused where tasks wait for each other', async () => {
    expect(
      await refusalOf(`agents:
  ${WRITER}
tasks:
  plan: { description: Plan., expected_output: A list., context: [essay] }
  essay: { description: Write., expected_output: A text., context: [plan] }
  self: { description: Look., expected_output: A word., context: [self] }
`),
    ).toMatchInlineSnapshot(`
      "
      crew.yaml:4:67 tasks.plan.context[0]: tasks wait for each other in a circle: plan → essay → plan
        4 |   plan: { description: Plan., expected_output: A list., context: [essay] }
          |                                                                   ^^^^^

      crew.yaml:6:67 tasks.self.context[0]: task "self" waits for itself
        6 |   self: { description: Look., expected_output: A word., context: [self] }
          |                                                                   ^^^^
          = remove its own name
      "
    `);
  });

  it('is refused where a task has the context of a later one', async () => {
    expect(
      await refusalOf(`agents:
  ${WRITER}
tasks:
  essay: { description: Write., expected_output: A text., context: [plan] }
  plan: { description: Plan., expected_output: A list. }
`),
    ).toMatchInlineSnapshot(`
      "
      crew.yaml:4:69 tasks.essay.context[0]: task "plan" comes later in the file
        4 |   essay: { description: Write., expected_output: A text., context: [plan] }
          |                                                                     ^^^^
          = move "plan" before "essay"
      "
    `);
  });
});

describe('a manager', () => {
  it('is missed in a hierarchical crew', async () => {
    expect(await refusalOf(`process: hierarchical\n${CREW_TEXT}`)).toMatchInlineSnapshot(`
      "
      crew.yaml:1:10 process: a hierarchical crew needs a manager
        1 | process: hierarchical
          |          ^^^^^^^^^^^^
          = add manager_llm: provider/model, or manager_agent
      "
    `);
  });

  it('must not be among the agents, by its name or by its role', async () => {
    expect(await refusalOf(`process: hierarchical\nmanager_agent: editor\n${TWO_AGENTS}${TASKS}`))
      .toMatchInlineSnapshot(`
        "
        crew.yaml:2:1 manager_agent: "editor" is among the agents too (agents.editor); a manager must not be
          2 | manager_agent: editor
            | ^^^^^^^^^^^^^
            = move agents.editor to manager_agent
        "
      `);
    expect(
      await refusalOf(`process: hierarchical
manager_agent: { role: Editor, goal: Lead, backstory: You lead. }
${TWO_AGENTS}${TASKS}`),
    ).toMatchInlineSnapshot(`
      "
      crew.yaml:2:1 manager_agent: "Editor" is among the agents too (agents.editor); a manager must not be
        2 | manager_agent: { role: Editor, goal: Lead, backstory: You lead. }
          | ^^^^^^^^^^^^^
          = move agents.editor to manager_agent
      "
    `);
  });

  it.each([
    ['where `process` is not written', ''],
    ['where `process` is sequential', 'process: sequential\n'],
  ])('in a sequential crew is warned of, and the crew runs sequentially, %s', async (_where, process) => {
    const scene = await createScene({ 'crew.yaml': `${CREW_TEXT}manager_llm: openai/gpt-4o\n${process}` }, [
      text('The essay.'),
    ]);
    expect(scene.transcript(await scene.crew(['kickoff', 'crew.yaml']))).toBe(`exit 0
--- stdout
The essay.
--- stderr
crew.yaml:5:1 warning manager_llm: a sequential crew has no manager
  5 | manager_llm: openai/gpt-4o
    | ^^^^^^^^^^^
    = remove it, or write process: hierarchical
<name> run <run> · sequential · 1 task
essay 1/1 · Writer
✓ essay completed · <time> · 15 tokens · <$0.0001
done · run <run> · <time> · 15 tokens · <$0.0001
see it: crew show <run>
`);
    expect(scene.query('SELECT process, status FROM runs')).toEqual([{ process: 'sequential', status: 'completed' }]);
    expect(scene.server.requests.map(({ body }) => [body.model, body.tools])).toEqual([['gpt-4.1-mini', undefined]]);
  });
});

describe('an API key', () => {
  const KEY = `sk-proj-${'a1B2'.repeat(12)}`;

  it('in the file is refused, wherever it stands, and is never printed', async () => {
    const stderr = await refusalOf(`models: { smart: { model: openai/gpt-4o, api_key: hunter2secret } }
agents:
  writer: { role: Writer, goal: Write, backstory: My key is ${KEY}., llm: smart }
${TASKS}`);
    expect(stderr).toMatchInlineSnapshot(`
      "
      crew.yaml:1:51 models.smart.api_key: an API key is written in the file
        1 | models: { smart: { model: openai/gpt-4o, api_key: ************* } }
          |                                                   ^^^^^^^^^^^^^
          = put it into an environment variable or .env, and write \${NAME} here

      crew.yaml:3:61 agents.writer.backstory: an API key is written in the file
        3 |   writer: { role: Writer, goal: Write, backstory: My key is ********************************************************., l…
          |                                                             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
          = put it into an environment variable or .env, and write \${NAME} here
      "
    `);
    expect(stderr).not.toContain('hunter2secret');
    expect(stderr).not.toContain(KEY.slice(8, 20));
  });

  it('in the file is not printed either where something else is wrong on its line', async () => {
    const stderr = await refusalOf(`agents:
  writer: { role: Writer, goal: Write, backstory: You write., ${KEY}: true, llm: { model: nope/${KEY} } }
${TASKS}`);
    expect(stderr).toMatchInlineSnapshot(`
      "
      crew.yaml:2:63 agents.writer.********************************************************: an API key is written in the file
        2 |   writer: { role: Writer, goal: Write, backstory: You write., ********************************************************:…
          |                                                               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
          = put it into an environment variable or .env, and write \${NAME} here

      crew.yaml:2:63 agents.writer.********************************************************: unknown key
        2 |   writer: { role: Writer, goal: Write, backstory: You write., ********************************************************:…
          |                                                               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
          = known keys: name, role, goal, backstory, llm, tools, allow_delegation, max_iter, max_rpm, max_execution_time, max_tpm, max_retry_limit, function_calling_llm, cache, step_callback, guardrail, guardrails, guardrail_llm, guardrail_max_retries, system_template, prompt_template, response_template, use_system_prompt, respect_context_window, inject_date, date_format, reasoning, max_reasoning_attempts, multimodal, verbose, config, settings, type

      crew.yaml:2:141 agents.writer.llm.model: there is no model provider "nope"
        2 | …******************: true, llm: { model: nope/******************************************************** } }
          |                                          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
          = providers: openai, anthropic, gemini, google, ollama, groq, openrouter, mistral, deepseek, xai, azure; any other OpenAI-compatible server needs a base_url

      crew.yaml:2:146 agents.writer.llm.model: an API key is written in the file
        2 | …*************: true, llm: { model: nope/******************************************************** } }
          |                                          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
          = put it into an environment variable or .env, and write \${NAME} here
      "
    `);
    expect(stderr).not.toContain(KEY.slice(8, 20));
  });

  it('that is missing is named by its variable, for every provider in use', async () => {
    expect(
      await refusalOf(
        `models: { spare: mistral/mistral-large-latest }
agents:
  writer: { role: Writer, goal: Write, backstory: You write., llm: [anthropic/claude-sonnet-4-5, gemini/gemini-2.5-pro] }
  editor: { role: Editor, goal: Edit, backstory: You edit., llm: { model: groq/llama-3.3-70b, api_key: "\${TEAM_KEY}" } }
  default: { role: Default, goal: Help, backstory: You help. }
  local: { role: Local, goal: Help, backstory: You help., llm: ollama/llama3.2 }
tasks:
  essay: { description: Write., expected_output: A text., agent: writer }
  check: { description: Check., expected_output: A text., agent: editor }
  help: { description: Help., expected_output: A text., agent: default }
  more: { description: Help., expected_output: A text., agent: local }
`,
        { OPENAI_API_KEY: undefined, OPENAI_BASE_URL: undefined },
      ),
    ).toMatchInlineSnapshot(`
      "
      crew.yaml:3:68 agents.writer.llm: ANTHROPIC_API_KEY is not set; anthropic/claude-sonnet-4-5 needs it
        3 |   writer: { role: Writer, goal: Write, backstory: You write., llm: [anthropic/claude-sonnet-4-5, gemini/gemini-2.5-pro]…
          |                                                                    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
          = set it, or write it into .env beside the definition; with a cassette no key is needed

      crew.yaml:3:68 agents.writer.llm: none of GEMINI_API_KEY, GOOGLE_API_KEY, GOOGLE_GENERATIVE_AI_API_KEY is set; gemini/gemini-2.5-pro needs it
        3 |   writer: { role: Writer, goal: Write, backstory: You write., llm: [anthropic/claude-sonnet-4-5, gemini/gemini-2.5-pro]…
          |                                                                    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
          = set it, or write it into .env beside the definition; with a cassette no key is needed

      crew.yaml:4:105 agents.editor.llm.api_key: the environment variable TEAM_KEY is not set
        4 |   editor: { role: Editor, goal: Edit, backstory: You edit., llm: { model: groq/llama-3.3-70b, api_key: "\${TEAM_KEY}" } }
          |                                                                                                         ^^^^^^^^^^^
          = set it, or write it into .env beside the definition; with a cassette no key is needed

      crew.yaml:5:3 agents.default: OPENAI_API_KEY is not set; openai/gpt-4.1-mini needs it
        5 |   default: { role: Default, goal: Help, backstory: You help. }
          |   ^^^^^^^
          = set it, or write it into .env beside the definition; with a cassette no key is needed
      "
    `);
  });

  it('of a provider that nobody uses is not asked for', async () => {
    const scene = await createScene({ 'crew.yaml': `models: { spare: mistral/mistral-large-latest }\n${CREW_TEXT}` }, [
      text('The essay.'),
    ]);
    const { exitCode, stdout } = await scene.crew(['kickoff', 'crew.yaml']);
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: 'The essay.\n' });
  });

  it('is found in the .env beside the definition', async () => {
    const scene = await createScene({ 'crew/crew.yaml': CREW_TEXT, 'crew/.env': 'OPENAI_API_KEY=from-the-file\n' }, [
      text('The essay.'),
    ]);
    const { exitCode } = await scene.crew(['kickoff', 'crew/crew.yaml'], { env: { OPENAI_API_KEY: undefined } });
    expect(exitCode).toBe(0);
    expect(scene.server.requests[0]?.headers.authorization).toBe('Bearer from-the-file');
  });
});

it('tells everything that is wrong in one go', async () => {
  expect(
    await refusalOf(`process: hierarchical
models: { smart: { model: openai/gpt-4o, temprature: 1 } }
${TWO_AGENTS}tasks:
  essay: { description: Write., expected_output: A text., agent: writr, context: [plan], tools: [search_moon] }
`),
  ).toMatchInlineSnapshot(`
    "
    crew.yaml:1:10 process: a hierarchical crew needs a manager
      1 | process: hierarchical
        |          ^^^^^^^^^^^^
        = add manager_llm: provider/model, or manager_agent

    crew.yaml:2:42 models.smart.temprature: unknown key
      2 | models: { smart: { model: openai/gpt-4o, temprature: 1 } }
        |                                          ^^^^^^^^^^
        = did you mean "temperature"?

    crew.yaml:7:66 tasks.essay.agent: there is no agent "writr"
      7 |   essay: { description: Write., expected_output: A text., agent: writr, context: [plan], tools: [search_moon] }
        |                                                                  ^^^^^
        = did you mean "writer"?

    crew.yaml:7:83 tasks.essay.context[0]: there is no task "plan"
      7 |   essay: { description: Write., expected_output: A text., agent: writr, context: [plan], tools: [search_moon] }
        |                                                                                   ^^^^
        = tasks: essay

    crew.yaml:7:98 tasks.essay.tools[0]: there is no tool "search_moon"
      7 |   essay: { description: Write., expected_output: A text., agent: writr, context: [plan], tools: [search_moon] }
        |                                                                                                  ^^^^^^^^^^^
        = \`crew tools\` lists what there is; your own are written ./file.ts#export
    "
  `);
});
