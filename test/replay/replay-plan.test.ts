import { describe, expect, it } from 'vitest';
import type { CrewDefinition, TaskDefinition } from '../../src/definition/types.js';
import { renderReplayPlan } from '../../src/reporters/replay-plan.js';
import { NO_PAINT } from '../../src/reporters/paint.js';
import { planReplay, replayRefusalError, type ReplayPlan, type ReplayRequest } from '../../src/replay/replay-plan.js';
import { fingerprintTasks } from '../../src/replay/task-fingerprint.js';
import type { TaskFingerprint, TaskRecord } from '../../src/store/records.js';
import { createRedactor } from '../../src/util/redact.js';
import { NO_SPEND } from '../../src/util/spend.js';
import { createAgent, createDefinition, createTask } from '../helpers/definitions.js';

type Sketch = Partial<TaskDefinition> & { readonly key: string };

const crewOf = (tasks: readonly Sketch[], change: Partial<CrewDefinition> = {}): CrewDefinition =>
  createDefinition({ tasks: tasks.map(createTask), ...change });

function fingerprintsOf(definition: CrewDefinition, inputs = {}): Map<string, TaskFingerprint> {
  const none = {
    agentTools: new Map(),
    taskTools: new Map(),
    outputSchemas: new Map(),
    inputFiles: new Map(),
    taskGuardrails: new Map(),
    agentGuardrails: new Map(),
    conditions: new Map(),
  };
  return fingerprintTasks({ definition, inputs, redactor: createRedactor([]), ...none });
}

/** The tasks of a finished run of this crew; `changes` by key. */
function runOf(
  runId: string,
  definition: CrewDefinition,
  changes: Readonly<Record<string, Partial<TaskRecord>>> = {},
  inputs = {},
): TaskRecord[] {
  const fingerprints = fingerprintsOf(definition, inputs);
  return definition.tasks.map(({ key, position, description, expectedOutput }) => ({
    runId,
    key,
    position,
    description,
    expectedOutput,
    agent: 'worker',
    status: 'completed',
    raw: `${key} of ${runId}`,
    json: null,
    outputFormat: 'raw',
    outputFile: null,
    spend: NO_SPEND,
    error: null,
    startedAt: position * 10,
    endedAt: position * 10 + 5,
    fingerprint: fingerprints.get(key) ?? {},
    source: null,
    skipReason: null,
    ...changes[key],
  }));
}

/** A row that reuses that one. */
function reuse({ runId, key, raw, fingerprint }: TaskRecord): Partial<TaskRecord> {
  const times = { startedAt: null, endedAt: null };
  return { status: 'reused', raw, fingerprint, source: { runId, taskKey: key }, ...times };
}

function plan(
  definition: CrewDefinition,
  runs: readonly (readonly TaskRecord[])[],
  change: Partial<ReplayRequest> & { readonly inputs?: object } = {},
): ReplayPlan {
  const parent = runs[0] ?? [];
  const { inputs, ...request } = change;
  return planReplay({
    definition,
    fingerprints: fingerprintsOf(definition, inputs),
    parentRunId: parent[0]?.runId ?? 'parent22',
    tasks: parent,
    tasksOf: (runId) => runs.find(([first]) => first?.runId === runId) ?? [],
    from: undefined,
    isAuto: false,
    isForced: false,
    given: new Set(),
    ...request,
  });
}

/** The plan as a person sees it, and what it is refused with. */
function show(...args: Parameters<typeof plan>): string {
  const made = plan(...args);
  const text = renderReplayPlan({ ...made, effects: [] }, NO_PAINT);
  if (made.refusals.length === 0) return text;
  const error = replayRefusalError(made);
  return `${text}\n${error.message}\nhint: ${error.hint}\n`;
}

const sketches: readonly Sketch[] = [
  { key: 'research' },
  { key: 'facts', context: ['research'] },
  { key: 'article', context: ['facts'] },
  { key: 'summary', context: ['article'] },
];
const crew = crewOf(sketches);
const edit = (change: Readonly<Record<string, Partial<TaskDefinition>>>): CrewDefinition =>
  crewOf(sketches.map((task) => ({ ...task, ...change[task.key] })));
const done = runOf('done2222', crew);

