import { describe, expect, it } from 'vitest';
import type { OutputSchema } from '../../src/definition/output-schema.js';
import type { ConditionDefinition, CrewDefinition } from '../../src/definition/types.js';
import { messageOf, ProviderError, TaskError, UsageError } from '../../src/errors.js';
import type { RunEvent } from '../../src/events.js';
import type { TaskResult } from '../../src/result.js';
import { loadConditions } from '../../src/run/conditions.js';
import type { RunContext } from '../../src/run/run-context.js';
import type { JsonValue } from '../../src/util/json.js';
import { createAgent, createDefinition, createTask } from '../helpers/definitions.js';
import { runScripted, userTexts } from '../helpers/run-scripted.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

const expression = (text: string, ...tasks: string[]): ConditionDefinition => ({
  kind: 'expression',
  text,
  tasks,
  inputs: [],
});
const code = (exportName: string): ConditionDefinition => ({ kind: 'module', path: './gate.ts', exportName });

/** Runs a crew whose code is in `gate.ts`, where that is given. */
async function run(
  definition: Partial<CrewDefinition>,
  script: Parameters<typeof runScripted>[1],
  { gate = '', ...parts }: Parameters<typeof runScripted>[2] & { readonly gate?: string } = {},
) {
  const directory = temporaryFolder({ 'gate.ts': gate });
  const crew = createDefinition({ source: { path: `${directory}/crew.yaml`, directory, files: [] }, ...definition });
  return runScripted(crew, script, { conditions: await loadConditions(crew), ...parts });
}

const skips = (events: readonly RunEvent[]): string[] =>
  events.flatMap((event) => (event.type === 'task-skip' ? [`${event.taskKey}: ${event.reason}`] : []));
const statuses = (tasks: readonly { readonly key: string; readonly status: string }[]): string[] =>
  tasks.map(({ key, status }) => `${key} ${status}`);

const anySchema: OutputSchema = {
  name: 'any',
  schema: {},
  parse: async (value: JsonValue) => ({ ok: true, value }),
};

describe('an expression', () => {
  const tasks = {
    research: { raw: 'Solar grew.', json_dict: { count: 3, score: 0.5, tags: ['eu'] }, status: 'completed' },
    'fact-check': { raw: null, json_dict: null, pydantic: null, status: 'skipped' },
  } as unknown as Record<string, TaskResult>;
  const inputs = { topic: 'solar', depth: 2, tags: ['eu', 'us'] };

  async function holds(text: string): Promise<boolean | string> {
    const task = createTask({ key: 'essay', when: expression(text) });
    const condition = (await loadConditions(createDefinition({ tasks: [task] }))).get('essay');
    const context = { inputs, tasks, runId: 'run00001', signal: new AbortController().signal };
    return condition!.holds(null, context).catch((error: unknown) => {
      expect(error).toBeInstanceOf(TaskError);
      return `${messageOf(error)}${error instanceof TaskError && error.hint ? `\n${error.hint}` : ''}`;
    });
  }

  it.each([
    ['tasks.research.json_dict.count > 2.5', true],
    ['tasks.research.json_dict.score < 1', true],
    ['tasks.research.json_dict.count == 3', true],
    ['tasks.research.json_dict.count + 1 == 4 && tasks.research.json_dict.count % 2 == 1', true],
    ['inputs.depth / 4 == 0.5', true],
    ['size(inputs.tags) - inputs.depth == 0', true],
    ['tasks.research.raw.contains("grew") && tasks.research.raw.matches("^S")', true],
    ['inputs.topic in ["wind", "solar"] && !("de" in inputs.tags)', true],
    ['has(tasks.research.json_dict.nothing)', false],
    ['tasks["fact-check"].status == "skipped" && tasks["fact-check"].raw == ""', true],
    ['tasks["fact-check"].json_dict == null', true],
    ['tasks.research.json_dict.tags.exists(tag, tag == "eu")', true],
  ])('%s comes to %s', async (text, expected) => {
    expect(await holds(text)).toBe(expected);
  });

  it('fails where it would take for ever', async () => {
    expect(await holds(`"${'a'.repeat(40)}!".matches("^(a+)+$")`)).toMatch(
      / failed: it took longer than 1000 ms\nNested repetitions such as \(a\+\)\+ in matches\(\) can take for ever: /,
    );
  });

  it('fails in the words of the file where it looks at what is not there, or gives no answer', async () => {
    expect(await holds('tasks.research.json_dict.nothing > 2')).toBe(
      'condition tasks.research.json_dict.nothing > 2 failed: there is no tasks.research.json_dict.nothing\n' +
        'Ask first whether it is there, has(tasks.research.json_dict.nothing) && …; ' +
        'crew resume run00001 --with-current goes on with the mended file.',
    );
    expect(await holds('inputs.topic > 2')).toBe(
      'condition inputs.topic > 2 failed: no such overload: value<string> > int\n' +
        'Mend it; crew resume run00001 --with-current goes on with the mended file.',
    );
    expect(await holds('tasks.research.json_dict')).toBe(
      'condition tasks.research.json_dict gave {"count":3,"score":0.5,"tags":["eu"]}, which is neither true nor false',
    );
  });
});

