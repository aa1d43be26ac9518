import { describe, expect, it } from 'vitest';
import type { Guardrail } from '../../src/guardrails/guardrail.js';
import type { AgentDefinition, ModelDefinition } from '../../src/definition/types.js';
import type { Tool } from '../../src/tools/tool.js';
import { createAgent, createDefinition, createTask } from '../helpers/definitions.js';
import { runScripted, userTexts } from '../helpers/run-scripted.js';
import type { ScriptedAnswer } from '../helpers/scripted-models.js';

const gpt = (modelId: string): ModelDefinition => ({ reference: `openai/${modelId}`, provider: 'openai', modelId });
const crewWith = (agent: Partial<AgentDefinition> = {}) =>
  createDefinition({
    agents: [createAgent({ key: 'worker', models: [gpt('writer')], functionCallingModels: [gpt('caller')], ...agent })],
    tasks: [createTask({ key: 'a' })],
  });
const look: Tool = {
  name: 'look',
  description: 'Looks.',
  parameters: { type: 'object', properties: {} },
  effects: 'none',
  digest: 'look',
  parseArguments: async () => ({ ok: true, value: {} }),
  execute: async () => 'Seen.',
};
const parts = { agentTools: new Map([['worker', [look]]]) };
let calls = 0;
const useTool = (): ScriptedAnswer => ({ calls: [{ id: `c${(calls += 1)}`, name: 'look', args: {} }] });
type Run = Awaited<ReturnType<typeof runScripted>>;
/** The models that answered, in order. */
const answered = ({ steps }: Run) =>
  steps.flatMap(({ kind, name }) => (kind === 'model' ? [name.replace('openai/', '')] : []));
const offered = ({ models }: Run) => models.requests.map(({ request }) => request.tools.length);
const lastWords = ({ models }: Run) => userTexts(models.requests.at(-1)?.request ?? { messages: [] }).at(-1);

describe('function_calling_llm', () => {
  it('makes the calls of tools, and the llm of the agent answers', async () => {
    const run = await runScripted(crewWith(), { worker: [useTool(), 'I have seen it.', 'The result.'] }, parts);
    expect(run.result).toMatchObject({ status: 'completed', raw: 'The result.' });
    expect(answered(run)).toEqual(['caller', 'caller', 'writer']);
    expect(offered(run)).toEqual([1, 1, 0]);
    expect(lastWords(run)).toBe('Give the complete result now.');
  });

  it.each<[string, ScriptedAnswer]>([
    ['is empty', ''],
    ['is cut off', { text: 'I have', finishReason: 'length' }],
  ])('hands over also where its last answer %s, of which nothing is left in the output', async (_how, answer) => {
    const run = await runScripted(crewWith(), { worker: [useTool(), answer, 'The result.'] }, parts);
    expect(run.result).toMatchObject({ status: 'completed', raw: 'The result.' });
    expect(answered(run)).toEqual(['caller', 'caller', 'writer']);
  });

  it('is not asked where there are no tools', async () => {
    const run = await runScripted(crewWith(), { worker: ['The result.'] });
    expect(answered(run)).toEqual(['writer']);
  });

  it('is asked again after an answer that a guardrail rejects, as tools may help', async () => {
    let checks = 0;
    const guardrail: Guardrail = {
      name: 'once',
      digest: 'once',
      check: () => ((checks += 1) > 1 ? { passed: true } : { passed: false, reason: 'Too short.' }),
    };
    const run = await runScripted(
      crewWith(),
      { worker: ['Nothing to look at.', 'Short.', useTool(), 'Seen it.', 'Long enough.'] },
      { ...parts, taskGuardrails: new Map([['a', [guardrail]]]) },
    );
    expect(run.result).toMatchObject({ status: 'completed', raw: 'Long enough.' });
    expect(answered(run)).toEqual(['caller', 'writer', 'caller', 'caller', 'writer']);
  });

  it('leaves the forced final answer to the llm of the agent, asked for once', async () => {
    const run = await runScripted(crewWith({ maxIter: 2 }), { worker: [useTool(), useTool(), 'The result.'] }, parts);
    expect(answered(run)).toEqual(['caller', 'caller', 'writer']);
    expect(lastWords(run)).toBe('No more tool calls are possible. Give your best complete answer now.');
    const early = await runScripted(crewWith({ maxIter: 2 }), { worker: [useTool(), 'Seen.', 'The result.'] }, parts);
    expect(userTexts(early.models.requests.at(-1)?.request ?? { messages: [] }).slice(1)).toEqual([
      'Give the complete result now.',
    ]);
  });

  it('chooses the next task for a manager', async () => {
    const manager = createAgent({ key: 'manager', models: [gpt('writer')], functionCallingModels: [gpt('caller')] });
    const choose = (task: string): ScriptedAnswer => ({ calls: [{ id: 'c', name: 'choose_task', args: { task } }] });
    const run = await runScripted(
      createDefinition({
        process: 'hierarchical',
        taskOrder: 'manager',
        manager,
        agents: [createAgent({ key: 'worker' })],
        tasks: [createTask({ key: 'a' }), createTask({ key: 'b' })],
      }),
      { manager: [choose('b'), 'Enough.', 'B.', 'Enough.', 'A.'] },
    );
    expect(run.tasks.map(({ raw }) => raw)).toEqual(['A.', 'B.']);
    expect(answered(run)).toEqual(['caller', 'caller', 'writer', 'caller', 'writer']);
  });
});