describe('a replay from a task', () => {
  it('reuses what comes before it and runs the rest again', () => {
    expect(show(crew, [done], { from: 'article' })).toMatchInlineSnapshot(`
      "Replay of done2222
      1  research  reused     from done2222/research
      2  facts     reused     from done2222/facts
      3  article   run again  chosen
      4  summary   run again  follows article
      "
    `);
    expect(show(crew, [done], { from: 'research' })).toMatchInlineSnapshot(`
      "Replay of done2222
      1  research  run again  chosen
      2  facts     run again  follows research
      3  article   run again  follows research
      4  summary   run again  follows research
      "
    `);
  });

  it('runs again what stands after it in the file, though nothing says that it depends on it', () => {
    const loose = crewOf([{ key: 'a' }, { key: 'b', context: [] }, { key: 'c', context: [] }]);
    expect(show(loose, [runOf('done2222', loose)], { from: 'b' })).toMatchInlineSnapshot(`
      "Replay of done2222
      1  a  reused     from done2222/a
      2  b  run again  chosen
      3  c  run again  follows b
      "
    `);
  });

  it('goes on after a failure', () => {
    const error = { code: 'provider', message: 'openai/gpt-4o refused the key (401)\nand more', hint: null };
    const failed = runOf('fail2222', crew, {
      article: { status: 'failed', raw: null, error },
      summary: { status: 'pending', raw: null, startedAt: null, endedAt: null },
    });
    expect(show(crew, [failed], { from: 'article' })).toMatchInlineSnapshot(`
      "Replay of fail2222
      1  research  reused     from fail2222/research
      2  facts     reused     from fail2222/facts
      3  article   run again  chosen
      4  summary   run again  follows article
      "
    `);
    expect(show(crew, [failed], { from: 'summary' })).toMatchInlineSnapshot(`
      "Replay of fail2222
      1  research  reused     from fail2222/research
      2  facts     reused     from fail2222/facts
      3  article   refused    never finished: failed (openai/gpt-4o refused the key (401))
      4  summary   run again  chosen

      an output of run fail2222 cannot be reused:
        article: never finished: failed (openai/gpt-4o refused the key (401))
      hint: -t fail2222/article runs again from there; --auto runs again what has changed or is missing, and what depends on it
      "
    `);
    expect(show(crew, [failed], { from: 'summary', isForced: true })).toContain('refused');
  });

  it('goes on after an interruption, and a death', () => {
    const stopped = runOf('stop2222', crew, {
      facts: { status: 'interrupted', raw: null },
      article: { status: 'running', raw: null, endedAt: null },
    });
    expect(show(crew, [stopped], { from: 'summary' })).toMatchInlineSnapshot(`
      "Replay of stop2222
      1  research  reused     from stop2222/research
      2  facts     refused    never finished: interrupted
      3  article   refused    never finished: interrupted
      4  summary   run again  chosen

      2 outputs of run stop2222 cannot be reused:
        facts: never finished: interrupted
        article: never finished: interrupted
      hint: -t stop2222/facts runs again from there; --auto runs again what has changed or is missing, and what depends on it
      "
    `);
  });

  it('refuses outputs that are stale, with the ways on', () => {
    const now = edit({ research: { description: 'Find it.' }, article: { description: 'Write it.' } });
    expect(show(now, [done], { from: 'summary' })).toMatchInlineSnapshot(`
      "Replay of done2222
      1  research  refused    stale because description changed
      2  facts     reused     from done2222/facts
      3  article   refused    stale because description changed
      4  summary   run again  chosen

      2 outputs of run done2222 cannot be reused:
        research: description changed
        article: description changed
      hint: -t done2222/research runs again from there; --auto runs again what has changed or is missing, and what depends on it; --force reuses what is stale; --as-recorded keeps to the definition of that run
      "
    `);
    const error = replayRefusalError(plan(now, [done], { from: 'summary' }), { isAsRecorded: true });
    expect([error.exitCode, error.hint]).toMatchInlineSnapshot(`
      [
        2,
        "-t done2222/research runs again from there; --auto runs again what has changed or is missing, and what depends on it; --force reuses what is stale",
      ]
    `);
  });

  it('reuses them where it is forced, and says that they are stale', () => {
    const now = edit({ research: { description: 'Find it.' } });
    expect(show(now, [done], { from: 'summary', isForced: true })).toMatchInlineSnapshot(`
      "Replay of done2222
      1  research  reused     from done2222/research, stale because description changed
      2  facts     reused     from done2222/facts
      3  article   reused     from done2222/article
      4  summary   run again  chosen
      "
    `);
  });

  it('does not mind edits of what runs again', () => {
    const now = edit({ article: { description: 'x' }, summary: { description: 'y', context: ['facts'] } });
    expect(plan(now, [done], { from: 'article' }).refusals).toEqual([]);
  });

  it('names many refusals in short', () => {
    const many = crewOf(Array.from({ length: 40 }, (_, index) => ({ key: `task${index}`, context: [] })));
    const { message } = replayRefusalError(plan(many, [done], { from: 'task39' }));
    expect(message.split('\n').slice(-2)).toEqual(['  task19: new', '  and 19 more']);
  });

  it('is refused for what an early version recorded, but can be forced', () => {
    const early = done.map((task) => ({ ...task, fingerprint: {} }));
    expect(show(crew, [early], { from: 'facts' })).toMatchInlineSnapshot(`
      "Replay of done2222
      1  research  refused    stale because nothing is known of how it was made
      2  facts     run again  chosen
      3  article   run again  follows facts
      4  summary   run again  follows facts

      an output of run done2222 cannot be reused:
        research: nothing is known of how it was made
      hint: -t done2222/research runs again from there; --auto runs again what has changed or is missing, and what depends on it; --force reuses what is stale
      "
    `);
    expect(plan(crew, [early], { from: 'facts', isForced: true }).refusals).toEqual([]);
  });
});