describe('a conditional task', () => {
  it('is left out with the reason, adds nothing to later prompts, and the run is completed without it', async () => {
    const { result, events, tasks, steps, models } = await run(
      {
        tasks: [
          createTask({ key: 'research', output: { field: 'output_json', schema: { kind: 'inline', schema: {} } } }),
          createTask({ key: 'check', when: expression('tasks.research.json_dict.score < 0.5', 'research') }),
          createTask({ key: 'essay' }),
          createTask({ key: 'translation', when: expression('inputs.language != "en"') }),
        ],
      },
      { worker: ['{"score": 0.9}', 'The essay.'] },
      { outputSchemas: new Map([['research', anySchema]]), inputs: { language: 'en' } },
    );
    expect(models.owed()).toEqual({});
    expect(result).toMatchObject({ status: 'completed', exit_code: 0, raw: 'The essay.' });
    expect(skips(events)).toEqual([
      'check: condition not met: tasks.research.json_dict.score < 0.5',
      'translation: condition not met: inputs.language != "en"',
    ]);
    expect(statuses(tasks)).toEqual(['research completed', 'check skipped', 'essay completed', 'translation skipped']);
    expect(result.tasks_output[1]).toMatchObject({
      raw: null,
      skip_reason: 'condition not met: tasks.research.json_dict.score < 0.5',
      cost_usd: 0,
    });
    expect(userTexts(models.requests.at(-1)!.request)[0]).not.toContain('check');
    expect(steps.filter(({ kind }) => kind === 'condition').map(({ path, response }) => [path, response])).toEqual([
      ['check/when', { runs: false, reason: 'condition not met: tasks.research.json_dict.score < 0.5' }],
      ['translation/when', { runs: false, reason: 'condition not met: inputs.language != "en"' }],
    ]);
  });

  it('takes along what depends only on it, unless that says otherwise', async () => {
    const { tasks, events } = await run(
      {
        tasks: [
          createTask({ key: 'research' }),
          createTask({ key: 'check', when: expression('false') }),
          createTask({ key: 'report', context: ['check'] }),
          createTask({ key: 'letter', context: [], dependsOn: ['report'] }),
          createTask({ key: 'copy', dependsOn: ['letter'] }),
          createTask({ key: 'both', context: ['research', 'check'] }),
          createTask({ key: 'anyway', context: ['check'], runsIfSkipped: true }),
        ],
      },
      { worker: ['Facts.', 'Both.', 'Anyway.'] },
      { concurrency: 1 },
    );
    expect(statuses(tasks)).toEqual([
      'research completed',
      'check skipped',
      'report skipped',
      'letter skipped',
      'copy skipped',
      'both completed',
      'anyway completed',
    ]);
    expect(skips(events)).toEqual([
      'check: condition not met: false',
      'report: all it depends on was skipped',
      'letter: all it depends on was skipped',
      'copy: all it depends on was skipped',
    ]);
  });

  it('waits for the tasks that its condition looks at', async () => {
    let release = (): void => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    const agents = ['slow', 'fast'].map((key) => createAgent({ key }));
    const { tasks } = await run(
      {
        agents,
        tasks: [
          createTask({ key: 'research', agent: 'slow', context: [] }),
          createTask({ key: 'other', agent: 'fast', context: [] }),
          createTask({
            key: 'essay',
            agent: 'fast',
            context: ['other'],
            when: expression('tasks.research.raw == "Facts."', 'research'),
          }),
        ],
      },
      {
        slow: [() => gate.then(() => 'Facts.')],
        fast: [
          async () => {
            release();
            return 'Other.';
          },
          'Essay.',
        ],
      },
    );
    expect(statuses(tasks)).toEqual(['research completed', 'other completed', 'essay completed']);
  });

  it('asks code of the crew, with what came of the task before it that was not skipped', async () => {
    const { tasks, events } = await run(
      {
        tasks: [
          createTask({ key: 'research' }),
          createTask({ key: 'check', when: code('never') }),
          createTask({ key: 'essay', when: code('isLong') }),
        ],
      },
      { worker: ['Many facts.', 'Essay.'] },
      {
        inputs: { words: 2 },
        gate: `export const never = async () => false;
export function isLong(previous, { inputs, tasks }) {
  return previous.name === 'research' && previous.raw.split(' ').length === inputs.words && tasks.check.status === 'skipped';
}`,
      },
    );
    expect(statuses(tasks)).toEqual(['research completed', 'check skipped', 'essay completed']);
    expect(skips(events)).toEqual(['check: condition not met: ./gate.ts#never']);
  });

  it('fails, and ends the run, where its condition does; the condition is asked again by resume', async () => {
    const tasks = [createTask({ key: 'research' }), createTask({ key: 'essay', when: code('gate') })];
    const directory = temporaryFolder({ 'gate.ts': 'export const gate = () => { throw new Error("no luck"); };' });
    const crew = createDefinition({ tasks, source: { path: `${directory}/crew.yaml`, directory, files: [] } });
    const first = await runScripted(crew, { worker: ['Facts.'] }, { conditions: await loadConditions(crew) });
    expect(first.result).toMatchObject({
      status: 'failed',
      exit_code: 1,
      error: {
        code: 'task',
        message: 'condition ./gate.ts#gate failed: no luck',
        hint: expect.stringContaining('mend it, then crew resume'),
      },
    });
    expect(statuses(first.tasks)).toEqual(['research completed', 'essay failed']);
    const mended = await loadConditions(
      createDefinition({ tasks: [tasks[0]!, { ...tasks[1]!, when: expression('true') }] }),
    );
    const again = await runScripted(crew, { worker: ['Essay.'] }, { conditions: mended, resumes: first });
    expect(again.result).toMatchObject({ status: 'completed', raw: 'Essay.' });
  });

  it('says what code gave that is no answer, and refuses what is no function before anything is called', async () => {
    const tasks = [createTask({ key: 'research' }), createTask({ key: 'essay', when: code('gate') })];
    const { result } = await run({ tasks }, { worker: ['Facts.'] }, { gate: 'export const gate = () => 5;' });
    expect(result.error?.message).toBe('condition ./gate.ts#gate gave 5, which is neither true nor false');
    const refusal = run({ tasks }, {}, { gate: 'export const gate = 5;' });
    await expect(refusal).rejects.toThrow(UsageError);
    await expect(refusal).rejects.toThrow('condition ./gate.ts#gate is not a function');
  });

  it('is not decided again when the run goes on', async () => {
    const down = { error: new ProviderError('down', { trouble: 'server', model: 'openai/x' }) };
    const crew = createDefinition({
      tasks: [
        createTask({ key: 'research' }),
        createTask({ key: 'check', when: expression('inputs.checks') }),
        createTask({ key: 'essay' }),
      ],
    });
    const conditions = await loadConditions(crew);
    const first = await runScripted(crew, { worker: ['Facts.', down] }, { conditions, inputs: { checks: false } });
    expect(statuses(first.tasks)).toEqual(['research completed', 'check skipped', 'essay failed']);
    const parts: Partial<RunContext> = { conditions, inputs: { checks: true } };
    const again = await runScripted(crew, { worker: ['Essay.'] }, { ...parts, resumes: first });
    expect(statuses(again.tasks)).toEqual(['research completed', 'check skipped', 'essay completed']);
    expect(again.events[0]).toMatchObject({ type: 'run-start', doneCount: 2 });
  });

  it('is not offered to a manager that chooses the order where it is skipped', async () => {
    const choose = (task: string) => ({ calls: [{ id: 'c', name: 'choose_task', args: { task } }] });
    const manager = createAgent({ key: 'manager', role: 'Manager' });
    const { tasks, models } = await run(
      {
        process: 'hierarchical',
        manager,
        taskOrder: 'manager',
        agents: [createAgent({ key: 'one' })],
        tasks: [
          createTask({ key: 'research', context: [] }),
          createTask({ key: 'check', context: [], when: expression('false') }),
          createTask({ key: 'essay', context: [] }),
          createTask({ key: 'image', context: [], when: expression('true') }),
        ],
      },
      { Manager: [choose('essay'), 'Essay.', choose('image'), 'Image.', 'Facts.'] },
    );
    expect(statuses(tasks)).toEqual(['research completed', 'check skipped', 'essay completed', 'image completed']);
    expect(models.owed()).toEqual({});
    const [offer] = models.requests[0]!.request.tools;
    expect(offer).toMatchObject({ inputSchema: { properties: { task: { enum: ['research', 'essay', 'image'] } } } });
  });
});
