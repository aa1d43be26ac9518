import { expect, it } from 'vitest';
import { EXIT, type ErrorResult, type ExitCode } from '../../src/errors.js';
import { failure, hang, type ServerScript, text, toolCalls } from '../helpers/provider-server.js';
import { createScene, type ProcessOptions, type ProcessOutcome, type Scene } from '../helpers/run-process.js';

const CREW = `name: brief
models: { m: { model: openai/gpt-4.1-mini, max_retries: 0 } }
agents:
  analyst: { role: Analyst, goal: Find facts, backstory: You search., llm: m }
tasks:
  research: { description: Research solar., expected_output: Facts. }
  write: { description: Write it., expected_output: A text. }
`;
const STRICT = CREW.replace(
  'expected_output: A text.',
  'expected_output: A text., guardrail_max_retries: 1, output_json: { type: object, required: [title] }',
);
const PAYING = CREW.replace('You search.,', 'You pay., tools: [./pay.js],');

/** Says so and never ends. */
const PAY = `export default {
  description: 'Pays.',
  parameters: { type: 'object', properties: { amount: { type: 'number' } } },
  execute(_args, { log }) {
    log('paying');
    return new Promise(() => undefined);
  },
};
`;

/** Preloaded into the process: an answer cannot be read any more, which nothing but a bug could be the reason for. */
const BUG = `const { replaceAll } = String.prototype;
String.prototype.replaceAll = function (pattern, replacement) {
  if (String(pattern).includes('think')) throw new TypeError('text is not iterable');
  return replaceAll.call(this, pattern, replacement);
};
`;

type Format = 'json' | 'jsonl';

type Act = (scene: Scene, format: Format) => Promise<ProcessOutcome>;

interface Row {
  readonly exit: ExitCode;
  readonly way: string;
  readonly status: string;
  /** Of the error. */
  readonly code: string | null;
  readonly crew?: string;
  readonly script?: ServerScript;
  readonly env?: ProcessOptions['env'];
  /** Default: a kickoff that nobody disturbs. */
  readonly act?: Act;
}

const kickoff = (format: Format): string[] => ['kickoff', 'crew.yaml', '--quiet', '--format', format];

/** A kickoff that gets a signal while its second call is under way. */
const stoppedBy =
  (signal: NodeJS.Signals): Act =>
  async (scene, format) => {
    const { child, ended } = scene.start(kickoff(format));
    await scene.server.waitForRequests(2);
    child.kill(signal);
    return ended;
  };

/** A resume of a run that was killed while a tool with effects was at work. */
const resumedAfterKill: Act = async (scene, format) => {
  const { child, ended } = scene.start(kickoff('jsonl'));
  await new Promise<void>((resolve) =>
    child.stdout?.on('data', (chunk: Buffer) => {
      if (chunk.toString().includes('tool-log')) resolve();
    }),
  );
  child.kill('SIGKILL');
  await ended;
  return scene.crew(['resume', '--quiet', '--format', format]);
};

const ANSWERS = [text('Solar grew.'), text('A text.')];

const ROWS: readonly Row[] = [
  { exit: 0, way: 'a run that is done', status: 'completed', code: null, script: ANSWERS },
  {
    exit: 1,
    way: 'a model that answers with nothing',
    status: 'failed',
    code: 'task',
    script: [text('Solar grew.'), text(''), text(''), text('')],
  },
  {
    exit: 2,
    way: 'a definition that is none',
    status: 'failed',
    code: 'definition',
    crew: CREW.replace('role: Analyst,', ''),
    script: [],
  },
  {
    exit: 3,
    way: 'an output schema that is never met',
    status: 'failed',
    code: 'unmet',
    crew: STRICT,
    script: [text('Solar grew.'), text('no JSON'), text('{}')],
  },
  {
    exit: 4,
    way: 'a limit',
    status: 'failed',
    code: 'limit',
    crew: `${CREW}limits: { max_model_calls: 1 }\n`,
    script: [text('Solar grew.')],
  },
  {
    exit: 5,
    way: 'a resume that has to ask whether a call was done',
    status: 'needs_input',
    code: 'needs-input',
    crew: PAYING,
    script: [toolCalls([{ id: 'call_1', name: 'pay', arguments: { amount: 5 } }])],
    act: resumedAfterKill,
  },
  {
    exit: 6,
    way: 'a provider that refuses the key',
    status: 'failed',
    code: 'provider',
    script: [text('Solar grew.'), failure(401, 'bad key')],
  },
  {
    exit: 70,
    way: 'a bug',
    status: 'failed',
    code: 'bug',
    script: [text('Solar grew.')],
    env: { NODE_OPTIONS: '--import=./bug.mjs' },
  },
  {
    exit: 130,
    way: 'Ctrl-C',
    status: 'interrupted',
    code: 'interrupted',
    script: [text('Solar grew.'), hang],
    act: stoppedBy('SIGINT'),
  },
  {
    exit: 143,
    way: 'SIGTERM',
    status: 'interrupted',
    code: 'interrupted',
    script: [text('Solar grew.'), hang],
    act: stoppedBy('SIGTERM'),
  },
];