describe('a replay after tasks were moved', () => {
  it('asks for a task that was put in before, and runs one that was put in after', () => {
    const [first, ...rest] = sketches as [Sketch, ...Sketch[]];
    const now = crewOf([first, { key: 'sources', context: [] }, ...rest, { key: 'tweet' }]);
    expect(show(now, [done], { from: 'summary' })).toMatchInlineSnapshot(`
      "Replay of done2222
      1  research  reused     from done2222/research
      2  sources   refused    new
      3  facts     reused     from done2222/facts
      4  article   reused     from done2222/article
      5  summary   run again  chosen
      6  tweet     run again  follows summary

      an output of run done2222 cannot be reused:
        sources: new
      hint: -t done2222/sources runs again from there; --auto runs again what has changed or is missing, and what depends on it; --as-recorded keeps to the definition of that run
      "
    `);
    expect(show(now, [done], { isAuto: true })).toMatchInlineSnapshot(`
      "Replay of done2222
      1  research  reused  from done2222/research
      2  sources   run     new
      3  facts     reused  from done2222/facts
      4  article   reused  from done2222/article
      5  summary   reused  from done2222/summary
      6  tweet     run     new
      "
    `);
  });

  it('forgets tasks that were taken out', () => {
    const now = crewOf([{ key: 'research' }, { key: 'article', context: ['research'] }, { key: 'summary' }]);
    expect(show(now, [done], { from: 'summary' })).toMatchInlineSnapshot(`
      "Replay of done2222
      1  research  reused     from done2222/research
      2  article   refused    stale because context changed: research added, facts removed
      3  summary   run again  chosen

      an output of run done2222 cannot be reused:
        article: context changed: research added, facts removed
      hint: -t done2222/article runs again from there; --auto runs again what has changed or is missing, and what depends on it; --force reuses what is stale; --as-recorded keeps to the definition of that run
      "
    `);
  });

  it('matches by key where the order is another', () => {
    const loose: Sketch[] = [
      { key: 'a', context: [] },
      { key: 'b', context: [] },
      { key: 'c', context: ['a', 'b'] },
    ];
    const [a, b, c] = loose as [Sketch, Sketch, Sketch];
    const run = runOf('done2222', crewOf(loose));
    expect(show(crewOf([b, a, c]), [run], { from: 'c' })).toMatchInlineSnapshot(`
      "Replay of done2222
      1  b  reused     from done2222/b
      2  a  reused     from done2222/a
      3  c  run again  chosen
      "
    `);
  });

  it('takes a task of another name that is otherwise the same for the same one', () => {
    const now = crewOf([
      { key: 'research' },
      { key: 'findings', description: 'Do facts.', expectedOutput: 'The result of facts.', context: ['research'] },
      { key: 'article', context: ['findings'] },
      { key: 'summary', context: ['article'] },
    ]);
    const made = plan(now, [done], { from: 'summary' });
    expect(made.tasks[1]).toEqual({
      key: 'findings',
      position: 2,
      action: 'reuse',
      source: { runId: 'done2222', taskKey: 'facts' },
      renamedFrom: 'facts',
      reasons: [],
    });
    expect(show(now, [done], { from: 'summary' })).toMatchInlineSnapshot(`
      "Replay of done2222
      1  research  reused     from done2222/research
      2  findings  reused     from done2222/facts
      3  article   reused     from done2222/article
      4  summary   run again  chosen
      "
    `);
  });

  it('knows renamed tasks after the next replay too, and after another renaming', () => {
    const renamed = (facts: string) =>
      crewOf([
        { key: 'research' },
        { key: facts, description: 'Do facts.', expectedOutput: 'The result of facts.', context: ['research'] },
        { key: 'article', context: [facts] },
        { key: 'summary', context: ['article'] },
      ]);
    const [research, facts, article] = done as [TaskRecord, TaskRecord, TaskRecord];
    const second = runOf('next2222', renamed('findings'), {
      research: reuse(research),
      findings: reuse(facts),
      article: reuse(article),
    });
    expect(show(renamed('findings'), [second, done], { isAuto: true })).toMatchInlineSnapshot(`
      "Replay of next2222
      1  research  reused  from done2222/research
      2  findings  reused  from done2222/facts
      3  article   reused  from done2222/article
      4  summary   reused  from next2222/summary
      "
    `);
    expect(show(renamed('results'), [second, done], { isAuto: true })).toMatchInlineSnapshot(`
      "Replay of next2222
      1  research  reused  from done2222/research
      2  results   reused  from done2222/facts
      3  article   reused  from done2222/article
      4  summary   reused  from next2222/summary
      "
    `);
  });
});

