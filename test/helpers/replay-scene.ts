import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ChatRequestBody, type ServerAnswer, text } from './provider-server.js';
import { createScene, type ProcessOutcome, type Scene } from './run-process.js';

/** A crew of three tasks, the later ones reading the earlier ones. */
export const BRIEF = `name: brief
models: { m: { model: openai/gpt-4.1-mini, max_retries: 0 } }
inputs: { topic: solar }
agents:
  analyst: { role: Analyst, goal: Find facts, backstory: You search., llm: m }
  writer: { role: Writer, goal: Write well, backstory: You write., llm: m }
tasks:
  research: { description: "Research {topic}.", expected_output: Facts., agent: analyst }
  outline: { description: Outline it., expected_output: An outline., agent: writer }
  write: { description: Write it., expected_output: A text., agent: writer }
`;

/** Texts to replace, one after the other. */
export type Edit = readonly (readonly [from: string, to: string])[];

/** A scene with a crew in `crew.yaml`, whose answers are numbered, so that each can be told from the others. */
export interface ReplayScene extends Scene {
  /** Runs `crew kickoff crew.yaml` quietly and gives back the run's id. */
  kickoff(...args: string[]): Promise<string>;
  /** Runs `crew replay` with these arguments. */
  replay(...args: string[]): Promise<ProcessOutcome>;
  /** Plan, refusal and way on of a dry run, tidied, without colours. */
  plan(...args: string[]): Promise<string>;
  /** With runs named by their order: `run-0001` is the first. */
  tidy(text: string): string;
  transcript(outcome: ProcessOutcome): string;
  /** Calls since the last time this was asked: first word of the task and what its prompt has of other tasks. */
  newCalls(): string[];
  /** Id of the run that began last. */
  latestRun(): string;
  /** Tasks of a run: status, source, and output where the row holds one. */
  tasksOf(runId: string): string[];
  /** All rows of a run as they are stored. */
  storedOf(runId: string): unknown;
  /** Replaces texts in `crew.yaml` as it was in the beginning, one after the other; each has to be there. */
  edit(...changes: Edit): void;
}

export interface ReplaySceneOptions {
  readonly crew?: string;
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** Undefined: the next numbered answer. */
  readonly answer?: (body: ChatRequestBody, task: string) => ServerAnswer | undefined;
}

/** As long as a run id, so that columns stay where they are, and none. */
function nameOf(index: number): string {
  return `run-${String(index + 1).padStart(4, '0')}`;
}

/** First word of the task that a call is about. */
export function taskIn({ messages }: ChatRequestBody): string {
  return /Task: (\w+)/.exec(String(messages[1]?.content))?.[1] ?? '';
}

/** Makes the scene; see ReplayScene. */
export async function createReplayScene({
  crew = BRIEF,
  files = {},
  answer,
}: ReplaySceneOptions = {}): Promise<ReplayScene> {
  let count = 0;
  const scene = await createScene({ 'crew.yaml': crew, ...files }, (body) => {
    const task = taskIn(body);
    return answer?.(body, task) ?? text(`${task} ${(count += 1)}.`);
  });
  let seen = 0;
  const runIds = (): string[] =>
    scene.query<{ id: string }>('SELECT id FROM runs ORDER BY started_at, rowid').map(({ id }) => id);
  const latestRun = (): string => runIds().at(-1) ?? '';
  const named = (words: string): string =>
    runIds().reduce((result, id, index) => result.replaceAll(id, nameOf(index)), words);
  const tidy = (words: string): string => scene.tidy(named(words));
  const replay: ReplayScene['replay'] = (...args) => scene.crew(['replay', ...args]);
  return {
    ...scene,
    async kickoff(...args) {
      const { stderr } = await scene.crew(['kickoff', 'crew.yaml', '--quiet', ...args]);
      if (latestRun() === '') throw new Error(stderr);
      return latestRun();
    },
    replay,
    tidy,
    transcript: ({ exitCode, stdout, stderr }) =>
      scene.transcript({ exitCode, stdout: named(stdout), stderr: named(stderr) }),
    plan: async (...args) => {
      const { exitCode, stdout, stderr } = await replay(...args, '--dry-run');
      return `\n${tidy(stdout + stderr)}${exitCode === 0 ? '' : `exit ${exitCode}\n`}`;
    },
    newCalls: () => {
      const calls = scene.server.requests.slice(seen).map(({ body }) => {
        const results = [...String(body.messages[1]?.content).matchAll(/<result task="(\S+)">\n(.*?)\n<\/result>/gs)];
        return [taskIn(body), ...results.map(([, key, output]) => `${key}=${output}`)].join(' ');
      });
      seen = scene.server.requests.length;
      return calls;
    },
    latestRun,
    tasksOf: (runId) => {
      const ids = runIds();
      return scene
        .query<Readonly<Record<'task_key' | 'status' | 'source_run_id' | 'source_task_key' | 'raw', string | null>>>(
          `SELECT * FROM task_outputs WHERE run_id = '${runId}' ORDER BY position`,
        )
        .map(({ task_key: key, status, source_run_id: source, source_task_key: sourceKey, raw }) =>
          [
            `${key} ${status}`,
            ...(source === null ? [] : [`of ${nameOf(ids.indexOf(source))}/${sourceKey}`]),
            ...(raw === null ? [] : [raw]),
          ].join(', '),
        );
    },
    storedOf: (runId) => [
      scene.query(`SELECT * FROM runs WHERE id = '${runId}'`),
      scene.query(`SELECT * FROM task_outputs WHERE run_id = '${runId}'`),
      scene.query(`SELECT * FROM steps WHERE run_id = '${runId}'`),
    ],
    edit: (...changes) => {
      const edited = changes.reduce((content, [from, to]) => {
        if (!content.includes(from)) throw new Error(`the crew has no ${from}`);
        return content.replaceAll(from, to);
      }, crew);
      writeFileSync(join(scene.folder, 'crew.yaml'), edited);
    },
  };
}

/** A crew of four tasks with a tool, an output schema and contexts of their own. */
export const REPORT = `name: brief
models: { m: { model: openai/gpt-4.1-mini, max_retries: 0 } }
inputs: { topic: solar }
agents:
  analyst: { role: Analyst, goal: Find facts, backstory: You search., llm: m, tools: [./tool.js] }
  writer: { role: Writer, goal: Write well, backstory: You write., llm: m }
tasks:
  research: { description: "Research {topic}.", expected_output: Facts., agent: analyst }
  outline:
    description: Outline it.
    expected_output: An outline.
    agent: writer
    output_json: { type: object, properties: { title: { type: string } }, required: [title] }
  check: { description: Check it., expected_output: A list., agent: analyst, context: [research] }
  write: { description: Write it., expected_output: A text., agent: writer, context: [outline] }
`;

/** The file of its tool. */
export const TOOL = "export default { description: 'Looks.', parameters: { type: 'object' }, execute: () => 'a' };\n";

/** A scene with one finished run of that crew. */
export async function createFinishedReport(): Promise<ReplayScene> {
  const scene = await createReplayScene({
    crew: REPORT,
    files: { 'tool.js': TOOL },
    answer: (_body, task) => (task === 'Outline' ? text('{"title":"Sun"}') : undefined),
  });
  // One after the other, in its replays too, so that answers have their numbers in file order.
  await scene.kickoff('--concurrency', '1');
  scene.newCalls();
  return scene;
}
