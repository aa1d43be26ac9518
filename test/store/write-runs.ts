// Started by concurrency.test.ts as a process of its own: opens the database and writes small runs into it.
import { openStore } from '../../src/store/open-store.js';
import { NO_SPEND } from '../../src/util/spend.js';

const [path = '', name = '', count = '0'] = process.argv.slice(2);
const store = openStore(path);
// oxlint-disable-next-line no-await-in-loop -- one run after the other
for (let number = 0; number < Number(count); number++) await writeRun(`${name}${number}`, number);
store.close();

async function writeRun(runId: string, time: number): Promise<void> {
  await store.createRun({
    id: runId,
    crew: name,
    process: 'sequential',
    definitionPath: '/crew.yaml',
    definitionFiles: [],
    inputs: {},
    parentRunId: null,
    startedAt: time,
    workingDirectory: '/',
    options: {},
    tasks: [{ key: 'only', position: 1, description: 'Do it.', expectedOutput: 'Done.', agent: null, fingerprint: {} }],
  });
  const step = { runId, path: 'only/llm/1', name: 'openai/gpt-4o' };
  const begun = { ...step, taskKey: 'only', kind: 'model', agent: 'A', fingerprint: '0', request: {} } as const;
  await store.startStep({ ...begun, startedAt: time, hasEffects: false });
  const end = { status: 'completed', spend: NO_SPEND, error: null, endedAt: time } as const;
  await store.endStep({ ...step, ...end, response: { text: 'done' }, isError: false });
  await store.updateTask(runId, 'only', { status: 'completed', raw: 'done' });
  await store.endRun(runId, { ...end, exitCode: 0 });
}
