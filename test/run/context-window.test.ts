import type { LanguageModelV3Prompt } from '@ai-sdk/provider';
import { describe, expect, it } from 'vitest';
import type { AgentDefinition, ModelDefinition } from '../../src/definition/types.js';
import { ProviderError } from '../../src/errors.js';
import { createConversations } from '../../src/reporters/rebuild-conversation.js';
import type { Tool } from '../../src/tools/tool.js';
import type { JsonObject } from '../../src/util/json.js';
import { loadTokenizer } from '../../src/util/count-tokens.js';
import { createAgent, createDefinition, createTask } from '../helpers/definitions.js';
import { runScripted, toolTexts, userTexts } from '../helpers/run-scripted.js';
import type { ScriptedAnswer } from '../helpers/scripted-models.js';

const { count } = await loadTokenizer();

const modelWith = (settings: Partial<ModelDefinition>): ModelDefinition => ({
  reference: 'openai/house',
  provider: 'openai',
  modelId: 'house',
  ...settings,
});
const crewWith = (agent: Partial<AgentDefinition> = {}, description = 'Do a.') =>
  createDefinition({
    agents: [createAgent({ key: 'worker', models: [modelWith({ contextWindow: 1000, maxTokens: 100 })], ...agent })],
    tasks: [createTask({ key: 'a', description })],
  });

/** A tool whose results have that many tokens. */
function createReader(tokens: number): Tool {
  return {
    name: 'read',
    description: 'Reads.',
    parameters: { type: 'object', properties: {} },
    effects: 'none',
    digest: 'read',
    parseArguments: async (value) => ({ ok: true, value: value as JsonObject }),
    execute: async (args) => `${(args as { page: number }).page}: ${'word '.repeat(tokens)}`,
  };
}
const tools = (tokens = 120) => ({ agentTools: new Map([['worker', [createReader(tokens)]]]) });
const read = (page: number): ScriptedAnswer => ({ calls: [{ id: `p${page}`, name: 'read', args: { page } }] });
const warnings = ({ events }: Awaited<ReturnType<typeof runScripted>>) =>
  events.flatMap((event) => (event.type === 'warning' ? [event.message] : []));
const errorOf = ({ result: { error } }: Awaited<ReturnType<typeof runScripted>>) =>
  `${error?.message}\n${error?.hint}`.replaceAll(/resume \w+/g, 'resume <run>');
/** Each message in a few letters. */
const shape = (messages: LanguageModelV3Prompt) =>
  messages.map(({ role, content }) => {
    const [part] = typeof content === 'string' ? [] : content;
    return part?.type === 'tool-call' || part?.type === 'tool-result' ? `${role} ${part.toolCallId}` : role;
  });
const SHORTENED = ['system', 'user', 'user', 'assistant p5', 'tool p5'];
const refusal = () => ({
  error: new ProviderError('openai/house: too long', { trouble: 'context-length', model: 'openai/house' }),
});

