import { expect, test } from 'vitest';
import { definitionOf, problemsOf } from '../helpers/check-text.js';

const CREW = `agents:
  writer: { role: Writer, goal: Write, backstory: Wrote }
tasks:
  facts: { description: A, expected_output: A, output_json: { type: object } }
  notes: { description: B, expected_output: B }
`;

test('takes context as names and in forms', async () => {
  const definition = await definitionOf(`${CREW}  write:
    description: C
    expected_output: C
    context: [{ task: notes, as: summary, max_tokens: 2000 }, { task: facts, as: json.sources.0 }]
  all: { description: D, expected_output: D, context: [facts, { task: notes }, { task: write, as: full }] }
`);
  expect(definition.tasks.slice(2).map(({ context, contextForms }) => ({ context, contextForms }))).toEqual([
    {
      context: ['facts', 'notes'],
      contextForms: {
        facts: { as: 'json', jsonPath: 'sources.0', maxTokens: undefined },
        notes: { as: 'summary', jsonPath: '', maxTokens: 2000 },
      },
    },
    {
      context: ['facts', 'notes', 'write'],
      contextForms: {
        notes: { as: 'full', jsonPath: '', maxTokens: undefined },
        write: { as: 'full', jsonPath: '', maxTokens: undefined },
      },
    },
  ]);
});

test('points at forms that cannot be', async () => {
  expect(
    await problemsOf(`${CREW}  write:
    description: C
    expected_output: C
    context:
      - { task: notes, as: json.title }
      - { task: fact, as: summary }
      - { task: facts, as: summary, max_tokens: 100 }
      - facts
`),
  ).toMatchInlineSnapshot(`
    "
    crew.yaml:10:28 tasks.write.context[0].as: the output of "notes" is plain text, which has no parts
      10 |       - { task: notes, as: json.title }
         |                            ^^^^^^^^^^
         = give notes an output_json, or write as: full

    crew.yaml:11:9 tasks.write.context[1]: there is no task "fact"
      11 |       - { task: fact, as: summary }
         |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^
         = did you mean "facts"?

    crew.yaml:13:9 tasks.write.context[3]: "facts" stands in context twice
      13 |       - facts
         |         ^^^^^
         = a task is given in one form: remove one of the two
    "
  `);
  expect(
    await problemsOf(`${CREW}  write:
    description: C
    expected_output: C
    context: [{ task: notes, as: short, max_tokens: 0 }, { as: full }, { task: notes, max_token: 5 }, 7]
`),
  ).toMatchInlineSnapshot(`
    "
    crew.yaml:9:34 tasks.write.context[0].as: must be full, summary, json, or json. and the path of a part, such as json.findings.0, not "short"
      9 |     context: [{ task: notes, as: short, max_tokens: 0 }, { as: full }, { task: notes, max_token: 5 }, 7]
        |                                  ^^^^^

    crew.yaml:9:53 tasks.write.context[0].max_tokens: must be a whole number, 1 or more, not 0
      9 |     context: [{ task: notes, as: short, max_tokens: 0 }, { as: full }, { task: notes, max_token: 5 }, 7]
        |                                                     ^

    crew.yaml:9:58 tasks.write.context[1]: task is missing
      9 |     context: [{ task: notes, as: short, max_tokens: 0 }, { as: full }, { task: notes, max_token: 5 }, 7]
        |                                                          ^^^^^^^^^^^^
        = Name of the task.

    crew.yaml:9:87 tasks.write.context[2].max_token: unknown key
      9 |     context: [{ task: notes, as: short, max_tokens: 0 }, { as: full }, { task: notes, max_token: 5 }, 7]
        |                                                                                       ^^^^^^^^^
        = did you mean "max_tokens"?

    crew.yaml:9:103 tasks.write.context[3]: must be the name of a task, or a map such as { task: research, as: summary }, not a number
      9 |     context: [{ task: notes, as: short, max_tokens: 0 }, { as: full }, { task: notes, max_token: 5 }, 7]
        |                                                                                                       ^
    "
  `);
});

test('takes a model for turns with tools of the agent, else of the crew, and none that is the agent’s own', async () => {
  const { agents, manager } = await definitionOf(`process: hierarchical
manager_llm: openai/gpt-4o
function_calling_llm: openai/gpt-4o
max_tpm: 1000
agents:
  own: { role: A, goal: Find, backstory: B, function_calling_llm: openai/gpt-4.1-nano, max_tpm: 100 }
  crews: { role: B, goal: Write, backstory: B, llm: openai/gpt-4.1 }
  same: { role: C, goal: Write, backstory: B, llm: openai/gpt-4o }
tasks:
  a: { description: A, expected_output: A }
`);
  const modelOf = (agent: (typeof agents)[number] | undefined) => agent?.functionCallingModels?.[0]?.reference;
  expect(agents.map(modelOf)).toEqual(['openai/gpt-4.1-nano', 'openai/gpt-4o', undefined]);
  expect(modelOf(manager)).toBeUndefined();
});

test('reports a key that only the model for turns with tools needs', async () => {
  const { missingKeys } = await definitionOf(`agents:
  writer: { role: Writer, goal: Write, backstory: Wrote, function_calling_llm: groq/llama }
tasks:
  facts: { description: A, expected_output: A }
`);
  expect(missingKeys.map(({ path, message }) => `${path}: ${message}`)).toContain(
    'agents.writer.function_calling_llm: GROQ_API_KEY is not set; groq/llama needs it',
  );
});
