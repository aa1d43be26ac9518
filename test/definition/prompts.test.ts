import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findPlaceholders } from '../../src/definition/placeholders.js';
import { DEFAULT_PROMPT_TEXTS, PROMPT_PIECES } from '../../src/definition/prompt-pieces.js';
import { definitionOf, problemsOf, SMALL_CREW } from '../helpers/check-text.js';

const SOURCE = resolve(import.meta.dirname, '../../src');

const crewWith = (agent: string, task = ''): string => `agents:
  writer:
    role: Writer
    goal: Write
    backstory: Wrote
${agent.replaceAll(/^(?=.)/gm, '    ')}
tasks:
  essay:
    description: Write
    expected_output: Text
${task.replaceAll(/^(?=.)/gm, '    ')}
`;

describe('the pieces of the prompts', () => {
  it('name the slots that stand in them', () => {
    for (const { text, slots } of Object.values(PROMPT_PIECES)) {
      expect([...new Set(findPlaceholders(text).map(({ name }) => name))].toSorted()).toEqual([...slots].toSorted());
    }
  });

  it('are all said somewhere', () => {
    const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
    const code = files.map((file) => readFileSync(resolve(SOURCE, file), 'utf8')).join('\n');
    expect(Object.keys(PROMPT_PIECES).filter((name) => !code.includes(`'${name}'`))).toEqual([]);
  });
});

describe('prompt_file', () => {
  it('puts texts in the place of ours, also in groups, from YAML and JSON', async () => {
    const yaml = 'role: "Rolle: {role}"\nslices:\n  markdown: |\n    Schreibe {{Markdown}}.\n';
    const { promptTexts, source } = await definitionOf(`${SMALL_CREW}prompt_file: texts/de.yaml\n`, {
      files: { 'texts/de.yaml': yaml },
    });
    expect(promptTexts).toEqual({
      ...DEFAULT_PROMPT_TEXTS,
      role: 'Rolle: {role}',
      markdown: 'Schreibe {{Markdown}}.',
    });
    expect(source.files.map(({ path }) => path)).toEqual(['crew.yaml', 'texts/de.yaml']);
    const json = { files: { 'de.json': '{"goal": "Ziel: {goal}"}' }, env: { LANGUAGE_FILE: 'de.json' } };
    const other = await definitionOf(`${SMALL_CREW}language_file: "\${LANGUAGE_FILE}"\n`, json);
    expect(other.promptTexts.goal).toBe('Ziel: {goal}');
  });

  it('is checked where it stands', async () => {
    const text = `role: "Rolle: {rolle}"
goals: "Ziel: {goal}"
slices:
  goal: Ziel
  observation: x
  memory: y
  task: |
    Aufgabe:
    {description} {foo}
markdown: 5
final_answer: " "
results: [a]
`;
    const problems = await problemsOf(`${SMALL_CREW}prompt_file: de.yaml\n`, { files: { 'de.yaml': text } });
    expect(problems.replace(Object.keys(PROMPT_PIECES).join(', '), '<all>')).toMatchInlineSnapshot(`
        "
        de.yaml:1:15 prompt_file.role: there is no {rolle} in this piece
          1 | role: "Rolle: {rolle}"
            |               ^^^^^^^
            = did you mean {role}?

        de.yaml:2:1 prompt_file.goals: there is no prompt piece of this name
          2 | goals: "Ziel: {goal}"
            | ^^^^^
            = did you mean "goal"? pieces: <all>

        de.yaml:4:3 prompt_file.slices.goal: lacks {goal}
          4 |   goal: Ziel
            |   ^^^^
            = the text by default: "Goal: {goal}"

        de.yaml:5:3 prompt_file.slices.observation: there is no prompt piece of this name
          5 |   observation: x
            |   ^^^^^^^^^^^
            = \`crew schema --prompts\` prints all pieces

        de.yaml:6:3 prompt_file.slices.memory: there is no prompt piece of this name
          6 |   memory: y
            |   ^^^^^^
            = \`crew schema --prompts\` prints all pieces

        de.yaml:9:19 prompt_file.slices.task: there is no {foo} in this piece
          9 |     {description} {foo}
            |                   ^^^^^
            = slots of this piece: {description}; {{foo}} stands for {foo} itself

        de.yaml:10:1 prompt_file.markdown: must be text, not a number
          10 | markdown: 5
             | ^^^^^^^^
             = leave the piece out to keep its text

        de.yaml:11:1 prompt_file.final_answer: must not be empty
          11 | final_answer: " "
             | ^^^^^^^^^^^^
             = leave the piece out to keep its text

        de.yaml:12:1 prompt_file.results: must be text, not a list
          12 | results: [a]
             | ^^^^^^^
             = leave the piece out to keep its text
        "
      `);
  });

  it.each([
    ['has to be there', 'prompt_file: de.yaml\n', {}],
    ['has to be a map', 'prompt_file: de.yaml\n', { 'de.yaml': '- a\n' }],
    ['has one name', 'prompt_file: de.yaml\nlanguage_file: de.yaml\n', { 'de.yaml': 'markdown: a\n' }],
  ])('%s', async (_, field, files) => {
    expect(await problemsOf(SMALL_CREW + field, { files })).toMatchSnapshot();
  });
});

