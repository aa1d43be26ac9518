import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openConversation } from '../../src/run/agent-prompt.js';
import { createToday } from '../../src/run/today.js';
import { formatWallTime, parseWallTime } from '../../src/util/local-time.js';
import { createAgent, createDefinition, createTask } from '../helpers/definitions.js';
import { createClock, runScripted, userTexts } from '../helpers/run-scripted.js';

const templates = {
  system: '<|system|>\n{{ .System }} {{.System}}<|end|>',
  prompt: '<|user|>\n{{ .Prompt }}<|end|>',
  response: '<|assistant|>\n{{ .Response }}<|end|>',
};
const none = { system: undefined, prompt: undefined, response: undefined };
const words = { system: 'Role: {{ .Prompt }} $&', text: 'Task: {{ .System }}' };

describe('the beginning of a conversation', () => {
  it('stands in the templates of its agent, once', () => {
    const { messages } = openConversation({ templates, useSystemPrompt: true }, words);
    expect(messages).toMatchInlineSnapshot(`
      [
        {
          "content": "<|system|>
      Role: {{ .Prompt }} $& Role: {{ .Prompt }} $&<|end|>",
          "role": "system",
        },
        {
          "content": [
            {
              "text": "<|user|>
      Task: {{ .System }}<|end|>
      <|assistant|>",
              "type": "text",
            },
          ],
          "role": "user",
        },
      ]
    `);
  });

  it('is one user message for an agent without system prompt', () => {
    const { messages } = openConversation({ templates: none, useSystemPrompt: false }, words);
    expect(messages).toMatchInlineSnapshot(`
      [
        {
          "content": [
            {
              "text": "Role: {{ .Prompt }} $&

      Task: {{ .System }}",
              "type": "text",
            },
          ],
          "role": "user",
        },
      ]
    `);
  });

  it('holds all that it did where an agent has neither', () => {
    const { messages } = openConversation({ templates: none, useSystemPrompt: true }, words);
    expect(messages).toEqual([
      { role: 'system', content: words.system },
      { role: 'user', content: [{ type: 'text', text: words.text }] },
    ]);
  });

  it('is the same for a task, delegated work and the choice of a task', async () => {
    const parts = { templates, useSystemPrompt: false } as const;
    const manager = createAgent({ key: 'manager', role: 'Manager', ...parts });
    const writer = createAgent({ key: 'writer', role: 'Writer', ...parts });
    const tasks = [createTask({ key: 'a', context: [] }), createTask({ key: 'b', context: [] })];
    const args = { task: 'Write it.', context: '', coworker: 'Writer' };
    const run = await runScripted(createDefinition({ manager, agents: [writer], tasks, taskOrder: 'manager' }), {
      Manager: ['b', { calls: [{ id: 'c', name: 'delegate_work_to_coworker', args }] }, 'B.', 'A.'],
      Writer: ['Text.'],
    });
    expect(run.error).toBeUndefined();
    for (const { request } of run.models.requests) {
      expect(request.messages[0]?.role).toBe('user');
      expect(userTexts(request)[0]).toMatch(/^<\|system\|>\nRole: [^]*<\|end\|>\n\n<\|user\|>\n[^]*\n<\|assistant\|>$/);
    }
  });
});

describe('the date', () => {
  const zone = process.env['TZ'];
  beforeEach(() => void (process.env['TZ'] = 'America/New_York'));
  afterEach(() => void (process.env['TZ'] = zone));

  const noon = Date.UTC(2026, 6, 4, 3, 5, 9, 7);
  const told = async (format: string, moment: string): Promise<string | undefined> => {
    const agent = createAgent({ key: 'a', dateFormat: format });
    return (await createToday({ agents: [agent], manager: undefined }, moment))?.textFor(agent);
  };

  it('is the one on the clock, wherever it is told', async () => {
    const moment = formatWallTime(noon);
    expect(moment).toBe('2026-07-03T23:05:09.007-04:00');
    expect(parseWallTime(moment).zone).toBe('-0400');
    process.env['TZ'] = 'Asia/Kolkata';
    expect(await told('%A, %-d %B %Y, %H:%M %Z, 100%%Z', moment)).toBe('Friday, 3 July 2026, 23:05 -0400, 100%Z');
    expect(formatWallTime(noon)).toBe('2026-07-04T08:35:09.007+05:30');
  });

  it('is told to agents that want it, in tasks and delegated work, as it was when the run began', async () => {
    const manager = createAgent({ key: 'manager', role: 'Manager', dateFormat: '%Y-%m-%d' });
    const writer = createAgent({ key: 'writer', role: 'Writer', dateFormat: '%d %B %Y' });
    const other = createAgent({ key: 'other', role: 'Other' });
    const delegate = (id: string, coworker: string) => ({
      id,
      name: 'delegate_work_to_coworker',
      args: { task: 'Do it.', context: '', coworker },
    });
    const definition = createDefinition({ manager, agents: [writer, other], tasks: [createTask({ key: 'a' })] });
    const run = await runScripted(
      definition,
      { Manager: [{ calls: [delegate('c', 'Writer'), delegate('d', 'Other')] }, ''], Writer: ['x'], Other: ['y'] },
      { now: createClock(noon) },
    );
    const texts = (runs: typeof run) => runs.models.requests.map(({ role, request }) => [role, userTexts(request)[0]]);
    expect(texts(run).slice(0, 3)).toEqual([
      ['Manager', expect.stringContaining('\n\nCurrent date: 2026-07-03\n\n')],
      ['Writer', expect.stringContaining('\n\nCurrent date: 03 July 2026\n\n')],
      ['Other', expect.not.stringContaining('Current date')],
    ]);
    const days = 24 * 60 * 60 * 1000;
    const later = await runScripted(
      definition,
      { Manager: ['Done.'] },
      { resumes: run, now: createClock(noon + days) },
    );
    expect(later.error).toBeUndefined();
    expect(texts(later)[0]?.[1]).toContain('Current date: 2026-07-03');
    expect(later.steps[0]?.request).toMatchObject({
      messages: [{ role: 'system' }, { role: 'user', moment: expect.stringMatching(/^2026-07-03T23:05:09.*-04:00$/) }],
    });
  });
});
