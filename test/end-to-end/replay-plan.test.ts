import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createFinishedReport, type Edit, REPORT, type ReplayScene, TOOL } from '../helpers/replay-scene.js';

type Edits = Readonly<Record<string, Edit>>;

/** The plans of a replay after each of the edits; none of them calls or stores anything. */
async function plansOf(scene: ReplayScene, edits: Edits, ...args: string[]): Promise<string> {
  const stored = scene.storedOf(scene.latestRun());
  const plans: string[] = [];
  for (const [name, edit] of Object.entries(edits)) {
    scene.edit(...edit);
    plans.push(`\n## ${name}${await scene.plan(...args)}`);
  }
  expect(scene.newCalls()).toEqual([]);
  expect(scene.query('SELECT count(*) AS count FROM runs')).toEqual([{ count: 1 }]);
  expect(scene.storedOf(scene.latestRun())).toEqual(stored);
  return plans.join('');
}

const EDITS_OF_RESEARCH: Edits = {
  description: [['Research {topic}.', 'Study {topic}.']],
  'expected output': [['Facts.', 'Five facts.']],
  agent: [['expected_output: Facts., agent: analyst', 'expected_output: Facts., agent: writer']],
  goal: [['Find facts', 'Find many facts']],
  role: [['role: Analyst', 'role: Researcher']],
  backstory: [['You search.', 'You search twice.']],
  'model settings': [['max_retries: 0', 'max_retries: 0, temperature: 0.5']],
  'tool list': [['tools: [./tool.js]', 'tools: [./tool.js, read_file]']],
  'a new input': [
    ['{topic}.', '{topic} in {place}.'],
    ['topic: solar', 'topic: solar, place: Rome'],
  ],
};

const EDITS_OF_OTHERS: Edits = {
  'description of the chosen one': [['Outline it.', 'Sketch it.']],
  'schema of the chosen one': [['required: [title]', 'required: [title], additionalProperties: false']],
  'a task after it': [['Write it.', 'Sing it.']],
  'context of a task after it': [['context: [outline]', 'context: [research, outline]']],
};

const EDITS_OF_NOTHING: Edits = {
  'comments and spaces': [
    ['name: brief', '# A comment.\n\nname:   brief # another'],
    ['Outline it.', '"Outline it."'],
  ],
  'the order of keys': [
    ['description: Check it., expected_output: A list.', 'expected_output: A list., description: Check it.'],
  ],
  'the order of agents': [
    ['  writer: { role: Writer, goal: Write well, backstory: You write., llm: m }\n', ''],
    ['agents:\n', 'agents:\n  writer: { role: Writer, goal: Write well, backstory: You write., llm: m }\n'],
  ],
  'the name of an agent': [['analyst', 'finder']],
  'limits, retries and files': [
    ['name: brief', 'name: short\nlimits: { budget_usd: 3, timeout: 5m }\nmax_rpm: 100'],
    ['max_retries: 0', 'max_retries: 1, timeout: 30s'],
    ['expected_output: A text.', 'expected_output: A text., output_file: out.md'],
  ],
};

const WRITE = '  write: { description: Write it., expected_output: A text., agent: writer, context: [outline] }\n';
const CHECK = '  check: { description: Check it., expected_output: A list., agent: analyst, context: [research] }\n';
const NEW = '  extra: { description: Add it., expected_output: More., agent: writer, context: [research] }\n';

const EDITS_OF_THE_LIST: Edits = {
  'a task before it is new': [[CHECK, NEW + CHECK]],
  'a task after it is new': [[WRITE, WRITE + NEW]],
  'a task before it has another name': [['research', 'finding']],
  'a task after it has another name': [['  write:', '  text:']],
  'two tasks have changed places': [
    [CHECK, ''],
    ['  outline:\n', `${CHECK}  outline:\n`],
  ],
  'a task after it has moved before it': [
    [WRITE, ''],
    [CHECK, WRITE + CHECK],
  ],
  'a task before it is gone': [
    [/  outline:\n(?:    .*\n)+/.exec(REPORT)?.[0] ?? '', ''],
    [', context: [outline]', ''],
  ],
  'a task after it is gone': [[WRITE, '']],
};