interface Result {
  readonly run_id: string | null;
  readonly status: string;
  readonly exit_code: number;
  readonly error: ErrorResult | null;
  readonly tasks_output: readonly {
    readonly name: string;
    readonly status: string;
    readonly error: ErrorResult | null;
  }[];
}

/** The scenario in a folder of its own: what the process printed and ended with, and the scene as it is then. */
async function play({ crew = CREW, script = [], env, act }: Row, format: Format) {
  const scene = await createScene({ 'crew.yaml': crew, 'pay.js': PAY, 'bug.mjs': BUG }, script);
  const outcome = await (act ? act(scene, format) : scene.crew(kickoff(format), { env }));
  scene.server.assertDone();
  return { scene, ...outcome };
}

/** A result without what differs from run to run. */
function tidied({ run_id: runId, ...result }: Result): unknown {
  const words = JSON.stringify(result)
    .replaceAll(runId ?? '<none>', '<run>')
    .replaceAll(/"duration_ms":\d+/g, '"duration_ms":0');
  return JSON.parse(words);
}

it('of every row of the table is reached by a command', () => {
  expect(ROWS.map(({ exit }) => exit)).toEqual(Object.values(EXIT));
});

for (const row of ROWS) {
  it(`is ${row.exit} after ${row.way}, and everything that tells of the run agrees`, async () => {
    const [json, jsonl] = await Promise.all([play(row, 'json'), play(row, 'jsonl')]);
    const result = JSON.parse(json.stdout) as Result;
    const { type, ...last } = JSON.parse(jsonl.stdout.trimEnd().split('\n').at(-1) ?? '') as Result & { type: string };
    expect([json.exitCode, jsonl.exitCode, type]).toEqual([row.exit, row.exit, 'run-end']);
    expect([result.status, result.exit_code, result.error?.code ?? null]).toEqual([row.status, row.exit, row.code]);
    expect(tidied(last)).toEqual(tidied(result));
    await expectHistory(json.scene, result);
    await expectHistory(jsonl.scene, last);
  });
}

/** What the database, `crew runs` and `crew show` say of the only run has to be what the result says. */
async function expectHistory(scene: Scene, { run_id, status, exit_code, error, tasks_output }: Result): Promise<void> {
  const listed = JSON.parse((await scene.crew(['runs', '--format', 'json'])).stdout) as object[];
  const shown = await scene.crew(['show', '--format', 'json']);
  const runs = scene.query<{ error: string | null }>('SELECT id AS run_id, status, exit_code, error FROM runs');
  const stored = runs.map((run) => ({ ...run, error: JSON.parse(run.error ?? 'null') as unknown }));
  if (run_id === null) {
    expect([stored, listed, shown.exitCode]).toEqual([[], [], EXIT.usage]);
    return;
  }
  const told = { run_id, status, exit_code, error };
  expect(stored).toEqual([told]);
  expect(listed).toMatchObject([told]);
  const tasks = tasks_output.map((task) => ({ name: task.name, status: task.status, error: task.error }));
  expect(JSON.parse(shown.stdout)).toMatchObject({ ...told, tasks });
}

it('is 70 with the stack of the bug and how to report it', async () => {
  const bug = ROWS.find(({ exit }) => exit === EXIT.bug) as Row;
  const { scene, stderr } = await play(bug, 'json');
  expect(
    scene
      .tidy(stderr)
      .replaceAll(/\n {4}at .*/g, '\n    at <place>')
      .replaceAll(/(\n {4}at <place>)+/g, '\n    at <places>'),
  ).toMatchInlineSnapshot(`
    "error: task research: text is not iterable
    error: this is a bug in crew 0.1.0
    TypeError: text is not iterable
        at <places>
    hint: please report it with the lines above and the definition
    "
  `);
});
