import { describe, expect, it } from 'vitest';
import { findSchemaProblem } from '../../src/util/check-json-schema.js';
import { createSchemaValidator } from '../../src/util/json-schema.js';
import type { JsonSchema } from '../../src/util/json.js';

function reasonFor(schema: JsonSchema, value: unknown): string {
  const verdict = createSchemaValidator(schema)(value);
  return verdict.ok ? 'ok' : verdict.reason;
}

const person: JsonSchema = {
  type: 'object',
  properties: {
    name: { type: 'string', minLength: 2 },
    age: { type: 'integer', minimum: 0 },
    tags: { type: 'array', items: { type: 'string' }, uniqueItems: true },
    address: { $ref: '#/$defs/address' },
    mood: { enum: ['good', 'bad'] },
  },
  required: ['name', 'age'],
  additionalProperties: false,
  $defs: { address: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } },
};

function shape(kind: string, size: string): JsonSchema {
  return {
    type: 'object',
    properties: { kind: { const: kind }, [size]: { type: 'number' } },
    required: ['kind', size],
  };
}

describe('createSchemaValidator', () => {
  it('accepts a value that fits', () => {
    expect(reasonFor(person, { name: 'Ada', age: 36, tags: ['a'], address: { city: 'London' }, mood: 'good' })).toBe(
      'ok',
    );
  });

  it('names every problem after its place', () => {
    const value = { name: 'A', age: '36', tags: ['a', 1, 'a'], address: {}, mood: 'so so' };
    expect(reasonFor(person, value).split('; ')).toMatchInlineSnapshot(`
      [
        "name: must have at least 2 characters, has 1",
        "age: must be a whole number, got a string",
        "tags[1]: must be a string, got 1",
        "tags: must not hold the same item twice",
        "address.city: is missing",
        "and 1 more",
      ]
    `);
  });

  it('says which fields are missing and which are too many', () => {
    expect(reasonFor(person, { surname: 'L' })).toMatchInlineSnapshot(
      `"name: is missing; age: is missing; surname: is not allowed here"`,
    );
  });

  it('names the first five problems and counts the rest', () => {
    const schema = { type: 'array', items: { type: 'number' } };
    expect(reasonFor(schema, ['a', 'b', 'c', 'd', 'e', 'f', 'g'])).toMatchInlineSnapshot(
      `"[0]: must be a number, got a string; [1]: must be a number, got a string; [2]: must be a number, got a string; [3]: must be a number, got a string; [4]: must be a number, got a string; and 2 more"`,
    );
  });

  it.each<[string, JsonSchema, unknown, string]>([
    ['a wrong value at the top', { type: 'object' }, [1], 'must be an object, got a list'],
    ['null for an object', { type: 'object' }, null, 'must be an object, got null'],
    ['a fraction for a whole number', { type: 'integer' }, 1.5, 'must be a whole number, got 1.5'],
    ['one of several types', { type: ['string', 'null'] }, true, 'must be a string or null, got true'],
    [
      'numbers out of bounds',
      { type: 'number', maximum: 3, multipleOf: 2 },
      5,
      'must be at most 3, got 5; must be a multiple of 2, got 5',
    ],
    [
      'exclusive bounds',
      { exclusiveMinimum: 5, exclusiveMaximum: 5 },
      5,
      'must be more than 5, got 5; must be less than 5, got 5',
    ],
    [
      'texts out of bounds',
      { maxLength: 2, pattern: '^x', format: 'email' },
      'abc',
      'must have at most 2 characters, has 3; must match /^x/; must be in the format "email"',
    ],
    ['lists out of bounds', { minItems: 1 }, [], 'must have at least 1 item, has 0'],
    ['long lists', { maxItems: 1 }, [1, 2], 'must have at most 1 item, has 2'],
    ['objects out of bounds', { minProperties: 1 }, {}, 'must have at least 1 field'],
    ['a constant', { properties: { kind: { const: 'a' } } }, { kind: 'b' }, 'kind: must be "a"'],
    ['what is excluded', { not: { type: 'string' } }, 'a', 'has a form that is not allowed'],
    [
      'names of fields',
      { propertyNames: { pattern: '^[a-z]+$' } },
      { A1: 1 },
      'Property name "A1" does not match schema.',
    ],
    [
      'what a list has to hold',
      { contains: { type: 'number' } },
      ['a', 'b'],
      'Array does not contain item matching schema.',
    ],
    [
      'what is needed together',
      { dependentRequired: { a: ['b'] } },
      { a: 1 },
      'Instance has "a" but does not have "b".',
    ],
    ['undefined', { type: 'string' }, undefined, 'there is no value'],
  ])('has words for %s', (_title, schema, value, words) => {
    expect(reasonFor(schema, value)).toBe(words);
  });

  it('joins the types of a choice', () => {
    expect(reasonFor({ anyOf: [{ type: 'string' }, { type: 'array' }, { type: 'null' }] }, 5)).toMatchInlineSnapshot(
      `"must be a string, a list or null, got 5"`,
    );
  });

  it('explains a choice by the branch that is nearest', () => {
    const schema = {
      properties: { shapes: { items: { oneOf: [shape('circle', 'radius'), shape('square', 'side')] } } },
    };
    expect(
      reasonFor(schema, {
        shapes: [
          { kind: 'circle', radius: 1 },
          { kind: 'square', side: 'x' },
        ],
      }),
    ).toMatchInlineSnapshot(`"shapes[1].side: must be a number, got a string"`);
  });

  it('says when a value fits more than one form of oneOf', () => {
    expect(reasonFor({ oneOf: [{ type: 'number' }, { minimum: 0 }] }, 5)).toMatchInlineSnapshot(
      `"fits more than one allowed form"`,
    );
  });

  it('follows references, also in circles', () => {
    const tree: JsonSchema = {
      type: 'object',
      properties: { value: { type: 'number' }, children: { type: 'array', items: { $ref: '#' } } },
    };
    expect(reasonFor(tree, { value: 1, children: [{ value: 2 }, { value: 'x' }] })).toMatchInlineSnapshot(
      `"children[1].value: must be a number, got a string"`,
    );
  });

  it('shows keys with slashes and spaces as they are', () => {
    const schema = { properties: { 'a/b c': { type: 'string' } } };
    expect(reasonFor(schema, { 'a/b c': 1 })).toMatchInlineSnapshot(`"a/b c: must be a string, got 1"`);
  });

  it('leaves the schema as it was, also a frozen one', () => {
    const schema = Object.freeze({ type: 'object', properties: Object.freeze({ a: Object.freeze({ $ref: '#' }) }) });
    expect(reasonFor(schema as unknown as JsonSchema, { a: {} })).toBe('ok');
  });

  it('refuses a schema that is none', () => {
    expect(() => createSchemaValidator({ type: 'strng' })).toThrowErrorMatchingInlineSnapshot(
      `[UsageError: not a valid JSON Schema: type: "strng" is not a JSON Schema type; did you mean "string"?]`,
    );
  });
});

