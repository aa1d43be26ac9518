import { describe, expect, it } from 'vitest';
import type { CrewDefinition } from '../../src/definition/types.js';
import { messageOf, ProviderError, UsageError } from '../../src/errors.js';
import type { GuardrailVerdict } from '../../src/guardrails/guardrail.js';
import type { StepRecord } from '../../src/store/records.js';
import type { Tool } from '../../src/tools/tool.js';
import { loadCallbacks } from '../../src/run/callbacks.js';
import type { StepCallbackEvent } from '../../src/run/user-functions.js';
import { createRedactor } from '../../src/util/redact.js';
import { createAgent, createDefinition, createTask } from '../helpers/definitions.js';
import { runScripted } from '../helpers/run-scripted.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

/** What the callbacks of a test's `hooks.ts` were told, in order: name of the function, and its value. */
type Calls = [hook: string, value: Record<string, unknown>][];

let count = 0;

/** Code that notes each call of `step`, `task`, `own`, `lead` and `after` where the test sees it; `extra` may throw. */
function hooks(extra = ''): { readonly calls: Calls; readonly code: string } {
  const name = `calls${(count += 1)}`;
  const calls: Calls = [];
  (globalThis as Record<string, unknown>)[name] = calls;
  const note = ['step', 'task', 'own', 'lead', 'after'].map(
    (hook) => `export const ${hook} = async (value, context) => { calls.push(['${hook}', value]); ${extra} };`,
  );
  return { calls, code: `const calls = globalThis.${name};\n${note.join('\n')}` };
}

const at = (exportName: string) => ({ path: './hooks.ts', exportName });
const NONE = { step: undefined, task: undefined, manager: [], beforeKickoff: [], afterKickoff: [] };
const down = { error: new ProviderError('down', { trouble: 'server', model: 'openai/x' }) };

function crewWith(code: string, definition: Partial<CrewDefinition>): CrewDefinition {
  const directory = temporaryFolder({ 'hooks.ts': code });
  return createDefinition({ source: { path: `${directory}/crew.yaml`, directory, files: [] }, ...definition });
}

async function run(
  crew: CrewDefinition,
  script: Parameters<typeof runScripted>[1],
  parts: Parameters<typeof runScripted>[2] = {},
) {
  return runScripted(crew, script, { callbacks: await loadCallbacks(crew), ...parts });
}

const told = (calls: Calls): string[] =>
  calls.map(([hook, value]) => `${hook} ${String(value['path'] ?? value['name'] ?? value['status'])}`);
const callbackSteps = (steps: readonly StepRecord[]): string[] =>
  steps.filter(({ kind }) => kind === 'callback').map(({ path, name, status }) => `${path} ${name} ${status}`);

const search: Tool = {
  name: 'search',
  description: 'Searches.',
  parameters: { type: 'object', properties: {} },
  effects: 'none',
  digest: 'search',
  parseArguments: async (value) => ({ ok: true, value: value as Record<string, never> }),
  execute: async () => {
    throw new Error('offline');
  },
};
const callSearch = { calls: [{ id: 'c1', name: 'search', args: { query: 'sun' } }] };

