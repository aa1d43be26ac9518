import { describe, expect, it } from 'vitest';
import { createLengthGuardrail } from '../../src/guardrails/length.js';
import type { OutputSchema } from '../../src/definition/output-schema.js';
import { DEFAULT_PROMPT_TEXTS } from '../../src/definition/prompt-pieces.js';
import type { AgentDefinition, CrewDefinition, ModelDefinition, TaskDefinition } from '../../src/definition/types.js';
import { changesPrompt, diffFingerprints } from '../../src/replay/fingerprint-diff.js';
import { fingerprintTasks, type FingerprintOptions } from '../../src/replay/task-fingerprint.js';
import type { TaskFingerprint } from '../../src/store/records.js';
import type { Tool } from '../../src/tools/tool.js';
import { createRedactor } from '../../src/util/redact.js';
import { createAgent, createDefinition, createTask } from '../helpers/definitions.js';

const gpt = (modelId: string, settings: Partial<ModelDefinition> = {}): ModelDefinition => ({
  reference: `openai/${modelId}`,
  provider: 'openai',
  modelId,
  ...settings,
});
const tool = (name: string, digest = '1'): Tool => ({
  name,
  description: '',
  parameters: {},
  effects: 'none',
  digest,
  parseArguments: async () => ({ ok: true, value: {} }),
  execute: async () => '',
});
const schema = (properties: object): OutputSchema => ({
  name: 'output',
  schema: { type: 'object', properties: { ...properties } },
  parse: async () => ({ ok: true, value: {} }),
});

const researcher = createAgent({
  key: 'researcher',
  models: [gpt('gpt-4o')],
  goal: 'Find what is true about {topic}.',
});
const writer = createAgent({ key: 'writer', models: [gpt('gpt-4o')] });
const manager = createAgent({ key: 'manager', role: 'Crew Manager' });
const write = createTask({ key: 'write', description: 'Write in {style}.', agent: 'writer', context: ['research'] });
const tasks = [createTask({ key: 'research', agent: 'researcher' }), write];

function fingerprints(
  definition: Partial<CrewDefinition> = {},
  options: Partial<FingerprintOptions> = {},
): Map<string, TaskFingerprint> {
  return fingerprintTasks({
    definition: createDefinition({ agents: [researcher, writer], tasks, ...definition }),
    inputs: {},
    agentTools: new Map(),
    taskTools: new Map(),
    outputSchemas: new Map(),
    inputFiles: new Map(),
    taskGuardrails: new Map(),
    agentGuardrails: new Map(),
    conditions: new Map(),
    redactor: createRedactor([]),
    ...options,
  });
}

const of = (key: string, ...change: Parameters<typeof fingerprints>): TaskFingerprint =>
  fingerprints(...change).get(key) ?? {};

/** What is said to have changed of the task `write`. */
function changes(
  before: Parameters<typeof fingerprints>,
  after: Parameters<typeof fingerprints>,
  key = 'write',
): string[] {
  return diffFingerprints(of(key, ...before), of(key, ...after));
}
const withTask = (change: Partial<TaskDefinition>): [Partial<CrewDefinition>] => [
  { tasks: [...tasks.slice(0, 1), { ...write, ...change }] },
];
const withWriter = (change: Partial<AgentDefinition>): [Partial<CrewDefinition>] => [
  { agents: [researcher, { ...writer, ...change }] },
];

