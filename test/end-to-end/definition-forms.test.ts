import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { text } from '../helpers/provider-server.js';
import { createReplayScene } from '../helpers/replay-scene.js';
import { createScene } from '../helpers/run-process.js';

const SHARED = `models: { m: { model: openai/gpt-4.1-mini, max_retries: 0 } }
inputs: { topic: solar }
agents:
  analyst: { role: Analyst, goal: Find facts, backstory: You search., llm: m, tools: [./look.js] }
  writer: { role: Writer, goal: Write well, backstory: You write., llm: m }
`;
const OWN = `extends: team/shared.yaml
name: brief
tasks:
  research: { description: "Research {topic}.", expected_output: Facts., agent: analyst }
  write: { description: Write it., expected_output: A text., agent: writer }
`;
const LOOK = "export default { description: 'Looks.', parameters: { type: 'object' }, execute: () => 'a' };\n";

describe('a crew that extends another file', () => {
  const files = { 'team/shared.yaml': SHARED, 'team/look.js': LOOK };

  it('runs with its agents, models and inputs, and the tools beside them', async () => {
    const scene = await createReplayScene({ crew: OWN, files });
    const outcome = await scene.crew(['kickoff']);
    expect(outcome).toMatchObject({ exitCode: 0, stdout: 'Write 2.\n' });
    expect(scene.server.requests[0]?.body.tools?.map((tool) => tool.function.name)).toEqual(['look']);
    const [{ definition_files: stored } = { definition_files: '' }] = scene.query<{ definition_files: string }>(
      'SELECT definition_files FROM runs',
    );
    expect(JSON.parse(stored)).toEqual([
      { path: 'crew.yaml', text: OWN },
      { path: 'team/shared.yaml', text: SHARED },
    ]);
  });

  it('is replayed from its record when the other file is gone', async () => {
    const scene = await createReplayScene({ crew: OWN, files });
    await scene.kickoff();
    scene.newCalls();
    rmSync(join(scene.folder, 'team/shared.yaml'));
    const broken = await scene.replay('-t', 'write');
    expect(`\n${scene.transcript(broken)}`).toMatchInlineSnapshot(`
      "
      exit 2
      --- stderr
      <folder>/crew.yaml:1:10 extends: team/shared.yaml: there is no such file
        1 | extends: team/shared.yaml
          |          ^^^^^^^^^^^^^^^^
          = paths start at the definition's folder
      hint: --as-recorded takes the definition as the run has it; --file names another file.
      "
    `);
    const recorded = await scene.replay('-t', 'write', '--as-recorded', '--quiet');
    expect(recorded).toMatchObject({ exitCode: 0, stdout: 'Write 3.\n' });
    expect(scene.newCalls()).toEqual(['Write research=Research 1.']);
  });

  it('says what is wrong in the file where it is', async () => {
    const scene = await createScene({
      'crew.yaml': OWN,
      'team/shared.yaml': SHARED.replace('goal: Write well', 'gaol: Write well').replace('./look.js', './lok.js'),
    });
    expect(await scene.refusal(['kickoff', 'crew.yaml'])).toMatchInlineSnapshot(`
      "
      team/shared.yaml:4:87 agents.analyst.tools[0]: ./team/lok.js: there is no such file
        4 |   analyst: { role: Analyst, goal: Find facts, backstory: You search., llm: m, tools: [./lok.js] }
          |                                                                                       ^^^^^^^^
          = paths start at the definition's folder

      team/shared.yaml:5:27 agents.writer.gaol: unknown key
        5 |   writer: { role: Writer, gaol: Write well, backstory: You write., llm: m }
          |                           ^^^^
          = did you mean "goal"?
      "
    `);
  });
});

describe("crewAI's newer layout", () => {
  const files = {
    'crew.jsonc': `{
  // Made by \`crewai create crew\`.
  "name": "brief",
  "agents": ["analyst", "writer"],
  "tasks": [
    { "name": "research", "description": "Research {topic}.", "expected_output": "Facts.", "agent": "analyst" },
    { "name": "write", "description": "Write it.", "expected_output": "A text.", "agent": "writer", "context": ["research"], },
  ],
  "process": "sequential",
  "memory": false,
  "inputs": { "topic": "solar" },
}
`,
    'agents/analyst.jsonc': `{
  "role": "Analyst", /* finds */ "goal": "Find facts", "backstory": "You search.",
  "settings": { "max_iter": 5, "verbose": false },
}
`,
    'agents/writer.json': '{ "role": "Writer", "goal": "Write well", "backstory": "You write." }\n',
  };

  it('is found and runs as it is', async () => {
    const scene = await createScene(files, ({ messages }) =>
      text(String(messages[1]?.content).includes('Research') ? 'Solar grows.' : 'An article.'),
    );
    const outcome = await scene.crew(['kickoff']);
    expect(`\n${scene.transcript(outcome)}`).toMatchInlineSnapshot(`
      "
      exit 0
      --- stdout
      An article.
      --- stderr
      using crew.jsonc
      brief run <run> · sequential · 2 tasks
      research 1/2 · Analyst
      ✓ research completed · <time> · 15 tokens · <$0.0001
      write 2/2 · Writer
      ✓ write completed · <time> · 15 tokens · <$0.0001
      done · run <run> · <time> · 30 tokens · <$0.0001
      see it: crew show <run>
      "
    `);
    const shown = await scene.crew(['show', '--format', 'json']);
    expect(JSON.parse(shown.stdout)).toMatchObject({ crew: 'brief', inputs: { topic: 'solar' } });
  });

  it('says what is wrong at its line', async () => {
    const scene = await createScene({ ...files, 'agents/writer.json': '{ "role": "Writer", "memory": true }\n' });
    expect(await scene.refusal(['kickoff'])).toMatchInlineSnapshot(`
      "
      using crew.jsonc
      agents/writer.json:1:1 agents[1]: goal is missing
        1 | { "role": "Writer", "memory": true }
          | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
          = What the agent is there to reach.

      agents/writer.json:1:1 agents[1]: backstory is missing
        1 | { "role": "Writer", "memory": true }
          | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
          = Who the agent is and how it works.

      agents/writer.json:1:21 agents[1].memory: not supported in this version
        1 | { "role": "Writer", "memory": true }
          |                     ^^^^^^^^
          = remove it: a task is given the outputs of earlier ones by its context, and \`crew show\` has every run
      "
    `);
  });
});