describe('callbacks of a run', () => {
  it('are told once where the crew and an agent, or a task, name the same function', async () => {
    const { calls, code } = hooks();
    const crew = crewWith(code, {
      callbacks: { ...NONE, step: at('step'), task: at('task') },
      agents: [createAgent({ key: 'worker', stepCallback: at('step') })],
      tasks: [createTask({ key: 'essay', callback: at('task') })],
    });
    await run(crew, { worker: ['Essay.'] });
    expect(told(calls)).toEqual(['step essay/llm/1', 'task essay']);
  });

  it('are told of each step, each task and the end, once, in order, and each call is a step', async () => {
    const { calls, code } = hooks();
    const crew = crewWith(code, {
      callbacks: { ...NONE, step: at('step'), task: at('task'), afterKickoff: [at('after')] },
      agents: [createAgent({ key: 'worker', stepCallback: at('own') })],
      tasks: [createTask({ key: 'research', callback: at('own') }), createTask({ key: 'essay' })],
    });
    const check = async (): Promise<GuardrailVerdict> => ({ passed: true });
    const { result, steps } = await run(
      crew,
      { worker: [callSearch, 'Facts.', 'Essay.'] },
      {
        agentTools: new Map([['worker', [search]]]),
        taskGuardrails: new Map([['essay', [{ name: 'short', digest: 'short', check }]]]),
      },
    );
    expect(result.status).toBe('completed');
    expect(told(calls)).toEqual([
      'own research/llm/1',
      'step research/llm/1',
      'own research/tool/c1',
      'step research/tool/c1',
      'own research/llm/2',
      'step research/llm/2',
      'own research',
      'task research',
      'own essay/llm/1',
      'step essay/llm/1',
      expect.stringMatching(/^own essay\/guardrail\//),
      expect.stringMatching(/^step essay\/guardrail\//),
      'task essay',
      'after completed',
    ]);
    expect(callbackSteps(steps).slice(0, 2)).toEqual([
      'research/llm/1/callback/1 step_callback ./hooks.ts#own completed',
      'research/llm/1/callback/2 step_callback ./hooks.ts#step completed',
    ]);
    expect(callbackSteps(steps).at(-1)).toBe('@after_kickoff/callback/1 after_kickoff ./hooks.ts#after completed');
    const [, tool] = calls[2]! as unknown as [string, StepCallbackEvent];
    expect(tool).toMatchInlineSnapshot(
      { runId: expect.any(String), durationMs: expect.any(Number) },
      `
      {
        "agent": "worker",
        "costUsd": 0,
        "durationMs": Any<Number>,
        "isError": true,
        "kind": "tool",
        "name": "search",
        "path": "research/tool/c1",
        "request": {
          "arguments": {
            "query": "sun",
          },
        },
        "response": {
          "text": "It failed: offline",
        },
        "runId": Any<String>,
        "taskKey": "research",
        "usage": {
          "cachedInputTokens": 0,
          "inputTokens": 0,
          "outputTokens": 0,
          "reasoningTokens": 0,
          "requests": 0,
        },
      }
    `,
    );
    const [, model] = calls[0]! as unknown as [string, StepCallbackEvent];
    expect(model).toMatchObject({ kind: 'model', costUsd: 0.001, usage: { inputTokens: 10, outputTokens: 5 } });
    expect(calls.at(-1)?.[1]).toMatchObject({ raw: 'Essay.', exit_code: 0, tasks_output: [{}, { raw: 'Essay.' }] });
  });

  it('tell those of the manager of its own steps only', async () => {
    const { calls, code } = hooks();
    const crew = crewWith(code, {
      process: 'hierarchical',
      manager: createAgent({ key: 'manager', role: 'Manager' }),
      callbacks: { ...NONE, manager: [at('lead')] },
      agents: [createAgent({ key: 'one', role: 'One' })],
      tasks: [createTask({ key: 'work' })],
    });
    const args = { task: 'Do it.', context: '', coworker: 'One' };
    await run(crew, {
      Manager: [{ calls: [{ id: 'd1', name: 'delegate_work_to_coworker', args }] }, 'Done.'],
      One: ['Mine.'],
    });
    expect(told(calls)).toEqual(['lead work/llm/1', 'lead work/delegation/d1', 'lead work/llm/2']);
  });

  it('are waited for, and can change nothing of what the run goes on with', async () => {
    const crew = crewWith(
      `export const step = async (event) => {
        await new Promise((resolve) => setImmediate(resolve));
        event.response.content = []; event.request.messages = 'gone'; globalThis.seen = (globalThis.seen ?? 0) + 1;
      };
      export const task = (result) => { result.raw = String(globalThis.seen); };`,
      { callbacks: { ...NONE, step: at('step'), task: at('task') }, tasks: [createTask({ key: 'a' })] },
    );
    const { result } = await run(crew, { worker: ['Facts.'] });
    expect(result).toMatchObject({ status: 'completed', raw: 'Facts.' });
    expect((globalThis as Record<string, unknown>)['seen']).toBe(1);
  });

  it('are told without secrets', async () => {
    const { calls, code } = hooks();
    const crew = crewWith(code, {
      callbacks: { ...NONE, step: at('step'), task: at('task') },
      tasks: [createTask({ key: 'a', description: 'Use hunter2-secret.' })],
    });
    const redactor = createRedactor([{ name: 'TOKEN', value: 'hunter2-secret' }]);
    await run(crew, { worker: ['Done.'] }, { redactor });
    expect(JSON.stringify(calls)).not.toContain('hunter2-secret');
    expect(calls[1]?.[1]['description']).toBe('Use [redacted:TOKEN].');
  });

  it('end the run with their name where they throw; what was finished is kept, and resume calls them again', async () => {
    const { calls, code } = hooks('if (globalThis.isBroken) throw new Error("no disk");');
    const crew = crewWith(code, {
      callbacks: { ...NONE, task: at('task'), afterKickoff: [at('after')] },
      tasks: [createTask({ key: 'research' }), createTask({ key: 'essay' })],
    });
    (globalThis as Record<string, unknown>)['isBroken'] = true;
    const first = await run(crew, { worker: ['Facts.'] });
    expect(first.result).toMatchObject({
      status: 'failed',
      exit_code: 1,
      tasks_output: [{ status: 'completed', raw: 'Facts.' }, { status: 'pending' }],
      error: { code: 'task', message: 'task_callback ./hooks.ts#task failed after task research: no disk' },
    });
    expect(callbackSteps(first.steps)).toEqual(['research/callback/1 task_callback ./hooks.ts#task failed']);
    (globalThis as Record<string, unknown>)['isBroken'] = false;
    const again = await run(crew, { worker: ['Essay.'] }, { resumes: first });
    expect(again.result).toMatchObject({ status: 'completed', raw: 'Essay.' });
    expect(told(calls)).toEqual(['task research', 'task research', 'task essay', 'after completed']);
    expect(callbackSteps(again.steps)).toEqual([
      'research/callback/1 task_callback ./hooks.ts#task completed',
      'essay/callback/1 task_callback ./hooks.ts#task completed',
      '@after_kickoff/callback/1 after_kickoff ./hooks.ts#after completed',
    ]);
  });

  it('end the run also where a coworker is at work', async () => {
    const crew = crewWith('export const own = () => { throw new Error("no disk"); };', {
      process: 'hierarchical',
      manager: createAgent({ key: 'manager', role: 'Manager' }),
      agents: [createAgent({ key: 'one', role: 'One', stepCallback: at('own') })],
      tasks: [createTask({ key: 'work' })],
    });
    const args = { task: 'Do it.', context: '', coworker: 'One' };
    const { result, steps } = await run(crew, {
      Manager: [{ calls: [{ id: 'd1', name: 'delegate_work_to_coworker', args }] }],
      One: ['Mine.'],
    });
    expect(result.error?.message).toBe('step_callback ./hooks.ts#own failed after work/delegation/d1/llm/1: no disk');
    expect(steps.find(({ path }) => path === 'work/delegation/d1/llm/1')?.status).toBe('completed');
  });

  it('are not told again, when a run goes on, of what they were told of, but of what they were not', async () => {
    const { calls, code } = hooks();
    const crew = crewWith(code, {
      callbacks: { ...NONE, step: at('step') },
      tasks: [createTask({ key: 'research' }), createTask({ key: 'essay' })],
    });
    const agentTools = new Map([['worker', [search]]]);
    // As when the process dies between a step and its callback: the first life knows of no callbacks.
    const first = await runScripted(crew, { worker: ['Facts.', callSearch, down] }, { agentTools });
    expect(calls).toEqual([]);
    const second = await run(crew, { worker: [down] }, { agentTools, resumes: first });
    expect(told(calls)).toEqual(['step essay/llm/1', 'step essay/tool/c1']);
    expect(calls[0]?.[1]).toMatchObject({ costUsd: 0.001, durationMs: 1 });
    const third = await run(crew, { worker: ['Essay.'] }, { agentTools, resumes: second });
    expect(third.result.status).toBe('completed');
    expect(told(calls)).toEqual(['step essay/llm/1', 'step essay/tool/c1', 'step essay/llm/2']);
  });

  it('refuse before the run a file that exports no function', async () => {
    const crew = crewWith('export const step = 5;', { callbacks: { ...NONE, step: at('step') }, tasks: [] });
    const refusal = await loadCallbacks(crew).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(UsageError);
    expect(messageOf(refusal)).toBe('step_callback ./hooks.ts#step is not a function');
  });
});