describe('the fingerprint of a task', () => {
  it('names what decides the output, readable where it is short', () => {
    const settings = { temperature: 0.2, stop: ['END'], apiKey: 'never', timeoutMs: 5, maxRetries: 2 };
    const models = [gpt('gpt-4o', settings), gpt('gpt-4.1')];
    expect(
      of('write', ...withWriter({ models }), {
        inputs: { style: 'plain words', topic: 'solar' },
        agentTools: new Map([['writer', [tool('search')]]]),
        taskTools: new Map([['write', [tool('read_file')]]]),
        outputSchemas: new Map([['write', schema({ title: { type: 'string' } })]]),
      }),
    ).toMatchInlineSnapshot(`
      {
        "agent": "writer",
        "context": "research",
        "description": "#eb9d19da",
        "expected output": "#c1094a1a",
        "input style": "#3bfdd0c7",
        "model": "openai/gpt-4o → openai/gpt-4.1",
        "model settings": "temperature 0.2, stop ["END"] → default",
        "output schema": "#75a32380",
        "texts": "#5541f52a #747a81e6 #5f737a79",
        "tool read_file": "#43de3a41",
        "tool search": "#43de3a41",
        "tools": "read_file, search",
      }
    `);
  });

  it('holds everyone who may work on it', () => {
    const crew = createDefinition({ agents: [researcher, { ...writer, allowDelegation: true }], tasks, manager });
    expect(
      of('write', crew, {
        inputs: { topic: 'solar' },
        agentTools: new Map([['researcher', [tool('search')]]]),
        taskTools: new Map([['write', [tool('read_file')]]]),
      }),
    ).toMatchInlineSnapshot(`
      {
        "agent": "manager",
        "context": "research",
        "delegation": "allowed",
        "delegation of writer": "allowed",
        "description": "#eb9d19da",
        "expected output": "#c1094a1a",
        "input topic": "#1ac3cbfe",
        "model": "openai/gpt-4.1-mini",
        "model of researcher": "openai/gpt-4o",
        "model of writer": "openai/gpt-4o",
        "suggested coworker": "writer",
        "task tools": "read_file",
        "texts": "#d844e418 #405c5883 #9045abcd",
        "texts of researcher": "#a5e436fb #6851c1ed #efa5c9e5",
        "texts of writer": "#5541f52a #747a81e6 #5f737a79",
        "tool read_file": "#43de3a41",
        "tool search": "#43de3a41",
        "tools of researcher": "search",
      }
    `);
    expect(
      of('write', { ...crew, tasks: [tasks[0] as TaskDefinition, { ...write, coworkers: ['writer'] }] }),
    ).not.toHaveProperty('model of researcher');
  });

  it('is the same for a value that was read back from the database', () => {
    const redactor = createRedactor([{ name: 'MY_KEY', value: 'very-secret' }]);
    const [live, stored] = ['with very-secret inside', 'with [redacted:MY_KEY] inside'].map((style) =>
      of('write', {}, { inputs: { style }, redactor }),
    );
    expect(live).toEqual(stored);
  });

  it('takes a context that names everything earlier for the same as none', () => {
    const { context: _context, ...rest } = write;
    expect(of('write', ...withTask({ ...rest, context: undefined }))).toEqual(of('write'));
    const noContext = of('write', ...withTask({ context: [] }));
    expect(noContext).not.toHaveProperty('context');
  });

  it('leaves out what only bounds or places the work', () => {
    const bounds = { outputFile: 'out.md', guardrailMaxRetries: 0, asyncExecution: true, maxExecutionTimeMs: 5 };
    expect(of('write', ...withTask(bounds))).toEqual(of('write'));
    const models = [gpt('gpt-4o', { apiKey: 'x', headers: { a: 'b' }, timeoutMs: 1, price: { input: 1, output: 1 } })];
    expect(of('write', ...withWriter({ maxIter: 1, maxRpm: 1, models }))).toEqual(of('write'));
  });

  it('holds the guardrails of the task and of the agent, and the inputs in their sentences', () => {
    const sentence = { kind: 'sentence', name: 'About {topic}.', text: 'About {topic}.', models: undefined } as const;
    const words = { kind: 'max_words', name: 'max_words: 9', count: 9 } as const;
    const before = of('write', ...withTask({ guardrails: [sentence] }), { inputs: { topic: 'solar' } });
    expect(before).toMatchObject({
      guardrails: '#30c8b657',
      'input topic': of('research', {}, { inputs: { topic: 'solar' } })['input topic'],
    });
    const diff = (...after: Parameters<typeof fingerprints>): string[] =>
      diffFingerprints(before, of('write', ...after));
    expect(diff(...withTask({ guardrails: [sentence] }), { inputs: { topic: 'wind' } })).toEqual([
      'input topic changed',
    ]);
    const models = [gpt('gpt-4o')];
    expect(diff(...withTask({ guardrails: [{ ...sentence, models }] }), { inputs: { topic: 'solar' } })).toEqual([
      'guardrails changed',
    ]);
    const agent = { ...writer, guardrails: [words] };
    const loaded = { ...createLengthGuardrail(words), check: () => ({ passed: true }) as const };
    const guarded = of('write', { agents: [researcher, agent] }, { agentGuardrails: new Map([['writer', [loaded]]]) });
    expect(diffFingerprints(of('write'), guarded)).toEqual(['agent guardrails changed']);
  });

  it('is small, and made fast, where many agents share a thousand tasks', () => {
    const agents = Array.from({ length: 20 }, (_, index) => createAgent({ key: `agent${index}` }));
    const many = Array.from({ length: 1000 }, (_, index) => createTask({ key: `task${index}`, position: index + 1 }));
    const began = performance.now();
    const made = fingerprints({ agents, tasks: many, manager });
    expect(performance.now() - began).toBeLessThan(1000);
    expect(JSON.stringify(made.get('task999')).length).toBeLessThan(2500);
  });
});

