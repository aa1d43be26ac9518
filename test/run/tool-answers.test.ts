import { describe, expect, it } from 'vitest';
import type { OutputSchema } from '../../src/definition/output-schema.js';
import type { Guardrail } from '../../src/guardrails/guardrail.js';
import type { JsonValue } from '../../src/util/json.js';
import { createAgent, createDefinition, createTask } from '../helpers/definitions.js';
import { runScripted, toolTexts, userTexts } from '../helpers/run-scripted.js';
import { sampleTool } from '../helpers/sample-tool.js';

const send = (id: string, name = 'send') => ({ id, name, args: {} });
const crew = createDefinition({ tasks: [createTask({ key: 'write' })] });
const answering = (change: Parameters<typeof sampleTool>[0] = {}) => sampleTool({ isAnswer: true, ...change });
const given = (text: string) => answering({ execute: async () => text });

describe('a tool whose result is the answer', () => {
  it('ends the work in which it was called, as it is, without another model call', async () => {
    const run = await runScripted(
      crew,
      { worker: [{ calls: [send('a')] }] },
      { agentTools: new Map([['worker', [given('  a result {topic} ${HOME}\n')]]]) },
    );
    expect([run.result.raw, run.models.requests.length]).toEqual(['  a result {topic} ${HOME}\n', 1]);
  });

  it('does so for a coworker too, and not for whoever asked it, nor in later tasks', async () => {
    const tool = answering();
    const definition = createDefinition({
      agents: [createAgent({ key: 'worker', allowDelegation: true }), createAgent({ key: 'helper' })],
      tasks: [createTask({ key: 'one', agent: 'worker' }), createTask({ key: 'two', agent: 'helper' })],
    });
    const delegation = {
      id: 'd',
      name: 'delegate_work_to_coworker',
      args: { task: 'Send it.', context: '', coworker: 'helper' },
    };
    const run = await runScripted(
      definition,
      { worker: [{ calls: [delegation] }, 'It is sent.'], helper: [{ calls: [send('a')] }, 'The second.'] },
      { agentTools: new Map([['helper', [tool]]]) },
    );
    expect(run.tasks.map(({ raw }) => raw)).toEqual(['It is sent.', 'The second.']);
    expect(toolTexts(run.models.requests[2]?.request ?? { messages: [] })).toEqual(['send 1']);
  });

  it('is the first in order of the calls that came to something', async () => {
    const failing = answering({ name: 'fail', execute: () => Promise.reject(new Error('no')) });
    const plain = sampleTool({ name: 'plain' });
    const late = answering({
      name: 'late',
      execute: () => new Promise((resolve) => setTimeout(() => resolve('late result'), 20)),
    });
    const run = await runScripted(
      crew,
      { worker: [{ calls: [send('a', 'fail'), send('b', 'plain'), send('c', 'late'), send('d')] }] },
      { agentTools: new Map([['worker', [failing, plain, late, answering()]]]) },
    );
    expect(run.result.raw).toBe('late result');
  });

  it('is none where it failed, gave nothing, or was not carried out: the model goes on', async () => {
    const failing = answering({ name: 'fail', execute: () => Promise.reject(new Error('no')) });
    const empty = answering({ name: 'empty', execute: async () => ' ' });
    const run = await runScripted(
      crew,
      { worker: [{ calls: [send('a', 'fail'), send('b', 'empty'), send('c', 'gone')] }, 'Mine.'] },
      { agentTools: new Map([['worker', [failing, empty]]]) },
    );
    expect(run.result.raw).toBe('Mine.');
  });

  it('is reviewed like any answer: the model is told what is wrong, and goes on with its tools', async () => {
    let count = 0;
    const tool = answering({ execute: async () => `result ${(count += 1)}` });
    const guardrail: Guardrail = {
      name: 'not the first',
      digest: '',
      check: ({ text }) => (text === 'result 1' ? { passed: false, reason: 'it is' } : { passed: true }),
    };
    const run = await runScripted(
      crew,
      { worker: [{ calls: [send('a')] }, { calls: [send('b')] }] },
      {
        agentTools: new Map([['worker', [tool]]]),
        taskGuardrails: new Map([['write', [guardrail]]]),
      },
    );
    expect([run.result.raw, run.models.requests.length]).toEqual(['result 2', 2]);
    expect(userTexts(run.models.requests[1]?.request ?? { messages: [] }).at(-1)).toBe(
      'This answer was not accepted:\n- not the first: it is\nGive the complete result again, with these points put right.',
    );
  });

  it('has to fit the output schema; a tool may be called again where it does not', async () => {
    let count = 0;
    const tool = answering({ execute: async () => ((count += 1) === 1 ? 'no JSON' : '{"title":"Sun"}') });
    const schema: OutputSchema = {
      name: 'Title',
      schema: { type: 'object', properties: { title: { type: 'string' } }, required: ['title'] },
      parse: async (value) => ({ ok: true, value: value as JsonValue }),
    };
    const run = await runScripted(
      crew,
      { worker: [{ calls: [send('a')] }, { calls: [send('b')] }] },
      { agentTools: new Map([['worker', [tool]]]), outputSchemas: new Map([['write', schema]]) },
    );
    expect([run.result.raw, run.models.requests.length]).toEqual(['{"title":"Sun"}', 2]);
  });

  it('is remembered when the run goes on', async () => {
    const tool = answering();
    const person = { askHuman: () => Promise.reject(new Error('down')) };
    const definition = createDefinition({ tasks: [createTask({ key: 'write', humanInput: true })] });
    const agentTools = new Map([['worker', [tool]]]);
    const first = await runScripted(definition, { worker: [{ calls: [send('a')] }] }, { agentTools, ...person });
    expect(first.result.status).toBe('failed');
    const approve = { askHuman: async () => ({ decision: 'approve' }) as const };
    const second = await runScripted(definition, {}, { agentTools, ...approve, resumes: first });
    expect([second.result.raw, tool.calls.length]).toEqual(['send 1', 1]);
  });
});
