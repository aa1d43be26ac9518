import { expect, it } from 'vitest';
import { createScene } from '../helpers/run-process.js';
import { text, toolCalls } from '../helpers/provider-server.js';

const CREW = `
agents:
  worker: { role: Worker, goal: Work, backstory: You work., tools: [./stray.js] }
tasks:
  work: { description: Do it., expected_output: The result. }
`;
const STRAY = `
export default {
  description: 'Starts work that it does not wait for.',
  parameters: { type: 'object', properties: {} },
  execute() {
    Promise.reject(new Error('too late'));
    return new Promise((resolve) => setTimeout(resolve, 60_000));
  },
};
`;

it('ends a run as failed, with its rows and its JSON, when a tool fails where nothing waits for it', async () => {
  const scene = await createScene({ 'crew.yaml': CREW, 'stray.js': STRAY }, [
    toolCalls([{ name: 'stray', arguments: {} }]),
    text('never asked for'),
  ]);
  const { exitCode, stdout } = await scene.crew(['kickoff', '--format', 'json', '--quiet']);
  const result = JSON.parse(stdout) as { status: string; exit_code: number; error: { message: string } };
  expect(exitCode).toBe(1);
  expect(result).toMatchObject({
    status: 'failed',
    exit_code: 1,
    error: { message: 'something failed where nothing waited for it: too late' },
  });
  expect(scene.query('SELECT status, exit_code FROM runs')).toEqual([{ status: 'failed', exit_code: 1 }]);
});

it.each([
  ['tool', 'tools: [./exit.js]', '', 0],
  ['guardrail', '', ', guardrail: ./exit.js#check', 1],
  ['callback', '', ', callback: ./exit.js#check', 1],
])('goes on to its end where a %s calls process.exit', async (_kind, agent, task, exitCode) => {
  const crew = `
agents:
  worker: { role: Worker, goal: Work, backstory: You work., ${agent} }
tasks:
  work: { description: Do it., expected_output: The result.${task} }
`;
  const exit = `
export default { description: 'Ends all.', parameters: { type: 'object' }, execute: () => process.exit(0) };
export const check = () => process.exit(0);
`;
  const answers = agent === '' ? [] : [toolCalls([{ name: 'exit', arguments: {} }])];
  const scene = await createScene({ 'crew.yaml': crew, 'exit.js': exit }, [...answers, text('done')]);
  const outcome = await scene.crew(['kickoff']);
  expect(outcome.exitCode).toBe(exitCode);
  expect(outcome.stderr).toContain('it called process.exit(0), which would end the whole run');
  expect(scene.query('SELECT exit_code FROM runs')).toEqual([{ exit_code: exitCode }]);
});