describe('a conversation that no longer fits its window', () => {
  const script = { worker: [...[1, 2, 3, 4, 5, 6].map(read), 'Done.'], '': ['Pages 1 to 4: words.'] };

  it('has its middle summed up, and keeps the task and the last turns', async () => {
    const run = await runScripted(crewWith(), script, tools());
    expect(run.result).toMatchObject({ status: 'completed', raw: 'Done.' });
    expect(run.models.owed()).toEqual({});
    expect(run.steps.slice(-4).map(({ path }) => path)).toEqual([
      'a/llm/6',
      'a/tool/p6',
      'a/summary/7/llm/1',
      'a/llm/7',
    ]);
    const { request } = run.models.requests.at(-1) as (typeof run.models.requests)[number];
    expect(shape(request.messages)).toEqual([...SHORTENED, 'assistant p6', 'tool p6']);
    expect(userTexts(request)[1]).toBe('What happened so far, in short:\nPages 1 to 4: words.');
    expect(warnings(run)).toMatchInlineSnapshot(`
      [
        "the conversation of worker is too long for openai/house: 4 turns are summed up, 993 → 409 tokens",
      ]
    `);
    expect(run.result.token_usage.successful_requests).toBe(8);
    expect(run.tasks[0]?.spend.usage.requests).toBe(8);
  });

  it('is summed up from what its model was told, for the task', async () => {
    const run = await runScripted(crewWith(), script, tools());
    const asked = run.models.requests.find(({ role }) => role === '')?.request.messages;
    expect(asked?.map(({ role }) => role)).toEqual(['user']);
    const text = userTexts({ messages: asked ?? [] })[0]?.replaceAll(/(?:word ?)+/g, '<words>');
    expect(text).toMatchInlineSnapshot(`
      "This is the middle of a long conversation in which you work on this task:
      Task: Do a.

      Expected output: The result of a.

      Answer with the complete result, nothing else.

      Sum it up for yourself, in at most 60 <words>s: what was asked, found, done and decided, with every fact, number, name and source that is still needed.

      [assistant]
      read {"page":1}

      [tool]
      read: 1: <words>

      [assistant]
      read {"page":2}

      [tool]
      read: 2: <words>

      [assistant]
      read {"page":3}

      [tool]
      read: 3: <words>

      [assistant]
      read {"page":4}

      [tool]
      read: 4: <words>"
    `);
  });

  it('is rebuilt from the record as the model was told it', async () => {
    const run = await runScripted(crewWith(), script, tools());
    const conversationOf = createConversations(run.steps);
    const last = run.steps.at(-1);
    const rebuilt = last ? conversationOf(last) : [];
    expect(rebuilt.map(({ role }) => role)).toEqual([
      'system',
      'user',
      'user',
      'assistant',
      'tool',
      'assistant',
      'tool',
      'assistant',
    ]);
    expect(rebuilt[2]).toEqual({ role: 'user', text: 'What happened so far, in short:\nPages 1 to 4: words.' });
    expect(rebuilt[4]).toMatchObject({ results: [{ step: 'a/tool/p5', tool: 'read', is_error: false }] });
  });

  it('goes on from its summary when the run is resumed, and is told of nothing again', async () => {
    const down = { error: new ProviderError('down', { trouble: 'server', model: 'openai/house' }) };
    const first = await runScripted(
      crewWith(),
      { worker: [...[1, 2, 3, 4, 5, 6].map(read), down], '': ['Summary.'] },
      tools(),
    );
    expect(first.result.exit_code).toBe(6);
    const again = await runScripted(crewWith(), { worker: [read(7), 'Done.'] }, { ...tools(), resumes: first });
    expect(again.models.owed()).toEqual({});
    expect(again.result).toMatchObject({ status: 'completed', raw: 'Done.' });
    expect(again.models.requests.map(({ request }) => shape(request.messages))).toEqual([
      [...SHORTENED, 'assistant p6', 'tool p6'],
      [...SHORTENED, 'assistant p6', 'tool p6', 'assistant p7', 'tool p7'],
    ]);
    const third = await runScripted(crewWith(), {}, { ...tools(), resumes: first });
    expect(warnings(third)).toEqual([]);
  });

  it('is summed up in parts where the part itself is too long for one call', async () => {
    const run = await runScripted(
      crewWith(),
      {
        worker: [
          { calls: [1, 2, 3].map((page) => ({ id: `p${page}`, name: 'read', args: { page } })) },
          read(4),
          'Done.',
        ],
        '': ['First part.', 'First and second part.'],
      },
      tools(220),
    );
    expect(run.result).toMatchObject({ status: 'completed' });
    expect(run.steps.map(({ path }) => path).filter((path) => path.includes('summary'))).toEqual([
      'a/summary/3/llm/1',
      'a/summary/3/2/llm/1',
    ]);
    const second = run.models.requests.filter(({ role }) => role === '')[1]?.request;
    expect(userTexts(second ?? { messages: [] })[0]).toContain('Summary of what came before:\nFirst part.');
  });

  it('loses the middle of a result that is too long by itself', async () => {
    const run = await runScripted(crewWith(), { worker: [read(1), 'Done.'] }, tools(3000));
    const { request } = run.models.requests.at(-1) as (typeof run.models.requests)[number];
    const [text = ''] = toolTexts(request);
    expect(text.replaceAll(/(?:word ?)+/g, '<words>')).toMatchInlineSnapshot(`
      "1: <words>
      [… 2,290 tokens left out …]
       <words>"
    `);
    expect(count(text)).toBeGreaterThan(500);
    expect(count(JSON.stringify(request.messages))).toBeLessThan(900);
    expect(warnings(run)).toMatchInlineSnapshot(`
      [
        "the result of read is too long for openai/house: 2,290 of its 3,018 tokens are left out",
      ]
    `);
    const last = run.steps.at(-1);
    expect(last && createConversations(run.steps)(last)[3]).toMatchObject({ results: [{ text }] });
  });

  it('ends the task where the agent must not shorten it', async () => {
    const run = await runScripted(
      crewWith({ respectContextWindow: false }),
      { worker: [1, 2, 3, 4, 5, 6].map(read) },
      tools(),
    );
    expect(run.result).toMatchObject({ status: 'failed', exit_code: 4 });
    expect(errorOf(run)).toMatchInlineSnapshot(`
      "the conversation of worker has about 993 tokens, and openai/house has room for 900 of the context window of 1,000, less its answer
      Set agents.worker.respect_context_window: true, so that it is shortened, or take a model with a larger window, and go on with crew resume <run> --with-current."
    `);
  });

  it('ends the task where its texts alone are too long, before anything is called', async () => {
    const run = await runScripted(crewWith({}, 'word '.repeat(2000)), {});
    expect(run.result).toMatchObject({ status: 'failed', exit_code: 4 });
    expect(errorOf(run)).toMatchInlineSnapshot(`
      "the texts of the task alone have about 2,247 tokens, and openai/house has room for 900 of the context window of 1,000, less its answer
      Give the task less (context with as: summary or max_tokens, shorter inputs), or take a model with a larger window, and go on with crew resume <run> --with-current."
    `);
  });

  it('does not matter where nobody knows the window', async () => {
    const run = await runScripted(
      crewWith({ models: [modelWith({})] }),
      { worker: [read(1), read(2), read(3), 'Done.'] },
      tools(5000),
    );
    expect(run.result.status).toBe('completed');
  });

  it('is known of models in the price table', async () => {
    const gpt4 = modelWith({ reference: 'openai/gpt-4', modelId: 'gpt-4' });
    const run = await runScripted(
      crewWith({ models: [gpt4] }),
      { worker: [read(1), read(2), 'Done.'], '': ['Short.'] },
      tools(5000),
    );
    expect(run.result.status).toBe('completed');
    expect(warnings(run)).toMatchInlineSnapshot(`
      [
        "the conversation of worker is too long for openai/gpt-4: 1 turn is summed up, 11,176 → 5,645 tokens",
      ]
    `);
  });
});

