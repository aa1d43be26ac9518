import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { loadCrew, previewReplay, replay, type ReplayPlan, type RunEvent } from '../../src/index.js';
import { startProviderServer, text } from '../helpers/provider-server.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

const CREW = `inputs: { topic: solar }
agents:
  writer: { role: Writer, goal: Write, backstory: You write., llm: gpt-4.1-mini }
tasks:
  outline: { description: "Outline {topic}.", expected_output: An outline. }
  article: { description: Write it., expected_output: An article. }
`;

/** A finished run in a folder of its own, and where to replay it. */
async function createFinished() {
  const folder = temporaryFolder({ 'crew.yaml': CREW });
  const server = await startProviderServer((_body, index) => text(`Answer ${index + 1}.`));
  onTestFinished(() => server.close());
  const place = {
    env: { OPENAI_API_KEY: 'not-a-real-key', OPENAI_BASE_URL: server.url },
    workingDirectory: folder,
  };
  const crew = await loadCrew('crew.yaml', place);
  const first = await crew.kickoff();
  return { folder, server, place, first };
}

it('gives the output of a new run, and tells its plan and events', async () => {
  const { place, first, server } = await createFinished();
  const plans: ReplayPlan[] = [];
  const events: RunEvent[] = [];
  const output = await replay({
    ...place,
    task: 'article',
    onPlan: (plan) => plans.push(plan),
    onEvent: (event) => events.push(event),
  });
  expect(output.raw).toBe('Answer 3.');
  expect(output.run_id).not.toBe(first.run_id);
  expect(output.token_usage.successful_requests).toBe(1);
  expect(output.tasks_output.map(({ name, status, source_task_id: source }) => [name, status, source])).toEqual([
    ['outline', 'reused', `${first.run_id}/outline`],
    ['article', 'completed', null],
  ]);
  expect(plans).toEqual([
    {
      parentRunId: first.run_id,
      tasks: [
        {
          key: 'outline',
          position: 1,
          action: 'reuse',
          source: { runId: first.run_id, taskKey: 'outline' },
          reasons: [],
        },
        { key: 'article', position: 2, action: 'run', reasons: ['chosen'] },
      ],
      refusals: [],
      effects: [],
    },
  ]);
  expect(events[0]).toMatchObject({ type: 'run-start', parentRunId: first.run_id, doneCount: 1 });
  expect(server.requests).toHaveLength(3);
});

it('takes inputs, outputs and a run, and gives only the plan where that is all that is asked', async () => {
  const { place, first, server } = await createFinished();
  const again = { ...place, run: first.run_id, isAuto: true, inputs: { topic: 'wind' } };
  const actionsOf = ({ tasks }: ReplayPlan): string[] => tasks.map(({ action }) => action);
  expect(actionsOf(await previewReplay(again))).toEqual(['run', 'run']);
  expect(actionsOf(await previewReplay({ ...again, outputs: { outline: 'Mine.' } }))).toEqual(['set', 'run']);
  expect(server.requests).toHaveLength(2);
  const output = await replay({ ...again, outputs: { outline: 'Mine.' } });
  expect(output.tasks_output.map(({ raw }) => raw)).toEqual(['Mine.', 'Answer 3.']);
});

it('rejects with what a person can do where an output is stale, and has the refusal in its preview', async () => {
  const { folder, place, first, server } = await createFinished();
  writeFileSync(join(folder, 'crew.yaml'), CREW.replace('Outline {topic}.', 'Sketch {topic}.'));
  const wanted = { ...place, task: 'article' };
  await expect(replay(wanted)).rejects.toMatchObject({
    name: 'UsageError',
    message: `an output of run ${first.run_id} cannot be reused:\n  outline: description changed`,
    hint: expect.stringContaining('--force') as string,
  });
  expect((await previewReplay(wanted)).refusals).toEqual([
    { key: 'outline', reasons: ['description changed'], kind: 'edited' },
  ]);
  expect(server.requests).toHaveLength(2);
  expect((await replay({ ...wanted, isForced: true })).raw).toBe('Answer 3.');
});

it('ends before anything is called where its signal is aborted', async () => {
  const { place, server } = await createFinished();
  await expect(replay({ ...place, task: 'article', signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: 'interrupted',
  });
  expect(server.requests).toHaveLength(2);
});