describe('a replay of a replay', () => {
  const [research, facts] = done as [TaskRecord, TaskRecord];

  it('links to where an output was made', () => {
    const second = runOf('next2222', crew, { research: reuse(research), facts: reuse(facts) });
    expect(show(crew, [second, done], { from: 'summary' })).toMatchInlineSnapshot(`
      "Replay of next2222
      1  research  reused     from done2222/research
      2  facts     reused     from done2222/facts
      3  article   reused     from next2222/article
      4  summary   run again  chosen
      "
    `);
  });

  it('finds an output stale that was made from another one than is used now', () => {
    // The article of the first run was reused by force although its research had run again.
    const second = runOf('next2222', crew, { facts: reuse(facts) });
    expect(show(crew, [second, done], { from: 'summary' })).toMatchInlineSnapshot(`
      "Replay of next2222
      1  research  reused     from next2222/research
      2  facts     refused    stale because upstream research changed
      3  article   reused     from next2222/article
      4  summary   run again  chosen

      an output of run next2222 cannot be reused:
        facts: upstream research changed
      hint: -t next2222/facts runs again from there; --auto runs again what has changed or is missing, and what depends on it; --force reuses what is stale
      "
    `);
  });

  it('finds it fresh where the other one has the same words', () => {
    const second = runOf('next2222', crew, { research: { raw: research.raw }, facts: reuse(facts) });
    expect(plan(crew, [second, done], { from: 'summary' }).refusals).toEqual([]);
  });

  it('goes by what made an output, not by what it was last reused as', () => {
    const now = edit({ research: { description: 'Find it.' } });
    const second = runOf('next2222', now, { research: { ...reuse(research), fingerprint: {} }, facts: reuse(facts) });
    expect(show(now, [second, done], { from: 'article' })).toMatchInlineSnapshot(`
      "Replay of next2222
      1  research  refused    stale because description changed
      2  facts     reused     from done2222/facts
      3  article   run again  chosen
      4  summary   run again  follows article

      an output of run next2222 cannot be reused:
        research: description changed
      hint: -t next2222/research runs again from there; --auto runs again what has changed or is missing, and what depends on it; --force reuses what is stale; --as-recorded keeps to the definition of that run
      "
    `);
  });

  it('uses the copy where the run that made an output is gone', () => {
    const second = runOf('next2222', crew, { research: reuse(research), facts: reuse(facts) });
    expect(show(crew, [second], { from: 'article' })).toMatchInlineSnapshot(`
      "Replay of next2222
      1  research  reused     from next2222/research
      2  facts     reused     from next2222/facts
      3  article   run again  chosen
      4  summary   run again  follows article
      "
    `);
  });

  it('reuses outputs that were set by hand, and finds stale what was made from others', () => {
    const byHand = { status: 'reused', source: null, raw: 'mine', startedAt: null, endedAt: null } as const;
    const second = runOf('hand2222', crew, { research: byHand });
    expect(show(crew, [second], { from: 'article' })).toMatchInlineSnapshot(`
      "Replay of hand2222
      1  research  reused     from hand2222/research
      2  facts     reused     from hand2222/facts
      3  article   run again  chosen
      4  summary   run again  follows article
      "
    `);
    const third = runOf('more2222', crew, {
      research: { ...byHand, source: { runId: 'hand2222', taskKey: 'research' } },
      facts: reuse(facts),
    });
    expect(show(crew, [third, second, done], { from: 'article' })).toMatchInlineSnapshot(`
      "Replay of more2222
      1  research  reused     from hand2222/research
      2  facts     refused    stale because upstream research was set by hand
      3  article   run again  chosen
      4  summary   run again  follows article

      an output of run more2222 cannot be reused:
        facts: upstream research was set by hand
      hint: -t more2222/facts runs again from there; --auto runs again what has changed or is missing, and what depends on it; --force reuses what is stale
      "
    `);
    const article = { ...byHand, raw: 'my article' };
    const fourth = runOf('last2222', crew, { article });
    expect(show(edit({ research: { description: 'x' } }), [fourth], { isAuto: true })).toMatchInlineSnapshot(`
      "Replay of last2222
      1  research  run again  description changed
      2  facts     run again  upstream research runs again
      3  article   reused     from last2222/article
      4  summary   reused     from last2222/summary
      "
    `);
  });
});