describe('a request that the provider refuses as too long', () => {
  const open = { models: [modelWith({})] };

  it('is made again with half of the conversation', async () => {
    const run = await runScripted(
      crewWith(open),
      { worker: [read(1), read(2), read(3), refusal(), read(4), 'Done.'], '': ['Page 1.', 'Pages 1 and 2.'] },
      tools(1000),
    );
    expect(run.models.owed()).toEqual({});
    expect(run.result).toMatchObject({ status: 'completed', raw: 'Done.' });
    expect(run.steps.slice(-6).map(({ path, status }) => `${path} ${status}`)).toEqual([
      'a/llm/4 completed',
      'a/summary/5/llm/1 completed',
      'a/summary/5/2/llm/1 completed',
      'a/llm/5 completed',
      'a/tool/p4 completed',
      'a/llm/6 completed',
    ]);
    const last = run.steps.at(-1);
    expect(last && createConversations(run.steps)(last).map(({ role }) => role)).toEqual([
      'system',
      'user',
      'user',
      'assistant',
      'tool',
      'assistant',
      'tool',
      'assistant',
    ]);
    expect(warnings(run)).toMatchInlineSnapshot(`
      [
        "the conversation of worker is too long for openai/house: 2 turns are summed up, 3,458 → 1,228 tokens",
      ]
    `);
  });

  it('walks the same way when the run is resumed', async () => {
    const down = { error: new ProviderError('down', { trouble: 'server', model: 'openai/house' }) };
    const first = await runScripted(
      crewWith(open),
      { worker: [read(1), read(2), refusal(), down], '': ['Half of page 1.', 'Page 1.'] },
      tools(1000),
    );
    const again = await runScripted(crewWith(open), { worker: ['Done.'] }, { ...tools(1000), resumes: first });
    expect(again.models.owed()).toEqual({});
    expect(again.models.requests.map(({ request }) => shape(request.messages))).toEqual([
      ['system', 'user', 'user', 'assistant p2', 'tool p2'],
    ]);
  });

  it('ends the task when it is refused again, and is tried anew when the run goes on', async () => {
    const first = await runScripted(
      crewWith(open),
      { worker: [read(1), read(2), refusal(), refusal()], '': ['Half of page 1.', 'Page 1.'] },
      tools(1000),
    );
    expect(first.result).toMatchObject({ status: 'failed', exit_code: 4 });
    expect(errorOf(first)).toMatchInlineSnapshot(`
      "openai/house refused the conversation of worker, about 1,033 tokens, as too long for it
      Give the task less (context with as: summary or max_tokens, shorter inputs), or take a model with a larger window, and go on with crew resume <run> --with-current."
    `);
    const again = await runScripted(crewWith(open), { worker: ['Done.'] }, { ...tools(1000), resumes: first });
    expect(again.models.owed()).toEqual({});
    expect(again.result).toMatchObject({ status: 'completed', raw: 'Done.' });
  });

  it('ends the task at once where the agent must not shorten it, or nothing can be left out', async () => {
    const strict = await runScripted(
      crewWith({ ...open, respectContextWindow: false }),
      { worker: [read(1), read(2), refusal()] },
      tools(1000),
    );
    expect(strict.result).toMatchObject({ exit_code: 4, error: { code: 'limit' } });
    const first = await runScripted(crewWith(open), { worker: [refusal()] }, tools(1000));
    expect(first.result).toMatchObject({ exit_code: 4, error: { code: 'limit' } });
    const again = await runScripted(crewWith(open), { worker: ['Done.'] }, { ...tools(1000), resumes: first });
    expect(again.result).toMatchObject({ status: 'completed', raw: 'Done.' });
  });
});