describe('diffFingerprints', () => {
  it('tells what has changed of the prompts and of who plans', () => {
    const agent = { ...writer, dateFormat: '%d', useSystemPrompt: false, reasoningAttempts: 1 };
    const crew: Partial<CrewDefinition> = {
      language: 'French',
      planning: { models: [gpt('gpt-4o')] },
      promptTexts: { ...DEFAULT_PROMPT_TEXTS, goal: '{goal}' },
      agents: [researcher, agent],
      tasks: [tasks[0] as TaskDefinition, { ...write, markdown: true }],
    };
    expect(diffFingerprints(of('write'), of('write', crew))).toMatchInlineSnapshot(`
      [
        "markdown changed",
        "planning changed from none to openai/gpt-4o",
        "language changed from none to French",
        "prompts changed",
        "date format changed from none to %d",
        "system prompt changed",
        "reasoning changed from none to 1 attempt",
      ]
    `);
    const team = of('write', { ...crew, manager });
    expect(diffFingerprints(of('write', { manager }), team).filter((reason) => reason.includes(' of '))).toEqual([
      'date format of writer changed from none to %d',
      'system prompt of writer changed',
      'reasoning of writer changed from none to 1 attempt',
    ]);
  });

  it('tells which input file changed, came or went', () => {
    const file = (sha256: string, kind: 'image' | 'text' = 'text') => ({
      name: 'x',
      kind,
      mediaType: 'x/y',
      bytes: 1,
      sha256,
    });
    const withFiles = (inputFiles: readonly string[], digests: readonly string[], more: Partial<CrewDefinition> = {}) =>
      [
        { ...withTask({ inputFiles })[0], ...more },
        { inputFiles: new Map([['write', digests.map((digest) => file(digest, 'image'))]]), inputs: { region: 'eu' } },
      ] as const;
    const before = withFiles(['a.png', 'list of may.csv'], ['1', '2']);
    expect(changes([...before], [...withFiles(['a.png', 'list of may.csv'], ['3', '4'])])).toEqual([
      'input file a.png changed',
      'input file list of may.csv changed',
    ]);
    expect(changes([...before], [...withFiles(['{region}.md', 'a.png'], ['5', '1'])])).toEqual([
      'input region changed',
      'input files changed: {region}.md added, list of may.csv removed',
    ]);
    expect(changes([...before], [...withFiles(['list of may.csv', 'a.png'], ['2', '1'])])).toEqual([
      'input files changed: the order',
    ]);
    expect(changes(withTask({}), [...before])).toEqual(['input files changed: a.png, list of may.csv added']);
    expect(
      changesPrompt(of('write', ...before), of('write', ...withFiles(['a.png', 'list of may.csv'], ['3', '2']))),
    ).toBe(true);
    const agents = [researcher, { ...writer, multimodal: true }];
    expect(
      changes([...withFiles(['a.png'], ['1'], { manager })], [...withFiles(['a.png'], ['1'], { manager, agents })]),
    ).toEqual(['multimodal agents changed: writer added']);
  });

  it('finds nothing where nothing changed', () => {
    expect(changes([], [])).toEqual([]);
  });

  it('knows nothing of what an early version recorded', () => {
    expect(diffFingerprints({}, of('write'))).toEqual(['nothing is known of how it was made']);
  });

  it.each<[reason: string, before: Parameters<typeof fingerprints>, after: Parameters<typeof fingerprints>]>([
    ['description changed', [], withTask({ description: 'Write in {style}!' })],
    ['expected output changed', [], withTask({ expectedOutput: 'Words.' })],
    ['output schema changed', [], [{}, { outputSchemas: new Map([['write', schema({})]]) }]],
    ['input style changed', [{}, { inputs: { style: 'a' } }], [{}, { inputs: { style: 'b' } }]],
    ['context changed: research removed', [], withTask({ context: [] })],
    [
      'context changed: research as summary up to 500 tokens added, research removed',
      [],
      withTask({ contextForms: { research: { as: 'summary', jsonPath: '', maxTokens: 500 } } }),
    ],
    [
      'context changed: research as json.title added, research as json.author removed',
      withTask({ contextForms: { research: { as: 'json', jsonPath: 'author', maxTokens: undefined } } }),
      withTask({ contextForms: { research: { as: 'json', jsonPath: 'title', maxTokens: undefined } } }),
    ],
    [
      'model for tools changed from none to openai/nano',
      [],
      [{ agents: [researcher, { ...writer, functionCallingModels: [gpt('nano')] }] }],
    ],
    ['role changed', [], withWriter({ role: 'Author' })],
    ['goal changed', [], withWriter({ goal: 'x' })],
    ['backstory changed', [], withWriter({ backstory: 'x' })],
    ['model changed from openai/gpt-4o to openai/gpt-4.1', [], withWriter({ models: [gpt('gpt-4.1')] })],
    [
      'model changed from openai/gpt-4o to openai/gpt-4o → openai/gpt-4.1',
      [],
      withWriter({ models: [gpt('gpt-4o'), gpt('gpt-4.1')] }),
    ],
    [
      'model settings changed from default to temperature 0.2, seed 7',
      [],
      withWriter({ models: [gpt('gpt-4o', { temperature: 0.2, seed: 7 })] }),
    ],
    [
      'model settings changed from base_url http://a/v1 to base_url http://b/v1',
      withWriter({ models: [gpt('gpt-4o', { baseUrl: 'http://a/v1' })] }),
      withWriter({ models: [gpt('gpt-4o', { baseUrl: 'http://b/v1' })] }),
    ],
    ['tools changed: search added', [], [{}, { agentTools: new Map([['writer', [tool('search')]]]) }]],
    [
      'tools changed: read_file added, search removed',
      [{}, { taskTools: new Map([['write', [tool('search')]]]) }],
      [{}, { taskTools: new Map([['write', [tool('read_file')]]]) }],
    ],
    [
      'code of tool search changed',
      [{}, { agentTools: new Map([['writer', [tool('search')]]]) }],
      [{}, { agentTools: new Map([['writer', [tool('search', '2')]]]) }],
    ],
    [
      'settings of tool read_file changed',
      [{}, { agentTools: new Map([['writer', [tool('read_file')]]]) }],
      [{}, { agentTools: new Map([['writer', [tool('read_file', '2')]]]) }],
    ],
    ['now done by researcher instead of writer', [], withTask({ agent: 'researcher' })],
    ['delegation is now allowed', [], withWriter({ allowDelegation: true })],
  ])('says: %s', (reason, before, after) => {
    expect(changes(before, after)).toEqual([reason]);
  });

  it.each<[reason: string, change: Partial<CrewDefinition>]>([
    [
      'model of writer changed from openai/gpt-4o to openai/gpt-4.1',
      { agents: [researcher, { ...writer, models: [gpt('gpt-4.1')] }] },
    ],
    ['goal of writer changed', { agents: [researcher, { ...writer, goal: 'x' }] }],
    ['delegation of writer is now allowed', { agents: [researcher, { ...writer, allowDelegation: true }] }],
    [
      'suggested coworker changed from writer to researcher',
      { tasks: [{ ...write, agent: 'researcher', context: ['research'] }] },
    ],
    ['coworkers changed: writer removed', { tasks: [{ ...write, coworkers: ['researcher'] }] }],
    ['coworkers changed: editor added', { agents: [researcher, writer, createAgent({ key: 'editor' })] }],
    ['goal changed', { manager: { ...manager, goal: 'x' } }],
  ])('says of a crew with a manager: %s', (reason, change) => {
    expect(changes([{ manager }], [{ manager, ...change }])).toEqual([reason]);
  });

  it('says of a sequential crew that became hierarchical who does the work', () => {
    expect(changes([], [{ manager }])).toMatchInlineSnapshot(`
      [
        "now done by manager instead of writer",
        "coworkers changed: researcher added",
      ]
    `);
  });

  it('names added and removed tasks of a context, and another order, but not where there are too many', () => {
    const context = (...keys: string[]) => withTask({ context: keys });
    expect(changes(context('research', 'notes'), context('research', 'facts', 'figures'))).toEqual([
      'context changed: facts, figures added, notes removed',
    ]);
    expect(changes(context('a', 'b'), context('b', 'a'))).toEqual(['context changed: the order']);
    const many = Array.from({ length: 100 }, (_, index) => `task${index}`);
    expect(changes(context(...many), context(...many, 'more'))).toEqual(['context changed']);
  });

  it('does not mind the order of agents and tools, nor the name of who does it', () => {
    expect(changes([{ manager }], [{ manager, agents: [writer, researcher] }])).toEqual([]);
    const tools = [tool('a'), tool('b')];
    const agentTools = new Map([['writer', tools]]);
    expect(changes([{}, { agentTools }], [{}, { agentTools: new Map([['writer', tools.toReversed()]]) }])).toEqual([]);
    const renamed = { ...writer, key: 'author', role: writer.role };
    expect(changes([], [{ agents: [researcher, renamed], tasks: [{ ...write, agent: 'author' }] }])).toEqual([]);
  });

  it('names everything that changed, in the order of the parts', () => {
    const after = withTask({ description: 'x', context: [], agent: 'researcher' });
    expect(changes([{}, { inputs: { topic: 'a' } }], [...after, { inputs: { topic: 'b' } }])).toMatchInlineSnapshot(`
      [
        "description changed",
        "context changed: research removed",
        "now done by researcher instead of writer",
      ]
    `);
  });
});

