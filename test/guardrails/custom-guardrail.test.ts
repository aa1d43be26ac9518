import { describe, expect, it } from 'vitest';
import { loadCustomGuardrail } from '../../src/guardrails/custom-guardrail.js';
import type { GuardrailContext, GuardrailVerdict } from '../../src/guardrails/guardrail.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

const subject = { text: '{"n": 1}', value: { n: 1 }, taskKey: 'write', agent: 'Writer' };

function contextWith(signal = new AbortController().signal): GuardrailContext {
  return { signal, runId: 'run22221', workingDirectory: '/work', judge: () => Promise.reject(new Error('not asked')) };
}

/** What a guardrail with this body says. */
async function check(body: string, context = contextWith()): Promise<GuardrailVerdict> {
  const directory = temporaryFolder({ 'check.ts': `export default async function check(output, context) { ${body} }` });
  const guardrail = await loadCustomGuardrail(
    { kind: 'module', name: './check.ts', path: './check.ts', exportName: undefined },
    { definitionDirectory: directory },
  );
  return guardrail.check(subject, context);
}

describe('a guardrail of the user', () => {
  it('is given the output, where it comes from and the run', async () => {
    const body = `return [false, JSON.stringify({ output, runId: context.runId, at: context.workingDirectory, aborted: context.signal.aborted })];`;
    expect(await check(body)).toMatchInlineSnapshot(`
      {
        "passed": false,
        "reason": "{"output":{"raw":"{\\"n\\": 1}","json":{"n":1},"taskKey":"write","agent":"Writer"},"runId":"run22221","at":"/work","aborted":false}",
      }
    `);
  });

  it.each([
    ['return true;', { passed: true }],
    ['return [true, output.raw];', { passed: true, output: '{"n": 1}' }],
    ['return [true, null];', { passed: true }],
    ['return { passed: true, output: { n: 2 } };', { passed: true, output: '{"n":2}' }],
    ['return false;', { passed: false, reason: 'it gives no reason' }],
    ['return [false, "too short"];', { passed: false, reason: 'too short' }],
    ['return [false, new Error("no link")];', { passed: false, reason: 'no link' }],
    ['return { passed: false, reason: " no " };', { passed: false, reason: 'no' }],
  ])('says %s', async (body, verdict) => {
    expect(await check(body)).toEqual(verdict);
  });

  it.each([
    ['throw new Error("no network");', 'guardrail ./check.ts failed: no network'],
    ['', 'guardrail ./check.ts gave no verdict but undefined'],
    ['return "fine";', 'guardrail ./check.ts gave no verdict but "fine"'],
    ['return ["yes"];', 'guardrail ./check.ts gave no verdict but ["yes"]'],
    [
      'const a = {}; a.a = a; return [true, a];',
      'guardrail ./check.ts gave an output that is no text and no JSON: a refers back to itself',
    ],
  ])('fails the task with %s', async (body, message) => {
    await expect(check(body)).rejects.toMatchObject({ name: 'TaskError', message });
  });

  it('cannot change what the task goes on with', async () => {
    await check('output.json.n = 2; return true;');
    expect(subject.value).toEqual({ n: 1 });
  });

  it('is not waited for when the run is stopped', async () => {
    const controller = new AbortController();
    const checking = check('return new Promise(() => undefined);', contextWith(controller.signal));
    controller.abort(new Error('stopped'));
    await expect(checking).rejects.toThrow('stopped');
  });

  it('has to be a function', async () => {
    const directory = temporaryFolder({ 'check.ts': 'export const words = 5;' });
    const definition = { kind: 'module', name: './check.ts#words', path: './check.ts', exportName: 'words' } as const;
    await expect(loadCustomGuardrail(definition, { definitionDirectory: directory })).rejects.toMatchObject({
      name: 'UsageError',
      message: './check.ts#words is not a guardrail: it is no function',
    });
  });
});
