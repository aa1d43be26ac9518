import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import {
  after,
  type ChatRequestBody,
  createGate,
  type ServerAnswer,
  text,
  toolCalls,
} from '../helpers/provider-server.js';
import { createScene, type Scene } from '../helpers/run-process.js';

/** How often the run is killed; `KILLS=200 npx vitest run --config test/vitest.config.ts test/end-to-end/kill.test.ts` for the long form. */
const KILLS = Number(process.env['KILLS'] ?? 12);

/** How long the provider takes for an answer, milliseconds. */
const CALL_MS = 25;

const CREW = `name: killed
process: hierarchical
manager_llm: openai/gpt-4.1-mini
agents:
  researcher: { role: Researcher, goal: Find facts, backstory: You search. }
  clerk: { role: Clerk, goal: Keep the book, backstory: You write lines., tools: [./append.js] }
  writer: { role: Writer, goal: Write, backstory: You write. }
tasks:
  facts: { description: Find facts on sun and wind., expected_output: A list. }
  book: { description: Enter them in the book., expected_output: A receipt. }
  essay: { description: Write about them., expected_output: A text. }
`;

const APPEND = `import { appendFileSync } from 'node:fs';
export default {
  name: 'append',
  description: 'Appends a line to the book.',
  effects: 'write',
  parameters: { type: 'object', properties: { line: { type: 'string' } }, required: ['line'] },
  async execute({ line }, { stepPath }) {
    await new Promise((resolve) => setTimeout(resolve, 15));
    appendFileSync('book.txt', stepPath + ' ' + line + '\\n');
    await new Promise((resolve) => setTimeout(resolve, 15));
    return 'appended ' + line;
  },
};
`;

const hashOf = (body: ChatRequestBody): string =>
  createHash('sha256').update(JSON.stringify(body)).digest('hex').slice(0, 12);
const roleIn = ({ messages }: ChatRequestBody): string => /^Role: (.*)/.exec(String(messages[0]?.content))?.[1] ?? '';
const promptIn = ({ messages }: ChatRequestBody): string => JSON.stringify(messages[1]?.content);

function delegate(id: string, coworker: string, task: string) {
  return { id, name: 'delegate_work_to_coworker', arguments: { coworker, task, context: '' } };
}

/** What the models answer: the same to the same request, with the request's hash in it. */
function answer(body: ChatRequestBody): ServerAnswer {
  const hash = hashOf(body);
  const results = body.messages.filter(({ role }) => role === 'tool').map(({ content }) => String(content));
  if (roleIn(body) === 'Clerk') {
    if (results.length >= 3) return text(`Entered: ${results.join(', ')}. ${hash}`);
    if (results.length > 0) return toolCalls([append('t3', 'third')], { content: hash });
    return toolCalls([append('t1', 'first'), append('t2', 'second')], { content: hash });
  }
  if (roleIn(body) !== 'Crew Manager') return text(`${roleIn(body)} says so. ${hash}`);
  if (results.length > 0) return text(`${results.join(' ')} ${hash}`);
  const prompt = promptIn(body);
  if (prompt.includes('Task: Find')) {
    return toolCalls([delegate('a', 'Researcher', 'Look up sun.'), delegate('b', 'Researcher', 'Look up wind.')], {
      content: hash,
    });
  }
  if (prompt.includes('Task: Enter')) return toolCalls([delegate('c', 'Clerk', 'Enter it.')], { content: hash });
  return toolCalls([delegate('d', 'Writer', 'Write it.')], { content: hash });
}

function append(id: string, line: string) {
  return { id, name: 'append', arguments: { line } };
}

const outputsOf = (scene: Scene, runId: string) =>
  scene.query(`SELECT task_key, status, raw FROM task_outputs WHERE run_id = '${runId}' ORDER BY position`);

const linesOf = (scene: Scene): string[] => {
  const file = join(scene.folder, 'book.txt');
  return existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];
};

/** The hashes of the requests whose answers are stored. */
function settledHashes(scene: Scene): Set<string> {
  const rows = scene.query<{ response: string }>(
    "SELECT response FROM steps WHERE kind = 'model' AND status = 'completed'",
  );
  return new Set(rows.flatMap(({ response }) => /\b[0-9a-f]{12}\b(?!.*\b[0-9a-f]{12}\b)/.exec(response)?.[0] ?? []));
}

