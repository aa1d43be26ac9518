import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadCassette, saveCassette } from '../../src/journal/cassette-file.js';
import { createCassetteJournal } from '../../src/journal/cassette-journal.js';
import type { CassetteMode } from '../../src/journal/cassette-mode.js';
import { createLiveJournal } from '../../src/journal/live-journal.js';
import { openStore } from '../../src/store/open-store.js';
import type { Tool } from '../../src/tools/tool.js';
import { createRedactor } from '../../src/util/redact.js';
import { createDefinition, createTask } from '../helpers/definitions.js';
import { createClock, runScripted } from '../helpers/run-scripted.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

const lookup: Tool = {
  name: 'lookup',
  description: 'Looks it up.',
  parameters: { type: 'object', properties: {} },
  effects: 'none',
  digest: 'lookup',
  parseArguments: async () => ({ ok: true, value: {} }),
  execute: async () => 'line one\nline two',
};
const agentTools = new Map([['worker', [lookup]]]);
const crew = (description = 'Do it.') => createDefinition({ tasks: [createTask({ key: 'a', description })] });

async function record(): Promise<string> {
  const folder = temporaryFolder();
  const store = openStore(join(folder, 'recorded.db'));
  const runId = 'abcd2345';
  const journal = createLiveJournal({
    store,
    runId,
    now: createClock(),
    redactor: createRedactor([{ name: 'MY_KEY', value: 'very-secret' }]),
  });
  const answers = [{ calls: [{ id: 'call_1', name: 'lookup', args: { word: 'x' } }] }, 'Found:\n- one\n- very-secret'];
  await runScripted(crew(), { worker: answers }, { runId, journal, store, agentTools });
  const again = openStore(join(folder, 'recorded.db'));
  const file = join(folder, 'cassette.yaml');
  await saveCassette(file, again, runId);
  again.close();
  return file;
}

async function replay(
  file: string,
  { description = 'Do it.', mode = 'strict' as CassetteMode, tools = agentTools } = {},
) {
  const folder = temporaryFolder();
  const store = openStore(join(folder, 'replayed.db'));
  const runId = 'efgh2345';
  const live = createLiveJournal({
    store,
    runId,
    now: createClock(),
    redactor: createRedactor([]),
  });
  const notices: string[] = [];
  const cassette = await loadCassette(file);
  const journal = createCassetteJournal({
    inner: live,
    cassette,
    file: 'cassette.yaml',
    mode,
    onNotice: (notice) => notices.push(notice),
  });
  const outcome = await runScripted(crew(description), {}, { runId, journal, store, agentTools: tools });
  return { ...outcome, notices };
}