describe('the plan of a replay', () => {
  it('refuses a task before the chosen one that was edited, and says what was', async () => {
    const scene = await createFinishedReport();
    const plans = await plansOf(scene, EDITS_OF_RESEARCH, '-t', 'outline');
    expect(plans.split('\n## ')[1]).toMatchInlineSnapshot(`
      "description
      Replay of run-0001
      1  research  refused    stale because description changed
      2  outline   run again  chosen
      3  check     run again  follows outline
      4  write     run again  follows outline
      error: an output of run run-0001 cannot be reused:
        research: description changed
      hint: -t run-0001/research runs again from there; --auto runs again what has changed or is missing, and what depends on it; --force reuses what is stale; --as-recorded keeps to the definition of that run
      exit 2
      "
    `);
    expect(plans.match(/(?:## .*|(?<=1 {2}research ).*)$/gm)?.join('\n')).toMatchInlineSnapshot(`
      "## description
       refused    stale because description changed
      ## expected output
       refused    stale because expected output changed
      ## agent
       refused    stale because now done by writer instead of analyst
      ## goal
       refused    stale because goal changed
      ## role
       refused    stale because role changed
      ## backstory
       refused    stale because backstory changed
      ## model settings
       refused    stale because model settings changed from default to temperature 0.5
      ## tool list
       refused    stale because tools changed: read_file added
      ## a new input
       refused    stale because description changed"
    `);
  });

  it('names both models where the model was edited, and what that concerns', async () => {
    const scene = await createFinishedReport();
    const edits: Edits = { model: [['openai/gpt-4.1-mini', 'openai/gpt-4o']] };
    expect(await plansOf(scene, edits, '-t', 'write')).toMatchInlineSnapshot(`
      "
      ## model
      Replay of run-0001
      1  research  refused    stale because model changed from openai/gpt-4.1-mini to openai/gpt-4o
      2  outline   refused    stale because model changed from openai/gpt-4.1-mini to openai/gpt-4o
      3  check     refused    stale because model changed from openai/gpt-4.1-mini to openai/gpt-4o
      4  write     run again  chosen
      error: 3 outputs of run run-0001 cannot be reused:
        research: model changed from openai/gpt-4.1-mini to openai/gpt-4o
        outline: model changed from openai/gpt-4.1-mini to openai/gpt-4o
        check: model changed from openai/gpt-4.1-mini to openai/gpt-4o
      hint: -t run-0001/research runs again from there; --auto runs again what has changed or is missing, and what depends on it; --force reuses what is stale; --as-recorded keeps to the definition of that run
      exit 2
      "
    `);
  });

  it('refuses where the code of a tool was edited', async () => {
    const scene = await createFinishedReport();
    writeFileSync(join(scene.folder, 'tool.js'), TOOL.replace("'a'", "'b'"));
    expect(await scene.plan('-t', 'write')).toMatchInlineSnapshot(`
      "
      Replay of run-0001
      1  research  refused    stale because code of tool tool changed
      2  outline   reused     from run-0001/outline
      3  check     refused    stale because code of tool tool changed
      4  write     run again  chosen
      error: 2 outputs of run run-0001 cannot be reused:
        research: code of tool tool changed
        check: code of tool tool changed
      hint: -t run-0001/research runs again from there; --auto runs again what has changed or is missing, and what depends on it; --force reuses what is stale
      exit 2
      "
    `);
  });

  it('refuses where an input is another, and where an upstream output would be', async () => {
    const scene = await createFinishedReport();
    expect(await scene.plan('-t', 'outline', '-i', 'topic=wind')).toMatchInlineSnapshot(`
      "
      Replay of run-0001
      1  research  refused    stale because input topic changed
      2  outline   run again  chosen
      3  check     run again  follows outline
      4  write     run again  follows outline
      error: an output of run run-0001 cannot be reused:
        research: input topic changed
      hint: -t run-0001/research runs again from there; --auto runs again what has changed or is missing, and what depends on it; --force reuses what is stale
      exit 2
      "
    `);
    expect(await scene.plan('--auto', '-i', 'topic=wind')).toMatchInlineSnapshot(`
      "
      Replay of run-0001
      1  research  run again  input topic changed
      2  outline   run again  upstream research runs again
      3  check     run again  upstream research runs again
      4  write     run again  upstream outline runs again
      "
    `);
    expect(await scene.plan('--auto', '-i', 'topic=solar')).toMatchInlineSnapshot(`
      "
      Replay of run-0001
      1  research  reused  from run-0001/research
      2  outline   reused  from run-0001/outline
      3  check     reused  from run-0001/check
      4  write     reused  from run-0001/write
      "
    `);
  });

  it('runs the chosen one and what follows again, whatever was edited there', async () => {
    const scene = await createFinishedReport();
    expect(await plansOf(scene, EDITS_OF_OTHERS, '-t', 'outline')).toMatchInlineSnapshot(`
      "
      ## description of the chosen one
      Replay of run-0001
      1  research  reused     from run-0001/research
      2  outline   run again  chosen
      3  check     run again  follows outline
      4  write     run again  follows outline

      ## schema of the chosen one
      Replay of run-0001
      1  research  reused     from run-0001/research
      2  outline   run again  chosen
      3  check     run again  follows outline
      4  write     run again  follows outline

      ## a task after it
      Replay of run-0001
      1  research  reused     from run-0001/research
      2  outline   run again  chosen
      3  check     run again  follows outline
      4  write     run again  follows outline

      ## context of a task after it
      Replay of run-0001
      1  research  reused     from run-0001/research
      2  outline   run again  chosen
      3  check     run again  follows outline
      4  write     run again  follows outline
      "
    `);
  });

  it('takes no notice of what does not decide an output', async () => {
    const scene = await createFinishedReport();
    const plans = await plansOf(scene, EDITS_OF_NOTHING, '--auto');
    expect(new Set(plans.split(/\n## .*\n/).slice(1))).toMatchInlineSnapshot(`
      Set {
        "Replay of run-0001
      1  research  reused  from run-0001/research
      2  outline   reused  from run-0001/outline
      3  check     reused  from run-0001/check
      4  write     reused  from run-0001/write
      ",
      }
    `);
  });

  it('knows tasks by their names, and by what they do where only the name is new', async () => {
    const scene = await createFinishedReport();
    expect(await plansOf(scene, EDITS_OF_THE_LIST, '-t', 'check')).toMatchInlineSnapshot(`
      "
      ## a task before it is new
      Replay of run-0001
      1  research  reused     from run-0001/research
      2  outline   reused     from run-0001/outline
      3  extra     refused    new
      4  check     run again  chosen
      5  write     run again  follows check
      error: an output of run run-0001 cannot be reused:
        extra: new
      hint: -t run-0001/extra runs again from there; --auto runs again what has changed or is missing, and what depends on it; --as-recorded keeps to the definition of that run
      exit 2

      ## a task after it is new
      Replay of run-0001
      1  research  reused     from run-0001/research
      2  outline   reused     from run-0001/outline
      3  check     run again  chosen
      4  write     run again  follows check
      5  extra     run again  follows check

      ## a task before it has another name
      Replay of run-0001
      1  finding  reused     from run-0001/research
      2  outline  reused     from run-0001/outline
      3  check    run again  chosen
      4  write    run again  follows check

      ## a task after it has another name
      Replay of run-0001
      1  research  reused     from run-0001/research
      2  outline   reused     from run-0001/outline
      3  check     run again  chosen
      4  text      run again  follows check

      ## two tasks have changed places
      Replay of run-0001
      1  research  reused     from run-0001/research
      2  check     run again  chosen
      3  outline   run again  follows check
      4  write     run again  follows check

      ## a task after it has moved before it
      Replay of run-0001
      1  research  reused     from run-0001/research
      2  outline   reused     from run-0001/outline
      3  write     reused     from run-0001/write
      4  check     run again  chosen

      ## a task before it is gone
      Replay of run-0001
      1  research  reused     from run-0001/research
      2  check     run again  chosen
      3  write     run again  follows check

      ## a task after it is gone
      Replay of run-0001
      1  research  reused     from run-0001/research
      2  outline   reused     from run-0001/outline
      3  check     run again  chosen
      "
    `);
  });

  it('finds with --auto what is new, was renamed or depends on it', async () => {
    const scene = await createFinishedReport();
    expect(await plansOf(scene, EDITS_OF_THE_LIST, '--auto')).toMatchInlineSnapshot(`
      "
      ## a task before it is new
      Replay of run-0001
      1  research  reused  from run-0001/research
      2  outline   reused  from run-0001/outline
      3  extra     run     new
      4  check     reused  from run-0001/check
      5  write     reused  from run-0001/write

      ## a task after it is new
      Replay of run-0001
      1  research  reused  from run-0001/research
      2  outline   reused  from run-0001/outline
      3  check     reused  from run-0001/check
      4  write     reused  from run-0001/write
      5  extra     run     new

      ## a task before it has another name
      Replay of run-0001
      1  finding  reused  from run-0001/research
      2  outline  reused  from run-0001/outline
      3  check    reused  from run-0001/check
      4  write    reused  from run-0001/write

      ## a task after it has another name
      Replay of run-0001
      1  research  reused  from run-0001/research
      2  outline   reused  from run-0001/outline
      3  check     reused  from run-0001/check
      4  text      reused  from run-0001/write

      ## two tasks have changed places
      Replay of run-0001
      1  research  reused     from run-0001/research
      2  check     reused     from run-0001/check
      3  outline   run again  context changed: check added
      4  write     run again  upstream outline runs again

      ## a task after it has moved before it
      Replay of run-0001
      1  research  reused  from run-0001/research
      2  outline   reused  from run-0001/outline
      3  write     reused  from run-0001/write
      4  check     reused  from run-0001/check

      ## a task before it is gone
      Replay of run-0001
      1  research  reused     from run-0001/research
      2  check     reused     from run-0001/check
      3  write     run again  context changed: research, check added, outline removed

      ## a task after it is gone
      Replay of run-0001
      1  research  reused  from run-0001/research
      2  outline   reused  from run-0001/outline
      3  check     reused  from run-0001/check
      "
    `);
  });
});
