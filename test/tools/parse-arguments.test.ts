import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parseArguments } from '../../src/tools/parse-arguments.js';
import { toValueSchema } from '../../src/util/value-schema.js';

const schema = {
  type: 'object',
  properties: { first_number: { type: 'number' }, count: { type: 'integer' }, text: { type: ['string', 'number'] } },
  required: ['first_number'],
};

async function parseFilled(value: unknown, by: unknown): Promise<unknown> {
  const parsed = await parseArguments(await toValueSchema(by), value, { fillsDefaults: true });
  return parsed.ok ? parsed.value : parsed.reason;
}

async function parse(value: unknown, by: unknown = schema): Promise<unknown> {
  const parsed = await parseArguments(await toValueSchema(by), value);
  return parsed.ok ? parsed.value : parsed.reason;
}

describe('parseArguments', () => {
  it('gives arguments that fit as they are', async () => {
    expect(await parse({ first_number: 1.5, text: '1' })).toEqual({ first_number: 1.5, text: '1' });
  });

  it('mends numbers written as strings, where only numbers fit', async () => {
    expect(await parse({ first_number: '-1.5e3', count: '2', text: '3' })).toEqual({
      first_number: -1500,
      count: 2,
      text: '3',
    });
  });

  it('mends an object written as text', async () => {
    expect(await parse('{"first_number": 1}')).toEqual({ first_number: 1 });
    expect(await parse('{"a": 1}', z.object({ a: z.number() }))).toEqual({ a: 1 });
  });

  it('mends nothing else', async () => {
    expect(await parse({ first_number: 'one' })).toBe('first_number: must be a number, got a string');
    expect(await parse({ first_number: '' })).toBe('first_number: must be a number, got a string');
    expect(await parse({ first_number: 1, count: '1.5' })).toBe('count: must be a whole number, got 1.5');
    expect(await parse({ first_number: '0x10' })).toBe('first_number: must be a number, got a string');
    expect(await parse('first_number = 1')).toBe('they are not JSON');
    expect(await parse('[1]')).toBe('must be an object, got a string');
    expect(await parse([1])).toBe('must be an object, got a list');
    expect(await parse(null)).toBe('must be an object, got null');
    expect(await parse({ a: '1' }, z.object({ a: z.number() }))).toBe('a: expected number, received string');
  });

  it('fills in the defaults of a JSON Schema where it is told to', async () => {
    const properties = { city: { type: 'string' }, days: { type: 'integer', default: 1 }, tags: { default: ['a'] } };
    const withDefaults = { type: 'object', properties, required: ['city'] };
    expect(await parseFilled({ city: 'Rome' }, withDefaults)).toEqual({ city: 'Rome', days: 1, tags: ['a'] });
    expect(await parseFilled({ city: 'Rome', days: 3, tags: [] }, withDefaults)).toEqual({
      city: 'Rome',
      days: 3,
      tags: [],
    });
    expect(await parseFilled({}, withDefaults)).toBe('city: is missing');
    expect(await parse({ city: 'Rome' }, withDefaults)).toEqual({ city: 'Rome' });
  });
});