describe('--auto', () => {
  it('has nothing to do where nothing changed', () => {
    expect(show(crew, [done], { isAuto: true })).toMatchInlineSnapshot(`
      "Replay of done2222
      1  research  reused  from done2222/research
      2  facts     reused  from done2222/facts
      3  article   reused  from done2222/article
      4  summary   reused  from done2222/summary
      "
    `);
  });

  it('runs again what changed and what depends on it, and nothing else', () => {
    const tasks = [
      ...sketches,
      { key: 'tweet', context: ['research'] },
      { key: 'post', context: [], dependsOn: ['article'] },
    ];
    const run = runOf('done2222', crewOf(tasks));
    const now = crewOf(tasks.map((task) => (task.key === 'facts' ? { ...task, description: 'Check.' } : task)));
    expect(show(now, [run], { isAuto: true })).toMatchInlineSnapshot(`
      "Replay of done2222
      1  research  reused     from done2222/research
      2  facts     run again  description changed
      3  article   run again  upstream facts runs again
      4  summary   run again  upstream article runs again
      5  tweet     reused     from done2222/tweet
      6  post      run again  upstream article runs again
      "
    `);
  });

  it('runs again what uses a changed input', () => {
    const tasks = [
      { key: 'research', description: 'Research {topic}.' },
      { key: 'style', description: 'Say how to write.', context: [] },
      { key: 'article', context: ['research', 'style'] },
    ];
    const run = runOf('done2222', crewOf(tasks), {}, { topic: 'solar' });
    expect(show(crewOf(tasks), [run], { isAuto: true, inputs: { topic: 'wind' } })).toMatchInlineSnapshot(`
      "Replay of done2222
      1  research  run again  input topic changed
      2  style     reused     from done2222/style
      3  article   run again  upstream research runs again
      "
    `);
  });

  it('runs again a task whose model changed', () => {
    const models = [{ reference: 'openai/gpt-4.1', provider: 'openai', modelId: 'gpt-4.1' }];
    const now = crewOf(sketches, { agents: [createAgent({ key: 'worker', models })] });
    expect(show(now, [done], { isAuto: true })).toContain('model changed from openai/gpt-4.1-mini to openai/gpt-4.1');
  });

  it('finishes what was not finished, and a chosen task besides', () => {
    const stopped = runOf('stop2222', crew, { article: { status: 'interrupted', raw: null } });
    expect(show(crew, [stopped], { isAuto: true })).toMatchInlineSnapshot(`
      "Replay of stop2222
      1  research  reused     from stop2222/research
      2  facts     reused     from stop2222/facts
      3  article   run again  never finished: interrupted
      4  summary   run again  upstream article runs again
      "
    `);
    expect(show(crew, [done], { isAuto: true, from: 'article' })).toMatchInlineSnapshot(`
      "Replay of done2222
      1  research  reused     from done2222/research
      2  facts     reused     from done2222/facts
      3  article   run again  chosen
      4  summary   run again  upstream article runs again
      "
    `);
  });

  it('names a few of many', () => {
    const many = Array.from({ length: 6 }, (_, index) => ({ key: `task${index}`, context: [] as string[] }));
    const tasks = [...many, { key: 'last' }];
    const now = crewOf(tasks.map((task) => ({ ...task, description: 'x' })));
    const { tasks: planned } = plan(now, [runOf('done2222', crewOf(tasks))], { isAuto: true });
    expect(planned.at(-1)?.reasons).toEqual([
      'description changed',
      'upstream task0, task1, task2 and 3 more run again',
    ]);
  });
});

