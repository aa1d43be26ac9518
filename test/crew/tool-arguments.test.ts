import { describe, expect, it } from 'vitest';
import { toArguments } from '../../src/crew/tool-arguments.js';
import type { JsonSchema } from '../../src/util/json.js';

const parameters: JsonSchema = {
  type: 'object',
  properties: {
    city: { type: 'string' },
    days: { type: 'integer' },
    isLong: { type: 'boolean' },
    tags: { type: 'array', items: { type: 'string' } },
    where: { type: 'object' },
    mode: { enum: ['a', 'b'] },
    limit: { anyOf: [{ type: 'number' }, { type: 'null' }] },
    any: {},
  },
  additionalProperties: false,
};
const read = (words: string[], input?: string) => toArguments(words, { parameters, input });

describe('arguments on the command line', () => {
  it('are of the types that the schema says', () => {
    const words = ['city=3', 'days=3', 'isLong=true', 'where={"a":1}', 'mode=a', 'limit=null', 'any=[1]'];
    expect(read(words)).toEqual({
      city: '3',
      days: 3,
      isLong: true,
      where: { a: 1 },
      mode: 'a',
      limit: null,
      any: [1],
    });
    expect(read(['city=a=b', 'days=many'])).toEqual({ city: 'a=b', days: 'many' });
  });

  it('can be lists, given one by one or as JSON', () => {
    expect(read(['tags=a', 'tags=b'])).toEqual({ tags: ['a', 'b'] });
    expect(read(['tags=a'])).toEqual({ tags: ['a'] });
    expect(read(['tags=["a","b"]'])).toEqual({ tags: ['a', 'b'] });
    expect(read(['tags=[]'])).toEqual({ tags: [] });
  });

  it('stand over those of a JSON object', () => {
    expect(read(['days=2'], '{"days": 1, "city": "Oslo"}')).toEqual({ days: 2, city: 'Oslo' });
  });

  it.each([
    [['Oslo'], undefined, '"Oslo" is no argument'],
    [['=Oslo'], undefined, '"=Oslo" is no argument'],
    [['cty=Oslo'], undefined, 'there is no argument "cty"'],
    [['city=a', 'city=b'], undefined, 'argument "city" is given 2 times'],
    [[], '[1]', '--input is no JSON object'],
    [[], '{', '--input is no JSON object'],
  ])('are refused where they are none: %s %s', (words, input, message) => {
    expect(() => read(words, input)).toThrow(message);
  });
});
