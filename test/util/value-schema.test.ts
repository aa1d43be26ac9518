import { jsonSchema, lazySchema } from '@ai-sdk/provider-utils';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import * as mini from 'zod/mini';
import { z as z3 } from 'zod/v3';
import { toValueSchema } from '../../src/util/value-schema.js';

const wanted = {
  type: 'object',
  properties: { city: { type: 'string', description: 'A city' }, days: { type: 'number' } },
  required: ['city'],
};

const schemas: readonly [string, unknown][] = [
  ['Zod 4', z.object({ city: z.string().describe('A city'), days: z.number().optional() })],
  [
    'Zod 4 mini',
    mini.object({ city: mini.string().check(mini.describe('A city')), days: mini.optional(mini.number()) }),
  ],
  ['Zod 3', z3.object({ city: z3.string().describe('A city'), days: z3.number().optional() })],
  ['JSON Schema', { $schema: 'http://json-schema.org/draft-07/schema#', ...wanted }],
  ["the AI SDK's jsonSchema()", jsonSchema(wanted as Parameters<typeof jsonSchema>[0])],
  ["the AI SDK's lazySchema()", lazySchema(() => jsonSchema(async () => wanted as never))],
];

describe('toValueSchema', () => {
  it.each(schemas)('reads %s', async (_title, schema) => {
    const { jsonSchema: read, parse } = await toValueSchema(schema);
    const { additionalProperties: _ignored, ...rest } = read;
    expect(rest).toEqual(wanted);
    expect(await parse({ city: 'Oslo', days: 3 })).toEqual({ ok: true, value: { city: 'Oslo', days: 3 } });
    const refused = await parse({ days: 'three' });
    expect(refused).toMatchObject({ ok: false, reason: expect.stringMatching(/city: .+; days: .+/) });
  });

  it('shows models what they are to write: fields with defaults are optional, transforms not yet applied', async () => {
    const schema = await toValueSchema(z.object({ n: z.string().transform(Number), unit: z.string().default('km') }));
    expect(schema.jsonSchema).toEqual({
      type: 'object',
      properties: { n: { type: 'string' }, unit: { type: 'string', default: 'km' } },
      required: ['n'],
    });
    expect(await schema.parse({ n: '4' })).toEqual({ ok: true, value: { n: 4, unit: 'km' } });
  });

  it('says in short words what does not fit', async () => {
    const schema = z.object({
      first_number: z.number(),
      kind: z.enum(['a', 'b']),
      items: z.array(z.object({ name: z.string().min(2, 'is too short') })),
      either: z.union([z.string(), z.number()]),
    });
    const parsed = await (
      await toValueSchema(schema)
    ).parse({ first_number: '1', kind: 'c', items: [{ name: 'x' }], either: true });
    expect(parsed.ok ? [] : parsed.reason.split('; ')).toMatchInlineSnapshot(`
      [
        "first_number: expected number, received string",
        "kind: expected one of "a"|"b"",
        "items[0].name: is too short",
        "either: expected string, received boolean, or expected number, received boolean",
      ]
    `);
  });

  it('waits for checks that wait, and takes what they throw as a refusal', async () => {
    const schema = z.object({ a: z.string().refine(async (text) => text !== 'no', 'is not wanted') });
    expect(await (await toValueSchema(schema)).parse({ a: 'no' })).toEqual({ ok: false, reason: 'a: is not wanted' });
    const throwing = z.string().transform(() => {
      throw new Error('it broke');
    });
    expect(await (await toValueSchema(throwing)).parse('x')).toEqual({ ok: false, reason: 'it broke' });
  });

  it.each<[string, unknown, string]>([
    ['a text', 'object', 'a schema is a Zod schema or a JSON Schema, this is a string'],
    ['undefined', undefined, 'a schema is a Zod schema or a JSON Schema, this is undefined'],
    ['an object of Zod schemas', { a: z.string() }, 'an object of schemas is no schema'],
    [
      'a wrong JSON Schema',
      { type: 'objekt' },
      'not a valid JSON Schema: type: "objekt" is not a JSON Schema type; did you mean "object"?',
    ],
    [
      'Zod that JSON cannot say',
      z.object({ at: z.date() }),
      'the schema has no JSON Schema form: Date cannot be represented in JSON Schema',
    ],
  ])('refuses %s', async (_title, schema, message) => {
    await expect(toValueSchema(schema)).rejects.toMatchObject({ code: 'usage', message });
  });
});