describe('a cassette', () => {
  it('holds what the models answered, in run order, redacted, readable in a diff', async () => {
    expect(readFileSync(await record(), 'utf8')).toMatchInlineSnapshot(`
      "# What the models answered in a run: written by crew kickoff --record, read by --cassette.
      cassette: 1
      crew: test
      calls:
        - path: a/llm/1
          agent: worker
          model: openai/gpt-4.1-mini
          fingerprint: 55edade8e5c0d883
          request:
            messages:
              - system: |-
                  Role: worker
                  Goal: Goal of worker.
                  Background of worker.
              - user: |-
                  Task: Do it.

                  Expected output: The result of a.

                  Answer with the complete result, nothing else.
            tools:
              - lookup
          answer:
            tool_calls:
              - id: call_1
                name: lookup
                arguments:
                  word: x
            finish_reason: tool-calls
            usage:
              input_tokens: 10
              output_tokens: 5
        - path: a/llm/2
          agent: worker
          model: openai/gpt-4.1-mini
          fingerprint: bc74df6564052ed0
          request:
            messages:
              - tool: |-
                  line one
                  line two
          answer:
            text: |-
              Found:
              - one
              - [redacted:MY_KEY]
            finish_reason: stop
            usage:
              input_tokens: 10
              output_tokens: 5
      "
    `);
  });

  it('answers the same run again without a model, and the tools run for real', async () => {
    const { result, models, steps } = await replay(await record());
    expect(result).toMatchObject({ exit_code: 0, raw: 'Found:\n- one\n- [redacted:MY_KEY]', cost_usd: 0 });
    expect(result.token_usage.total_tokens).toBe(30);
    expect(models.requests).toEqual([]);
    expect(steps.map(({ path }) => path)).toEqual(['a/llm/1', 'a/tool/call_1', 'a/llm/2']);
  });

  it('stops with exit 2 and shows the difference when a request has changed', async () => {
    const { result } = await replay(await record(), { description: 'Do it well.' });
    expect(result.exit_code).toBe(2);
    expect(result.error?.message).toMatchInlineSnapshot(`
      "the request of a/llm/1 is not the one that cassette.yaml was recorded for:
      --- recorded
      +++ now
      @@ -6,5 +6,5 @@
             Background of worker.
         - user: |-
      -      Task: Do it.
      +      Task: Do it well.
       
             Expected output: The result of a."
    `);
    expect(result.error?.hint).toMatchInlineSnapshot(
      `"Record it again with --record, or accept changed requests with --cassette-mode lenient."`,
    );
  });

  it('notices a tool that gives another result', async () => {
    const changed = { ...lookup, execute: async () => 'line one\nline 2' };
    const { result } = await replay(await record(), { tools: new Map([['worker', [changed]]]) });
    expect(result.error?.message).toMatchInlineSnapshot(`
      "the request of a/llm/2 is not the one that cassette.yaml was recorded for:
      --- recorded
      +++ now
      @@ -3,3 +3,3 @@
         - tool: |-
             line one
      -      line two
      +      line 2"
    `);
  });

  it('says so when only settings or tool definitions have changed', async () => {
    const changed = { ...lookup, description: 'Looks it up, slowly.' };
    const { result } = await replay(await record(), { tools: new Map([['worker', [changed]]]) });
    expect(result.error?.message).toMatchInlineSnapshot(`
      "the request of a/llm/1 is not the one that cassette.yaml was recorded for:
      (the texts are the same: settings of the model, definitions of the tools or the output schema changed)"
    `);
  });

  it('accepts a changed request in lenient mode, and says so', async () => {
    const { result, notices } = await replay(await record(), { description: 'Do it well.', mode: 'lenient' });
    expect(result.exit_code).toBe(0);
    expect(notices).toMatchInlineSnapshot(`
      [
        "the request of a/llm/1 is not the one that cassette.yaml was recorded for",
      ]
    `);
  });

  it('stops with exit 2 at a call that was not recorded', async () => {
    const file = await record();
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.slice(0, text.indexOf('  - path: a/llm/2')));
    const { result } = await replay(file);
    expect(result.exit_code).toBe(2);
    expect(result.error?.message).toMatchInlineSnapshot(
      `"cassette.yaml has no answer for a/llm/2 (worker); it holds 1 calls"`,
    );
  });

  it.each([
    ['is missing', undefined, 'cassette cassette.yaml: does not exist'],
    [
      'is not YAML',
      'a: [1',
      'cassette.yaml is not YAML: Flow sequence in block collection must be sufficiently indented and end with a ] at line 1, column 6',
    ],
    [
      'is something else',
      'cassette: 1\ncrew: x\ncalls:\n  - path: a\n',
      'cassette.yaml is not a cassette: calls[0].agent: Invalid input: expected string, received undefined',
    ],
  ])('is refused with exit 2 when the file %s', async (_title, text, message) => {
    const file = join(temporaryFolder(), 'cassette.yaml');
    if (text !== undefined) writeFileSync(file, text);
    const error = await loadCassette(file).catch((thrown: Error) => thrown);
    expect(error).toMatchObject({ exitCode: 2, code: 'cassette' });
    expect((error as Error).message.replaceAll(file, 'cassette.yaml')).toBe(message);
  });
});
