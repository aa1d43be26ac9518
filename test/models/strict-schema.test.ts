import { expect, it } from 'vitest';
import { isStrictSchema } from '../../src/models/strict-schema.js';

const closed = (properties: Record<string, object>, more: object = {}) =>
  ({
    type: 'object',
    properties,
    required: Object.keys(properties),
    additionalProperties: false,
    ...more,
  }) as never;

it.each([
  ['a closed object', closed({ a: { type: 'string' } })],
  ['an empty closed object', closed({})],
  [
    'closed objects in lists, choices and definitions',
    closed(
      { list: { type: 'array', items: closed({ b: { anyOf: [{ type: 'null' }, { $ref: '#/$defs/c' }] } }) } },
      { $defs: { c: closed({ d: { enum: ['x', 'y'] } }) } },
    ),
  ],
  ['a property that is called like a keyword', closed({ format: { type: 'string' } })],
])('takes %s', (_name, schema) => {
  expect(isStrictSchema(schema)).toBe(true);
});

it.each([
  ['an open object', { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] }],
  ['an optional property', { ...(closed({ a: { type: 'string' } }) as object), required: [] }],
  ['an open object inside', closed({ a: { type: 'array', items: { type: 'object' } } })],
  ['a nullable open object', closed({ a: { type: ['object', 'null'] } })],
  ['a keyword that is not supported', closed({ a: { type: 'string', minLength: 3 } })],
  ['a choice at the root', { anyOf: [closed({})] }],
  ['a map', { type: 'object', additionalProperties: { type: 'string' } }],
])('refuses %s', (_name, schema) => {
  expect(isStrictSchema(schema as never)).toBe(false);
});
