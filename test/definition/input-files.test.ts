import { describe, expect, it } from 'vitest';
import { interpolateDefinition } from '../../src/definition/interpolate.js';
import { definitionOf, problemsOf } from '../helpers/check-text.js';

const AGENTS = `agents:
  seer: { role: Seer, goal: See, backstory: Saw, multimodal: true }
  writer: { role: Writer, goal: Write, backstory: Wrote }
`;

describe('input_files', () => {
  it('have the inputs put in, and each is there once', async () => {
    const definition = await definitionOf(`inputs: { region: eu }
${AGENTS}tasks:
  look: { description: Look, expected_output: Text, agent: seer, input_files: ["data/{region}.csv", a.png, a.png] }
`);
    expect(interpolateDefinition(definition, { region: 'us' }).tasks[0]?.inputFiles).toEqual(['data/us.csv', 'a.png']);
  });

  it('take environment variables, as other paths do', async () => {
    const { tasks } = await definitionOf(
      `${AGENTS}tasks:
  look: { description: Look, expected_output: Text, agent: seer, input_files: ["\${DATA:-data}/a.csv"] }
  write: { description: Write, expected_output: Text, agent: writer }
`,
      { env: { DATA: 'here' } },
    );
    expect(tasks[0]?.inputFiles).toEqual(['here/a.csv']);
  });

  it('of images and PDF need somebody who can be given them', async () => {
    expect(
      await problemsOf(`models:
  fast: groq/llama-4
agents:
  seer: { role: Seer, goal: See, backstory: Saw, multimodal: true, llm: fast }
  writer: { role: Writer, goal: Write, backstory: Wrote, multimodal: true, llm: [openai/gpt-4o, deepseek/deepseek-chat] }
  editor: { role: Editor, goal: Edit, backstory: Edited }
tasks:
  look: { description: Look, expected_output: Text, agent: seer, input_files: [chart.png, report.pdf] }
  write: { description: Write, expected_output: Text, agent: writer, input_files: [notes.md, chart.png, "{region}.PDF"] }
  edit: { description: Edit, expected_output: Text, agent: editor, input_files: [notes.md, "{region}.JPG"] }
  check: { description: Check, expected_output: Text, agent: editor, input_files: [7] }
`),
    ).toMatchInlineSnapshot(`
      "
      crew.yaml:8:91 tasks.look.input_files[1]: the models of groq cannot be given PDF files
        8 |   look: { description: Look, expected_output: Text, agent: seer, input_files: [chart.png, report.pdf] }
          |                                                                                           ^^^^^^^^^^
          = give agents.seer a model of another provider, such as openai, anthropic or google

      crew.yaml:9:105 tasks.write.input_files[2]: the models of deepseek cannot be given PDF files
        9 | …ter, input_files: [notes.md, chart.png, "{region}.PDF"] }
          |                                          ^^^^^^^^^^^^^^
          = give agents.writer a model of another provider, such as openai, anthropic or google

      crew.yaml:9:106 warning tasks.write.input_files[2]: there is no input "region", so {region} stays as it is
        9 | …er, input_files: [notes.md, chart.png, "{region}.PDF"] }
          |                                          ^^^^^^^^
          = declare it under inputs, or write {{region}} if the braces are meant

      crew.yaml:10:92 tasks.edit.input_files[1]: agent "editor" cannot be given images
        10 |   edit: { description: Edit, expected_output: Text, agent: editor, input_files: [notes.md, "{region}.JPG"] }
           |                                                                                            ^^^^^^^^^^^^^^
           = write multimodal: true below agents.editor, if its model takes images

      crew.yaml:11:84 tasks.check.input_files[0]: must be text, not a number
        11 |   check: { description: Check, expected_output: Text, agent: editor, input_files: [7] }
           |                                                                                    ^
           = put it in quotes: "7"
      "
    `);
  });

  it('of a hierarchical crew need a coworker of the task who can be given them', async () => {
    expect(
      await problemsOf(`process: hierarchical
manager_llm: openai/gpt-4o
${AGENTS}tasks:
  look: { description: Look, expected_output: Text, agent: writer, input_files: [chart.png] }
  write: { description: Write, expected_output: Text, coworkers: [writer], input_files: [chart.png] }
`),
    ).toMatchInlineSnapshot(`
      "
      crew.yaml:8:90 tasks.write.input_files[0]: none of the coworkers can be given images
        8 |   write: { description: Write, expected_output: Text, coworkers: [writer], input_files: [chart.png] }
          |                                                                                          ^^^^^^^^^
          = write multimodal: true below the agent whose model takes images
      "
    `);
  });
});