describe('an output that is set by hand', () => {
  const given = new Set(['facts']);

  it('makes what was made from the old one stale', () => {
    expect(show(crew, [done], { given, from: 'summary' })).toMatchInlineSnapshot(`
      "Replay of done2222
      1  research  reused       from done2222/research
      2  facts     set by hand
      3  article   refused      stale because upstream facts was set by hand
      4  summary   run again    chosen

      an output of run done2222 cannot be reused:
        article: upstream facts was set by hand
      hint: -t done2222/article runs again from there; --auto runs again what has changed or is missing, and what depends on it; --force reuses what is stale
      "
    `);
    expect(show(crew, [done], { given, isAuto: true })).toMatchInlineSnapshot(`
      "Replay of done2222
      1  research  reused       from done2222/research
      2  facts     set by hand
      3  article   run again    upstream facts was set by hand
      4  summary   run again    upstream article runs again
      "
    `);
  });

  it('takes the place of a task that would run, and of one that failed', () => {
    expect(show(crew, [done], { given, from: 'facts' })).toMatchInlineSnapshot(`
      "Replay of done2222
      1  research  reused       from done2222/research
      2  facts     set by hand
      3  article   run again    follows facts
      4  summary   run again    follows facts
      "
    `);
    const failed = runOf('fail2222', crew, { facts: { status: 'failed', raw: null } });
    expect(plan(crew, [failed], { given, from: 'article' }).refusals).toEqual([]);
  });
});

describe('where the manager chooses the order', () => {
  const change = { manager: createAgent({ key: 'manager', role: 'Crew Manager' }), taskOrder: 'manager' } as const;
  const open = crewOf([{ key: 'a' }, { key: 'b' }, { key: 'c', context: ['d'] }, { key: 'd', context: [] }], change);
  const times = (startedAt: number) => ({ startedAt, endedAt: startedAt + 1 });
  // The order was b, d, a, c.
  const run = runOf('done2222', open, { b: times(1), d: times(3), a: times(5), c: times(7) });

  it('runs again what needs a later task, or was given its output', () => {
    expect(show(open, [run], { from: 'd' })).toMatchInlineSnapshot(`
      "Replay of done2222
      1  a  run again  upstream d runs again
      2  b  reused     from done2222/b
      3  c  run again  upstream d runs again
      4  d  run again  chosen
      "
    `);
  });

  it('goes by the order in which they ran', () => {
    expect(show(open, [run], { isAuto: true })).not.toContain('run again');
    const now = { ...open, tasks: open.tasks.map((task) => (task.key === 'a' ? { ...task, description: 'x' } : task)) };
    expect(show(now, [run], { isAuto: true })).toMatchInlineSnapshot(`
      "Replay of done2222
      1  a  run again  description changed
      2  b  reused     from done2222/b
      3  c  reused     from done2222/c
      4  d  reused     from done2222/d
      "
    `);
  });
});

it('plans a thousand tasks that read all earlier ones in no time', () => {
  const many = crewOf(Array.from({ length: 1000 }, (_, index) => ({ key: `task${index}` })));
  const run = runOf('done2222', many);
  const request = { fingerprints: fingerprintsOf(many), from: 'task999' };
  const began = performance.now();
  expect(plan(many, [run], request).refusals).toEqual([]);
  expect(performance.now() - began).toBeLessThan(1500);
});
