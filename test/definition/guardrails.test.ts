import { expect, test } from 'vitest';
import { interpolateDefinition } from '../../src/definition/interpolate.js';
import { definitionOf, problemsOf } from '../helpers/check-text.js';

const AGENTS = `inputs: { topic: solar }
models: { judge: openai/gpt-4o }
agents:
  writer: { role: Writer, goal: Write, backstory: Wrote }
`;
const crewWith = (fields: string): string => `${AGENTS}tasks:
  essay:
    description: Write
    expected_output: Text
${fields.replaceAll(/^(?=.)/gm, '    ')}
`;

test('reads every form, guardrail before guardrails', async () => {
  const definition = await definitionOf(
    crewWith(`guardrail: { min_chars: 200, not_matches: TODO }
guardrails:
  - It is about {topic}.
  - { sentence: It names sources., llm: judge }
  - ./check.ts#hasSources
  - { json_schema: ./essay.json, max_words: 9, matches: "(?i)^# " }
  - shell: grep -q Sources
  - { max_chars: 900, json_schema: { type: object } }
guardrail_llm: openai/gpt-4.1`),
    { files: { 'check.ts': '', 'essay.json': '{}' } },
  );
  const [task] = interpolateDefinition(definition, { topic: 'wind' }).tasks;
  expect(
    task?.guardrails.map((guardrail) =>
      guardrail.kind === 'sentence'
        ? { ...guardrail, models: guardrail.models?.map(({ reference }) => reference) }
        : guardrail,
    ),
  ).toMatchInlineSnapshot(`
    [
      {
        "kind": "not_matches",
        "name": "not_matches: TODO",
        "pattern": "TODO",
      },
      {
        "count": 200,
        "kind": "min_chars",
        "name": "min_chars: 200",
      },
      {
        "kind": "sentence",
        "models": [
          "openai/gpt-4.1",
        ],
        "name": "It is about wind",
        "text": "It is about wind.",
      },
      {
        "kind": "sentence",
        "models": [
          "openai/gpt-4o",
        ],
        "name": "It names sources",
        "text": "It names sources.",
      },
      {
        "exportName": "hasSources",
        "kind": "module",
        "name": "./check.ts#hasSources",
        "path": "./check.ts",
      },
      {
        "kind": "matches",
        "name": "matches: (?i)^# ",
        "pattern": "(?i)^# ",
      },
      {
        "count": 9,
        "kind": "max_words",
        "name": "max_words: 9",
      },
      {
        "kind": "json_schema",
        "name": "json_schema: ./essay.json",
        "schema": {
          "kind": "file",
          "path": "./essay.json",
        },
      },
      {
        "command": "grep -q Sources",
        "kind": "shell",
        "name": "shell: grep -q Sources",
      },
      {
        "count": 900,
        "kind": "max_chars",
        "name": "max_chars: 900",
      },
      {
        "kind": "json_schema",
        "name": "json_schema",
        "schema": {
          "kind": "inline",
          "schema": {
            "type": "object",
          },
        },
      },
    ]
  `);
});

test('has the judge of an agent in its place, and the agent judges where there is none', async () => {
  const definition = await definitionOf(`agents:
  writer: { role: Writer, goal: Write, backstory: Wrote, guardrail: "It is kind.", guardrail_llm: openai/judge }
tasks:
  essay: { description: Write, expected_output: Text, guardrail: It rhymes. }
`);
  expect(definition.agents[0]?.guardrails).toMatchObject([{ text: 'It is kind.', models: [{ modelId: 'judge' }] }]);
  expect(definition.tasks[0]?.guardrails).toMatchObject([{ text: 'It rhymes.', models: undefined }]);
});