describe('settings of prompts', () => {
  it('that cannot work are errors', async () => {
    const agent = `inject_date: true
date_format: "%d %K %Q %-d %"
system_template: Hello
prompt_template: "{{ .System }}"
response_template: "{{.Response}}"`;
    expect(await problemsOf(crewWith(agent))).toMatchInlineSnapshot(`
      "
      crew.yaml:7:18 agents.writer.date_format: % is no part of a date
        7 |     date_format: "%d %K %Q %-d %"
          |                  ^^^^^^^^^^^^^^^^
          = such as %Y-%m-%d, %d %B %Y or %A, %H:%M; letters: aAbBcdefgGHIjLmMpqSuUVwWxXyYZ, and %% for a percent sign

      crew.yaml:7:22 agents.writer.date_format: %K is no part of a date
        7 |     date_format: "%d %K %Q %-d %"
          |                      ^^
          = such as %Y-%m-%d, %d %B %Y or %A, %H:%M; letters: aAbBcdefgGHIjLmMpqSuUVwWxXyYZ, and %% for a percent sign

      crew.yaml:7:25 agents.writer.date_format: %Q is no part of a date
        7 |     date_format: "%d %K %Q %-d %"
          |                         ^^
          = such as %Y-%m-%d, %d %B %Y or %A, %H:%M; letters: aAbBcdefgGHIjLmMpqSuUVwWxXyYZ, and %% for a percent sign

      crew.yaml:8:5 agents.writer.system_template: has no {{ .System }}
        8 |     system_template: Hello
          |     ^^^^^^^^^^^^^^^
          = write {{ .System }} where the text belongs

      crew.yaml:9:5 agents.writer.prompt_template: has no {{ .Prompt }}
        9 |     prompt_template: "{{ .System }}"
          |     ^^^^^^^^^^^^^^^
          = write {{ .Prompt }} where the text belongs
      "
    `);
  });

  it('that have no use are warnings', async () => {
    const agent = 'date_format: "%d %B"\nmax_reasoning_attempts: 2';
    const text = crewWith(agent, 'markdown: true\noutput_json: { type: object }');
    expect(await problemsOf(`${text}planning_llm: openai/gpt-4o\n`)).toMatchInlineSnapshot(`
      "
      crew.yaml:6:5 warning agents.writer.date_format: has no use without inject_date: true
        6 |     date_format: "%d %B"
          |     ^^^^^^^^^^^

      crew.yaml:7:5 warning agents.writer.max_reasoning_attempts: has no use without reasoning: true
        7 |     max_reasoning_attempts: 2
          |     ^^^^^^^^^^^^^^^^^^^^^^

      crew.yaml:12:5 warning tasks.essay.markdown: the output has a schema, so that it is JSON and no Markdown
        12 |     markdown: true
           |     ^^^^^^^^

      crew.yaml:14:1 warning planning_llm: no plan is made, so this model has no use
        14 | planning_llm: openai/gpt-4o
           | ^^^^^^^^^^^^
           = add planning: true, or remove it
      "
    `);
    const { tasks, agents, planning } = await definitionOf(text);
    expect([tasks[0]?.markdown, agents[0]?.dateFormat, agents[0]?.reasoningAttempts, planning]).toEqual([
      false,
      undefined,
      0,
      undefined,
    ]);
  });

  it('of the model are kept, and what follows the answer in its template ends it', async () => {
    const agent = `llm: { model: openai/gpt-4o, stop: [END] }
function_calling_llm: openai/gpt-4.1
response_template: |
  <start>{{ .Response }}<end>`;
    const { agents } = await definitionOf(crewWith(agent));
    expect(agents[0]?.models[0]?.stop).toEqual(['END', '<end>']);
    expect(agents[0]?.functionCallingModels?.[0]?.stop).toEqual(['<end>']);
  });

  it('are read', async () => {
    const text = crewWith(
      'inject_date: true\nuse_system_prompt: false\nreasoning: true\nsystem_template: "a {{ .System }}"',
      'markdown: true',
    );
    const { agents, tasks, language, planning } = await definitionOf(
      `${text}language: " French "\nplanning: true\nplanning_llm: openai/gpt-4o\n`,
    );
    expect([agents[0]?.dateFormat, agents[0]?.useSystemPrompt, agents[0]?.reasoningAttempts]).toEqual([
      '%Y-%m-%d',
      false,
      3,
    ]);
    expect([agents[0]?.templates.system, tasks[0]?.markdown, language]).toEqual(['a {{ .System }}', true, 'French']);
    expect(planning?.models.map(({ reference }) => reference)).toEqual(['openai/gpt-4o']);
  });
});

it('leaves the paragraphs of a description as they are', async () => {
  const text = `agents:
  writer: { role: Writer, goal: Write, backstory: Wrote }
tasks:
  essay:
    description: |

      First:

        - indented   twice

      Last.

    expected_output: Text
`;
  const { tasks } = await definitionOf(text);
  expect(tasks[0]?.description).toBe('First:\n\n  - indented   twice\n\nLast.');
});
