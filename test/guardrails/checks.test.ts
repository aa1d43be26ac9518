import { describe, expect, it } from 'vitest';
import type { GuardrailDefinition } from '../../src/definition/types.js';
import type { GuardrailContext, GuardrailSubject, GuardrailVerdict } from '../../src/guardrails/guardrail.js';
import { createPatternGuardrail } from '../../src/guardrails/pattern.js';
import { loadGuardrails } from '../../src/guardrails/registry.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

const context: GuardrailContext = {
  signal: new AbortController().signal,
  runId: 'run22221',
  workingDirectory: '/',
  judge: async (sentence, models) => ({
    passed: false,
    reason: `${models?.[0]?.reference ?? 'nobody'} judges: ${sentence}`,
  }),
};
const subjectOf = (text: string): GuardrailSubject => ({ text, value: null, taskKey: 'write', agent: 'Writer' });

/** What a guardrail says of a text. */
async function check(definition: GuardrailDefinition, text: string, folder = '/'): Promise<GuardrailVerdict> {
  const [guardrail] = await loadGuardrails([definition], { definitionDirectory: folder, environment: process.env });
  if (!guardrail) throw new Error('nothing was loaded');
  return guardrail.check(subjectOf(text), context);
}

const count = (kind: 'min_chars' | 'max_chars' | 'max_words', most: number): GuardrailDefinition => ({
  kind,
  name: `${kind}: ${most}`,
  count: most,
});
const pattern = (kind: 'matches' | 'not_matches', text: string): GuardrailDefinition & { kind: typeof kind } => ({
  kind,
  name: `${kind}: ${text}`,
  pattern: text,
});

describe('the length of an output', () => {
  it.each([
    [count('min_chars', 4), 'four', 'passed'],
    [count('min_chars', 5), '  four  ', 'it has 4 characters'],
    [count('max_chars', 1), '👍', 'passed'],
    [count('max_chars', 1), 'ab', 'it has 2 characters'],
    [count('max_words', 4), '# Two words — really\n', 'passed'],
    [count('max_words', 3), "It's half-done now, 3.5 of 7", 'it has 6 words'],
    [count('max_words', 3), '太陽能 is 太', 'it has 5 words'],
    [count('max_words', 1), '', 'passed'],
  ])('%o of %j', async (definition, text, outcome) => {
    const verdict = await check(definition, text);
    expect(verdict.passed ? 'passed' : verdict.reason).toBe(outcome);
  });
});

describe('a regular expression', () => {
  it.each([
    [pattern('matches', '^# '), '# Title', 'passed'],
    [pattern('matches', '^# '), 'Text\n# Title', 'it has no match'],
    [pattern('matches', '(?m)^# '), 'Text\n# Title', 'passed'],
    [pattern('matches', '(?si)^text.*TITLE'), 'Text\nTitle', 'passed'],
    [pattern('matches', String.raw`\p{Lu}\.`), 'Ä.', 'passed'],
    [pattern('matches', String.raw`\-1`), '-1', 'passed'],
    [pattern('not_matches', 'TODO'), 'Done.', 'passed'],
    [pattern('not_matches', 'TODO.*'), 'TODO: "more"', String.raw`it has "TODO: \"more\""`],
  ])('%o of %j', async (definition, text, outcome) => {
    const verdict = await check(definition, text);
    expect(verdict.passed ? 'passed' : verdict.reason).toBe(outcome);
  });

  it('that never ends fails the task, not the process', () => {
    const guardrail = createPatternGuardrail(pattern('matches', '^(a+)+$'), { timeoutMs: 20 });
    expect(() => guardrail.check(subjectOf(`${'a'.repeat(60)}b`), context)).toThrow(
      'guardrail matches: ^(a+)+$: the search took longer than 20 ms',
    );
  });
});

describe('a JSON Schema', () => {
  const schema = { type: 'object', properties: { year: { type: 'integer' } }, required: ['year'] };

  it('is met or not, wherever in the answer the JSON stands', async () => {
    const definition = { kind: 'json_schema', name: 'json_schema', schema: { kind: 'inline', schema } } as const;
    expect(await check(definition, 'It is\n```json\n{"year": 2025}\n```\n')).toEqual({ passed: true });
    expect(await check(definition, '{"year": "then"}')).toEqual({
      passed: false,
      reason: 'year: must be a whole number, got a string',
    });
    expect(await check(definition, 'In 2025.')).toEqual({ passed: false, reason: 'it is not JSON' });
  });

  it('may stand in a file, and one that cannot be loaded is named', async () => {
    const folder = temporaryFolder({ 'year.json': JSON.stringify(schema), 'bad.json': '{"type": "objekt"}' });
    const from = (path: string): GuardrailDefinition => ({
      kind: 'json_schema',
      name: `json_schema: ${path}`,
      schema: { kind: 'file', path },
    });
    expect(await check(from('year.json'), '{"year": 2025}', folder)).toEqual({ passed: true });
    await expect(check(from('bad.json'), '', folder)).rejects.toThrow(
      'json_schema: bad.json: not a valid JSON Schema: type: "objekt" is not a JSON Schema type; did you mean "object"?',
    );
  });
});

describe('a sentence', () => {
  it('is judged by its own models, under a short name', async () => {
    const text = `It is true. ${'And more. '.repeat(20)}`.trim();
    const models = [{ reference: 'openai/judge', provider: 'openai', modelId: 'judge' }];
    const definition = { kind: 'sentence', name: text, text, models } as const;
    expect(await check(definition, 'x')).toEqual({ passed: false, reason: `openai/judge judges: ${text}` });
    const [guardrail] = await loadGuardrails([definition], { definitionDirectory: '/', environment: {} });
    expect(guardrail?.name).toHaveLength(100);
  });
});
