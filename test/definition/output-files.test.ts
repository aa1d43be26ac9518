import { expect, it } from 'vitest';
import { definitionOf, problemsOf } from '../helpers/check-text.js';

const AGENT = `agents:
  writer: { role: Writer, goal: Write, backstory: Wrote, verbose: true }
`;

it('reads further files, whether folders are made, and how the run is shown', async () => {
  const definition = await definitionOf(`full_output: true
stream: true
verbose: true
output_log_file: true
${AGENT}tasks:
  write:
    description: Write
    expected_output: Text
    output_json: { type: object, properties: { title: { type: string } } }
    outputs: { " out/report.md": raw, data.json: json }
    create_directory: false
`);
  const { fullOutput, stream, verbose, outputLogFile, tasks, agents } = definition;
  expect({ fullOutput, stream, verbose, outputLogFile, isAgentVerbose: agents[0]?.verbose }).toEqual({
    fullOutput: true,
    stream: true,
    verbose: true,
    outputLogFile: 'logs.txt',
    isAgentVerbose: true,
  });
  expect(tasks[0]?.outputs).toEqual([
    { path: 'out/report.md', as: 'raw' },
    { path: 'data.json', as: 'json' },
  ]);
  expect(tasks[0]?.createDirectory).toBe(false);
});

it('puts environment variables into the path of the log', async () => {
  const text = `output_log_file: "${'$'}{LOGS:-logs}/run.json"\n${AGENT}tasks:\n  a: { description: Do, expected_output: Text }\n`;
  expect((await definitionOf(text)).outputLogFile).toBe('logs/run.json');
  expect((await definitionOf(text, { env: { LOGS: 'new' } })).outputLogFile).toBe('new/run.json');
});

it('points at outputs that cannot be written', async () => {
  expect(
    await problemsOf(`inputs: { topic: sun }
output_log_file: [a]
${AGENT}tasks:
  write:
    description: Write
    expected_output: Text
    outputs:
      data.json: json
      "": raw
      "{topik}.md": raw
  check: { description: Check, expected_output: Text, outputs: { a.md: text } }
`),
  ).toMatchInlineSnapshot(`
    "
    crew.yaml:2:18 output_log_file: must be true, or a file, not a list
      2 | output_log_file: [a]
        |                  ^^^

    crew.yaml:10:18 tasks.write.outputs.data.json: json needs an output schema: without one the output is only text
      10 |       data.json: json
         |                  ^^^^
         = add output_json, or write raw

    crew.yaml:11:7 tasks.write.outputs.: a file needs a name
      11 |       "": raw
         |       ^^

    crew.yaml:12:7 warning tasks.write.outputs.{topik}.md: there is no input "topik", so {topik} stays as it is
      12 |       "{topik}.md": raw
         |       ^^^^^^^^^^^^
         = did you mean {topic}?

    crew.yaml:13:72 tasks.check.outputs.a.md: must be raw or json, not "text"
      13 |   check: { description: Check, expected_output: Text, outputs: { a.md: text } }
         |                                                                        ^^^^
    "
  `);
});