describe('changesPrompt', () => {
  it.each<[what: string, after: Parameters<typeof fingerprints>, isChange: boolean]>([
    ['nothing', [], false],
    ['the description', withTask({ description: 'x' }), true],
    ['the context', withTask({ context: [] }), true],
    ['the goal', withWriter({ goal: 'x' }), true],
    ['an input', [{}, { inputs: { style: 'x' } }], true],
    ['the language', [{ language: 'French' }], true],
    ['the prompts', [{ promptTexts: { ...DEFAULT_PROMPT_TEXTS, goal: '{goal}' } }], true],
    ['the planning', [{ planning: { models: [gpt('gpt-4o')] } }], true],
    ['the form of the date', withWriter({ dateFormat: '%d' }), true],
    [
      'a template',
      withWriter({ templates: { system: '{{ .System }}', prompt: undefined, response: undefined } }),
      true,
    ],
    ['reasoning', withWriter({ reasoningAttempts: 1 }), true],
    ['Markdown', withTask({ markdown: true }), true],
    ['the model', withWriter({ models: [gpt('gpt-4.1')] }), false],
    ['a setting', withWriter({ models: [gpt('gpt-4o', { seed: 1 })] }), false],
    ['the tools', [{}, { agentTools: new Map([['writer', [tool('search')]]]) }], false],
  ])('tells whether the conversation may go on after a change of %s', (_what, after, isChange) => {
    expect(changesPrompt(of('write'), of('write', ...after))).toBe(isChange);
  });

  it('holds when a task runs only where it does not always, with the inputs that decide it', () => {
    const condition = { text: 'inputs.n > 1', identity: 'inputs.n > 1', inputs: ['n'], holds: async () => true };
    const conditional = of('write', {}, { conditions: new Map([['write', condition]]), inputs: { n: 2 } });
    expect(conditional).toMatchObject({ condition: 'inputs.n > 1', 'input n': expect.stringMatching(/^#/) });
    expect(diffFingerprints(of('write'), conditional)).toEqual(['condition changed']);
    expect(of('write', withTask({ runsIfSkipped: true })[0])).toMatchObject({ on_skipped: 'run' });
  });

  it('trusts nothing that an early version recorded', () => {
    expect(changesPrompt({}, of('write'))).toBe(true);
  });
});
