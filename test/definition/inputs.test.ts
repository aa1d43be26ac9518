import { expect, test } from 'vitest';
import { coerceInput } from '../../src/definition/input-values.js';
import { missingInputsError, resolveInputs } from '../../src/definition/inputs.js';
import type { InputDefinition } from '../../src/definition/types.js';
import type { JsonValue } from '../../src/util/json.js';

function input(name: string, facts: Partial<InputDefinition> = {}): InputDefinition {
  return { name, description: undefined, type: 'string', default: undefined, options: undefined, ...facts };
}

function coerce(type: InputDefinition['type'], value: JsonValue) {
  const coerced = coerceInput(input('x', { type }), value);
  return coerced.ok ? coerced.value : coerced.reason;
}

test('takes defaults, and names what is missing', () => {
  const inputs = { a: input('a'), b: input('b', { default: 5, type: 'number' }), c: input('c', { type: 'list' }) };
  const { values, missing, problems, warnings } = resolveInputs({ inputs }, { a: '' });
  expect(values).toEqual({ a: '', b: 5 });
  expect(missing.map(({ name }) => name)).toEqual(['c']);
  expect([problems, warnings]).toEqual([[], []]);
});

test('takes a null for no value', () => {
  const { values, missing } = resolveInputs(
    { inputs: { a: input('a', { default: 'x' }), b: input('b') } },
    { a: null, b: null },
  );
  expect(values).toEqual({ a: 'x' });
  expect(missing).toHaveLength(1);
});

test('reads text as the type of its input', () => {
  expect(coerce('number', ' 2.5 ')).toBe(2.5);
  expect(coerce('number', '-1e3')).toBe(-1000);
  expect(coerce('integer', '2024')).toBe(2024);
  expect(coerce('boolean', 'Yes')).toBe(true);
  expect(coerce('boolean', '0')).toBe(false);
  expect(coerce('list', 'a, b,c')).toEqual(['a', 'b', 'c']);
  expect(coerce('list', '["a", 1]')).toEqual(['a', 1]);
  expect(coerce('list', '')).toEqual([]);
  expect(coerce('object', '{"a": [1]}')).toEqual({ a: [1] });
  expect(coerce('string', ' as it is\n')).toBe(' as it is\n');
  expect(coerce('string', 2024)).toBe('2024');
  expect(coerce('list', ['a'])).toEqual(['a']);
});

test('says which input, which type and which value do not fit', () => {
  expect([
    coerce('number', 'soon'),
    coerce('number', ''),
    coerce('number', '0x10'),
    coerce('number', 'Infinity'),
    coerce('integer', '1.5'),
    coerce('integer', 1.5),
    coerce('boolean', 'maybe'),
    coerce('list', '[1'),
    coerce('object', '[1]'),
    coerce('object', 'a: b'),
    coerce('string', ['a']),
    coerce('number', true),
  ]).toMatchInlineSnapshot(`
    [
      "input x must be a number, not "soon"",
      "input x must be a number, not an empty text",
      "input x must be a number, not "0x10"",
      "input x must be a number, not "Infinity"",
      "input x must be an integer, not "1.5"",
      "input x must be an integer, not 1.5",
      "input x must be a boolean (true or false), not "maybe"",
      "input x must be a list, as JSON or separated by commas, not "[1"",
      "input x must be an object, as JSON, not "[1]"",
      "input x must be an object, as JSON, not "a: b"",
      "input x must be a string, not a list",
      "input x must be a number, not true",
    ]
  `);
});

test('keeps to the options', () => {
  const size = input('size', { options: ['small', 'large'], default: 'small' });
  const year = input('year', { type: 'integer', options: [2024, 2025] });
  const { values, problems } = resolveInputs({ inputs: { size, year } }, { size: 'medium', year: '2025' });
  expect(values).toEqual({ year: 2025 });
  expect(problems).toMatchInlineSnapshot(`
    [
      "input size must be one of small, large; it is "medium"",
    ]
  `);
});

test('takes what is not declared, with a warning', () => {
  const { values, warnings } = resolveInputs(
    { inputs: { topic: input('topic', { default: 'solar' }) } },
    { tpoic: 'wind', audience: 'all', constructor: 'x' },
  );
  expect(values).toEqual({ topic: 'solar', tpoic: 'wind', audience: 'all', constructor: 'x' });
  expect(warnings).toMatchInlineSnapshot(`
    [
      "input tpoic is not declared under inputs: did you mean "topic"?",
      "input audience is not declared under inputs",
      "input constructor is not declared under inputs",
    ]
  `);
});

test('names all missing inputs in one error', () => {
  const error = missingInputsError([
    input('topic', { description: 'What to write about' }),
    input('tags', { type: 'list' }),
  ]);
  expect({ message: error.message, hint: error.hint, exitCode: error.exitCode }).toMatchInlineSnapshot(`
    {
      "exitCode": 2,
      "hint": "give them with --input topic=… --input tags=…, or a file with --inputs",
      "message": "2 required inputs have no value:
      topic: What to write about
      tags (list)",
    }
  `);
  expect(missingInputsError([input('topic')]).message).toMatchInlineSnapshot(`
    "a required input has no value:
      topic"
  `);
  const misspelt = resolveInputs({ inputs: { topic: input('topic') } }, { tpoic: 'wind' });
  expect(missingInputsError(misspelt.missing, misspelt.warnings).message).toMatchInlineSnapshot(`
    "a required input has no value:
      topic
    input tpoic is not declared under inputs: did you mean "topic"?"
  `);
});