/** Runs the crew, killing it so long after its first call, and goes on with it until it is done. */
async function killAndResume(delayMs: number) {
  let isKilled = false;
  const begun = createGate();
  const before: string[] = [];
  const later: string[] = [];
  const scene = await createScene({ 'crew.yaml': CREW, 'append.js': APPEND }, (body) => {
    begun.open();
    (isKilled ? later : before).push(hashOf(body));
    return after(sleep(CALL_MS), answer(body));
  });
  const { child, ended } = scene.start(['kickoff', 'crew.yaml', '--quiet']);
  await begun.opened;
  await sleep(delayMs);
  child.kill('SIGKILL');
  await ended;
  isKilled = true;
  const [run] = scene.query<{ id: string; status: string }>('SELECT id, status FROM runs');
  if (!run || run.status === 'completed') return { kind: run ? ('done before' as const) : ('not begun' as const) };
  const settled = settledHashes(scene);
  const finished = scene.query<{ path: string }>("SELECT path FROM steps WHERE kind = 'tool' AND status = 'completed'");
  const unknown = scene.query<{ path: string }>("SELECT path FROM steps WHERE has_effects = 1 AND status = 'running'");

  let outcome = await scene.crew(['resume', '--quiet', '--format', 'json']);
  if (unknown.length > 0) {
    expect({ exitCode: outcome.exitCode, requests: later }).toEqual({ exitCode: 5, requests: [] });
    outcome = await scene.crew(['resume', '--allow-repeat', '--quiet', '--format', 'json']);
  }
  expect(outcome).toMatchObject({ exitCode: 0, stderr: '' });
  expect((JSON.parse(outcome.stdout) as { run_id: string }).run_id).toBe(run.id);
  expect(later.filter((hash) => settled.has(hash))).toEqual([]);
  expect(new Set(later).size).toBe(later.length);
  for (const { path } of finished) {
    expect(linesOf(scene).filter((line) => line.startsWith(`${path} `))).toHaveLength(1);
  }
  const mayBeTwice = new Set(unknown.map(({ path }) => path));
  const twice = linesOf(scene).filter((line, index, lines) => lines.indexOf(line) !== index);
  expect(twice.filter((line) => !mayBeTwice.has(line.split(' ')[0] ?? ''))).toEqual([]);
  expect(scene.query('PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }]);
  return {
    kind: 'resumed' as const,
    outputs: outputsOf(scene, run.id),
    settled: settled.size,
    inFlight: before.filter((hash) => later.includes(hash)).length,
    unknown: unknown.length,
  };
}

describe('a run that is killed at any moment', () => {
  it(
    'goes on with the same outputs, without one settled call or finished tool made again',
    async () => {
      let startedAt: number | undefined;
      const whole = await createScene({ 'crew.yaml': CREW, 'append.js': APPEND }, (body) => {
        startedAt ??= performance.now();
        return after(sleep(CALL_MS), answer(body));
      });
      const outcome = await whole.crew(['kickoff', 'crew.yaml', '--quiet']);
      const usualMs = performance.now() - (startedAt ?? 0);
      expect(outcome.exitCode).toBe(0);
      const [{ id } = { id: '' }] = whole.query<{ id: string }>('SELECT id FROM runs');
      const expected = outputsOf(whole, id);
      expect(expected.map(({ status }) => status)).toEqual(['completed', 'completed', 'completed']);

      const figures = { 'not begun': 0, 'done before': 0, resumed: 0, settled: 0, inFlight: 0, unknown: 0 };
      for (let kill = 0; kill < KILLS; kill += 1) {
        const killed = await killAndResume(usualMs * ((kill + Math.random()) / KILLS));
        figures[killed.kind] += 1;
        if (killed.kind !== 'resumed') continue;
        expect(killed.outputs).toEqual(expected);
        figures.settled += killed.settled;
        figures.inFlight += killed.inFlight;
        figures.unknown += killed.unknown;
      }
      process.stderr.write(`${KILLS} kills: ${JSON.stringify(figures)}\n`);
      expect(figures.resumed).toBeGreaterThan(0);
    },
    60_000 + KILLS * 10_000,
  );
});
