import Sqlite from 'better-sqlite3';
import type { NewStep, RunStore, StepEnd } from '../../src/store/records.js';
import { NO_SPEND } from '../../src/util/spend.js';
import { newRun, newStep, newTask, runEnd, spend, START, stepEnd } from '../store/sample.js';

const MANAGER = 'Crew Manager';
const WRITER = 'Senior writer';

/** A call of a tool, as a model's answer holds it. */
function toolCall(toolCallId: string, toolName: string, input: object) {
  return { type: 'tool-call', toolCallId, toolName, input: JSON.stringify(input) };
}

/** Writes a finished run, then a hierarchical one that failed: a delegation, a tool that threw, a provider that refused. */
export async function writeHistory(store: RunStore): Promise<void> {
  await store.createRun(newRun({ id: 'aaaa2222', startedAt: START - 60_000 }));
  await store.updateTask('aaaa2222', 'research', {
    status: 'completed',
    raw: 'Solar grew.\n\n- by a third\n- in a year\n',
    startedAt: START - 60_000,
    endedAt: START - 59_000,
    spend: spend(100, 20, null),
  });
  await store.updateTask('aaaa2222', 'article', {
    status: 'completed',
    agent: WRITER,
    raw: '{"title":"Sun"}',
    json: { title: 'Sun' },
    outputFormat: 'json',
    outputFile: '/project/out.json',
    startedAt: START - 59_000,
    endedAt: START - 58_500,
    spend: spend(200, 30, null),
  });
  await store.endRun('aaaa2222', runEnd({ spend: spend(300, 50, null), endedAt: START - 58_500 }));
  await writeFailedRun(store);
}

async function writeFailedRun(store: RunStore): Promise<void> {
  const runId = 'bbbb3333';
  const error = { code: 'provider', message: 'openai/gpt-4o refused the key (401)', hint: 'Set OPENAI_API_KEY.' };
  await store.createRun(newRun({ id: runId, crew: '市場 brief', process: 'hierarchical', parentRunId: 'aaaa2222' }));
  await store.updateTask(runId, 'research', { status: 'running', agent: MANAGER, startedAt: START });
  const inner = 'research/delegation/call_1';
  const begin = (step: Partial<NewStep>) => store.startStep(newStep({ runId, agent: MANAGER, ...step }));
  const end = (step: Partial<StepEnd>) => store.endStep(stepEnd({ runId, ...step }));
  const writes = [
    begin({
      request: {
        messages: [
          { role: 'system', text: 'You manage.' },
          { role: 'user', text: 'Research solar.\nExpected: Facts.' },
        ],
        tools: [{ type: 'function', name: 'delegate_work_to_coworker', inputSchema: {} }],
      },
    }),
    end({
      response: {
        content: [
          { type: 'reasoning', text: 'A writer can.' },
          toolCall('call_1', 'delegate_work_to_coworker', { coworker: WRITER, task: 'Find facts.', context: '' }),
        ],
        finishReason: 'tool-calls',
      },
      spend: spend(1000, 50, 0.0123),
    }),
    begin({
      path: inner,
      kind: 'delegation',
      name: 'delegate_work_to_coworker',
      request: { coworker: WRITER, task: 'Find facts.', context: '' },
      startedAt: START + 1000,
    }),
    begin({
      path: `${inner}/llm/1`,
      agent: WRITER,
      request: { messages: [{ role: 'user', text: 'Find facts.' }] },
      startedAt: START + 1000,
    }),
    end({
      path: `${inner}/llm/1`,
      response: { content: [toolCall('call_2', 'read_file', { path: 'facts.md' })], finishReason: 'tool-calls' },
      spend: spend(200, 10, 0.0004),
      endedAt: START + 1500,
    }),
    begin({
      path: `${inner}/tool/call_2`,
      kind: 'tool',
      agent: WRITER,
      name: 'read_file',
      request: { arguments: { path: 'facts.md' } },
      startedAt: START + 1500,
    }),
    end({
      path: `${inner}/tool/call_2`,
      name: 'read_file',
      response: { text: 'facts.md does not exist.\nThere are: a.md, b.md' },
      isError: true,
      endedAt: START + 1512,
    }),
    begin({
      path: `${inner}/llm/2`,
      agent: WRITER,
      request: { messages: [{ role: 'tool', results: [{ step: `${inner}/tool/call_2` }] }] },
      startedAt: START + 1512,
    }),
    end({
      path: `${inner}/llm/2`,
      response: { content: [{ type: 'text', text: 'Solar grew.\nA lot.' }], finishReason: 'stop' },
      spend: spend(300, 20, 0.0005),
      endedAt: START + 2500,
    }),
    end({
      path: inner,
      name: 'delegate_work_to_coworker',
      response: { text: 'Solar grew.\nA lot.' },
      spend: { ...spend(500, 30, 0.0009), usage: { ...spend(500, 30, 0).usage, requests: 2 } },
      endedAt: START + 2500,
    }),
    begin({
      path: 'research/llm/2',
      request: { messages: [{ role: 'tool', results: [{ step: inner }] }] },
      startedAt: START + 2500,
    }),
    end({ path: 'research/llm/2', status: 'failed', response: null, error, endedAt: START + 3000 }),
  ];
  await Promise.all(writes);
  const took = { ...spend(1500, 80, 0.0132), usage: { ...spend(1500, 80, 0).usage, requests: 3 } };
  await store.updateTask(runId, 'research', { status: 'failed', error, endedAt: START + 3000, spend: took });
  await store.endRun(runId, { ...runEnd(), status: 'failed', exitCode: 6, error, endedAt: START + 3000, spend: took });
}

/** A replay of the finished run: its research is reused, its article was given by hand. */
export async function writeReplay(store: RunStore, id: string): Promise<void> {
  const source = { runId: 'aaaa2222', taskKey: 'research' };
  const tasks = [
    newTask({ agent: 'Analyst', reused: { outputFormat: 'raw', source } }),
    newTask({
      key: 'article',
      position: 2,
      reused: { outputFormat: 'raw', source: null, raw: 'Written by hand.', json: null },
    }),
  ];
  await store.createRun(newRun({ id, startedAt: START + 90_000, parentRunId: 'aaaa2222', tasks }));
  await store.endRun(id, runEnd({ endedAt: START + 91_000 }));
}

/** A run that this process has just begun. */
export async function writeOpenRun(store: RunStore, id: string): Promise<void> {
  await store.createRun(newRun({ id, startedAt: START + 60_000 }));
  await store.updateTask(id, 'research', { status: 'running', startedAt: START + 60_000, spend: NO_SPEND });
  await store.keepRun(id, Date.now());
}

/** A run of which nothing is known but its beginning, as after `kill -9` four seconds later. */
export async function writeDeadRun(store: RunStore, id: string): Promise<void> {
  await writeOpenRun(store, id);
  const database = new Sqlite(store.path);
  database.prepare('UPDATE runs SET holder = ?, heartbeat_at = ? WHERE id = ?').run('elsewhere//1', START + 64_000, id);
  database.close();
}