describe('findSchemaProblem', () => {
  it('finds nothing in a sound schema', () => {
    expect(findSchemaProblem(person)).toBeUndefined();
    expect(findSchemaProblem({})).toBeUndefined();
  });

  it.each<[string, unknown, string]>([
    ['a list', [], 'a JSON Schema is an object, this is a list'],
    ['a text', 'object', 'a JSON Schema is an object, this is a string'],
    ['null', null, 'a JSON Schema is an object, this is null'],
    [
      'a type with a typo',
      { properties: { age: { type: 'integr' } } },
      'properties.age.type: "integr" is not a JSON Schema type; did you mean "integer"?',
    ],
    [
      'an unknown type',
      { type: 'date' },
      'type: "date" is not a JSON Schema type; there are string, number, integer, boolean, object, array, null',
    ],
    [
      'a field list on the field',
      { properties: { age: { type: 'number', required: true } } },
      'properties.age.required: must be a list of field names, beside "properties"',
    ],
    ['a list of properties', { properties: ['a'] }, 'properties: must be an object of schemas'],
    [
      'a property that is a text',
      { properties: { a: 'string' } },
      'properties.a: must be a schema: an object, true or false',
    ],
    ['items that are a text', { items: 'string' }, 'items: must be a schema: an object, true or false'],
    ['an empty choice', { anyOf: [] }, 'anyOf: must be a list of schemas'],
    [
      'a broken choice',
      { anyOf: [{ type: 'string' }, { type: 'int' }] },
      'anyOf[1].type: "int" is not a JSON Schema type; there are string, number, integer, boolean, object, array, null',
    ],
    [
      'a pattern that does not compile',
      { pattern: '(' },
      'pattern: Invalid regular expression: /(/u: Unterminated group',
    ],
    ['an enum that is a text', { enum: 'a' }, 'enum: must be a list of values'],
    ['a negative length', { minLength: -1 }, 'minLength: must be a whole number, 0 or more'],
    [
      'a reference to nothing',
      { properties: { a: { $ref: '#/$defs/b' } } },
      '$ref "#/$defs/b" points to nothing in this schema',
    ],
  ])('finds %s', (_title, schema, words) => {
    expect(findSchemaProblem(schema)).toBe(words);
  });
});