test('points at everything that is wrong', async () => {
  expect(
    await problemsOf(
      crewWith(`guardrail: {}
guardrails:
  - { matches: "(unclosed", not_matches: "*" }
  - { min_chars: 100, max_chars: 10 }
  - { llm: judge, max_words: 5 }
  - { json_schema: { type: objekt } }
  - { json_schema: ./gone.json }
  - ./gone.ts#check
  - ./rules.txt
  - { sentence: "About {topic}", llm: nobody/x }`),
    ),
  ).toMatchInlineSnapshot(`
    "
    crew.yaml:9:5 tasks.essay.guardrail: has no check
      9 |     guardrail: {}
        |     ^^^^^^^^^
        = checks: sentence, matches, not_matches, min_chars, max_chars, max_words, json_schema, shell

    crew.yaml:11:20 tasks.essay.guardrails[0].matches: is no regular expression: Unterminated group
      11 |       - { matches: "(unclosed", not_matches: "*" }
         |                    ^^^^^^^^^^^

    crew.yaml:11:46 tasks.essay.guardrails[0].not_matches: is no regular expression: Nothing to repeat
      11 |       - { matches: "(unclosed", not_matches: "*" }
         |                                              ^^^

    crew.yaml:12:22 tasks.essay.guardrails[1].min_chars: is more than max_chars, 10: no output can be both
      12 |       - { min_chars: 100, max_chars: 10 }
         |                      ^^^

    crew.yaml:13:11 tasks.essay.guardrails[2].llm: there is no sentence beside it
      13 |       - { llm: judge, max_words: 5 }
         |           ^^^
         = it is the model that judges a sentence

    crew.yaml:14:11 tasks.essay.guardrails[3].json_schema: is not a sound JSON Schema: type: "objekt" is not a JSON Schema type; did you mean "object"?
      14 |       - { json_schema: { type: objekt } }
         |           ^^^^^^^^^^^

    crew.yaml:15:24 tasks.essay.guardrails[4].json_schema: ./gone.json: there is no such file
      15 |       - { json_schema: ./gone.json }
         |                        ^^^^^^^^^^^
         = paths start at the definition's folder

    crew.yaml:16:9 tasks.essay.guardrails[5]: ./gone.ts: there is no such file
      16 |       - ./gone.ts#check
         |         ^^^^^^^^^^^^^^^
         = paths start at the definition's folder

    crew.yaml:17:9 tasks.essay.guardrails[6]: "./rules.txt" is no file of code
      17 |       - ./rules.txt
         |         ^^^^^^^^^^^
         = write ./file.ts#export, or a sentence

    crew.yaml:18:43 tasks.essay.guardrails[7].llm: there is no model provider "nobody"
      18 |       - { sentence: "About {topic}", llm: nobody/x }
         |                                           ^^^^^^^^
         = providers: openai, anthropic, gemini, google, ollama, groq, openrouter, mistral, deepseek, xai, azure; any other OpenAI-compatible server needs a base_url
    "
  `);
  expect(await problemsOf(crewWith('guardrails: [{ max_word: 5 }, { max_words: 0 }, 5]'))).toMatchInlineSnapshot(`
    "
    crew.yaml:9:20 tasks.essay.guardrails[0].max_word: unknown key
      9 |     guardrails: [{ max_word: 5 }, { max_words: 0 }, 5]
        |                    ^^^^^^^^
        = did you mean "max_words"?

    crew.yaml:9:48 tasks.essay.guardrails[1].max_words: must be a whole number, 1 or more, not 0
      9 |     guardrails: [{ max_word: 5 }, { max_words: 0 }, 5]
        |                                                ^

    crew.yaml:9:53 tasks.essay.guardrails[2]: must be a guardrail: a sentence, ./file.ts#export, or a map such as { max_words: 200 }, not a number
      9 |     guardrails: [{ max_word: 5 }, { max_words: 0 }, 5]
        |                                                     ^
    "
  `);
});

test('warns of what is likely meant otherwise', async () => {
  expect(
    await problemsOf(
      crewWith(`guardrails: [validate_length, "It is about {topik}."]
guardrail_llm: judge`),
    ),
  ).toMatchInlineSnapshot(`
    "
    crew.yaml:9:18 warning tasks.essay.guardrails[0]: "validate_length" is one word, which a model will judge outputs by
      9 |     guardrails: [validate_length, "It is about {topik}."]
        |                  ^^^^^^^^^^^^^^^
        = for code write ./file.ts#export

    crew.yaml:9:48 warning tasks.essay.guardrails[1]: there is no input "topik", so {topik} stays as it is
      9 |     guardrails: [validate_length, "It is about {topik}."]
        |                                                ^^^^^^^
        = did you mean {topic}?
    "
  `);
  expect(await problemsOf(crewWith('guardrail: { max_words: 5 }\nguardrail_llm: judge'))).toMatchInlineSnapshot(`
    "
    crew.yaml:10:5 warning tasks.essay.guardrail_llm: no guardrail is a sentence, so it is not used
      10 |     guardrail_llm: judge
         |     ^^^^^^^^^^^^^
    "
  `);
});
