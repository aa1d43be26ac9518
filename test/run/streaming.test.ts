import { expect, it } from 'vitest';
import type { RunEvent } from '../../src/events.js';
import type { Tool } from '../../src/tools/tool.js';
import { createAgent, createDefinition, createTask } from '../helpers/definitions.js';
import { runScripted } from '../helpers/run-scripted.js';
import type { ScriptedAnswer } from '../helpers/scripted-models.js';

const agents = [createAgent({ key: 'finder' }), createAgent({ key: 'writer' })];
const tasks = [createTask({ key: 'find', agent: 'finder' }), createTask({ key: 'write', agent: 'writer' })];
const TWO = createDefinition({ agents, tasks });
const STREAMED = { streamedTask: 'write' };

function inPieces(...attempts: string[][]): ScriptedAnswer {
  return { text: attempts.at(-1)?.join('') ?? '', finishReason: 'stop', attempts };
}

/** The pieces of text, `!` before one that may still change, `|` where a call begins anew. */
function pieces(events: readonly RunEvent[]): string[] {
  return events.flatMap((event) =>
    event.type === 'model-call-delta'
      ? [`${event.path}: ${event.isOutput ? '' : '!'}${event.isRestart ? '|' : ''}${event.text}`]
      : [],
  );
}

it('tells the text of the final task only, between the start and the end of its call', async () => {
  const script = { finder: [inPieces(['Facts.'])], writer: [inPieces(['A ', 'star.'])] };
  const { events } = await runScripted(TWO, script, STREAMED);
  expect(pieces(events)).toEqual(['write/llm/1: A', 'write/llm/1:  star.']);
  expect(events.map(({ type }) => type).slice(-6)).toEqual([
    'model-call-start',
    'model-call-delta',
    'model-call-delta',
    'model-call-end',
    'task-end',
    'run-end',
  ]);
});

it('tells nothing where the run does not stream', async () => {
  const { events } = await runScripted(TWO, { finder: ['Facts.'], writer: [inPieces(['A ', 'star.'])] });
  expect(pieces(events)).toEqual([]);
});

it('tells an answer that comes at once, as from a cassette, in one piece', async () => {
  const { events } = await runScripted(TWO, { finder: ['Facts.'], writer: ['A star.'] }, STREAMED);
  expect(pieces(events)).toEqual(['write/llm/1: A star.']);
});

it('leaves thinking out, and tells of a new attempt', async () => {
  const script = {
    finder: ['Facts.'],
    writer: [inPieces(['<think>', 'Hm.'], ['A sun'], ['<think>Hm.</think>', 'A star.'])],
  };
  const { events } = await runScripted(TWO, script, STREAMED);
  expect(pieces(events)).toEqual(['write/llm/1: A sun', 'write/llm/1: |', 'write/llm/1: A star.']);
});

it('goes on with an answer that was cut', async () => {
  const script = {
    finder: ['Facts.'],
    writer: [
      { text: 'A star ', finishReason: 'length', attempts: [['A star ']] } as const,
      inPieces(['is ', 'born'], ['is born.']),
    ],
  };
  const { events, result } = await runScripted(TWO, script, STREAMED);
  expect(pieces(events)).toEqual([
    'write/llm/1: A star',
    'write/llm/2:  is',
    'write/llm/2:  born',
    'write/llm/2: |',
    'write/llm/2:  is born.',
  ]);
  expect(result.raw).toBe('A star is born.');
});

it('does not call a text the output where tools are offered, and does once they are not', async () => {
  const tool: Tool = {
    name: 'look',
    description: 'Looks.',
    parameters: { type: 'object' },
    effects: 'none',
    digest: 'look',
    execute: async () => 'Nothing.',
    parseArguments: async () => ({ ok: true, value: {} }),
  };
  const writer = createAgent({ key: 'writer', maxIter: 1 });
  const { events } = await runScripted(
    createDefinition({ agents: [writer], tasks: [createTask({ key: 'write' })] }),
    { writer: [{ calls: [{ id: 'a', name: 'look', args: {} }] }, inPieces(['A star.'])] },
    { ...STREAMED, agentTools: new Map([['writer', [tool]]]) },
  );
  expect(pieces(events)).toEqual(['write/llm/2: A star.']);

  const again = await runScripted(
    createDefinition({ agents: [createAgent({ key: 'writer' })], tasks: [createTask({ key: 'write' })] }),
    { writer: [inPieces(['A star.'])] },
    { ...STREAMED, agentTools: new Map([['writer', [tool]]]) },
  );
  expect(pieces(again.events)).toEqual(['write/llm/1: !A star.']);
});

it.each([
  ['all outputs are the result', createDefinition({ agents, tasks, fullOutput: true })],
  [
    'the answer stands in a template',
    createDefinition({
      agents: [
        agents[0] as (typeof agents)[0],
        createAgent({
          key: 'writer',
          templates: { system: undefined, prompt: undefined, response: 'A: {{ .Response }}' },
        }),
      ],
      tasks,
    }),
  ],
])('does not call a text the output where %s', async (_, definition) => {
  const { events } = await runScripted(definition, { finder: ['Facts.'], writer: ['A star.'] }, STREAMED);
  expect(pieces(events)).toEqual(['write/llm/1: !A star.']);
});

it('tells nothing of delegated work, and nothing that is remembered', async () => {
  const manager = createAgent({ key: 'manager', role: 'Crew Manager' });
  const definition = createDefinition({ agents, tasks: [createTask({ key: 'write' })], manager });
  const call = {
    id: 'a',
    name: 'delegate_work_to_coworker',
    args: { task: 'Write.', context: '', coworker: 'writer' },
  };
  const first = await runScripted(
    definition,
    { 'Crew Manager': [{ calls: [call] }, { error: new Error('off') }], writer: [inPieces(['A ', 'star.'])] },
    STREAMED,
  );
  expect(pieces(first.events)).toEqual([]);
  const { events } = await runScripted(
    definition,
    { 'Crew Manager': [inPieces(['It is ', 'a star.'])] },
    { ...STREAMED, resumes: first },
  );
  expect(pieces(events)).toEqual(['write/llm/2: !It is', 'write/llm/2: ! a star.']);
});

it('is not certain of the rest of an answer whose beginning was given before', async () => {
  const cut = { text: 'A star ', finishReason: 'length' } as const;
  const script = { finder: ['Facts.'], writer: [cut, { error: new Error('off') }] };
  const first = await runScripted(TWO, script, STREAMED);
  const { events, result } = await runScripted(
    TWO,
    { writer: [inPieces(['is born.'])] },
    { ...STREAMED, resumes: first },
  );
  expect(pieces(events)).toEqual(['write/llm/2: !is born.']);
  expect(result.raw).toBe('A star is born.');
});
