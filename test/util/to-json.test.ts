import { describe, expect, it } from 'vitest';
import { toJsonValue } from '../../src/util/to-json.js';

describe('toJsonValue', () => {
  it.each<[string, unknown, unknown]>([
    ['plain data', { a: [1, 'x', null, true] }, { a: [1, 'x', null, true] }],
    ['dates and other values that know their JSON', { at: new Date(0) }, { at: '1970-01-01T00:00:00.000Z' }],
    ['big integers as digits', { id: 2n ** 70n }, { id: '1180591620717411303424' }],
    ['maps and sets', { m: new Map([['a', 1]]), s: new Set([1]) }, { m: { a: 1 }, s: [1] }],
    ['an empty map', new Map(), {}],
    ['objects without a prototype', Object.assign(Object.create(null), { a: 1 }), { a: 1 }],
    ['numbers that JSON has not', [Number.NaN, Infinity], [null, null]],
    ['fields without a value, which are left out', { a: undefined, f: () => 1, l: [undefined] }, { l: [null] }],
    ['one object in two places', ((x) => [x, x])({ a: 1 }), [{ a: 1 }, { a: 1 }]],
  ])('converts %s', (_title, value, json) => {
    expect(toJsonValue(value)).toEqual({ ok: true, value: json });
  });

  it('keeps a key named __proto__ a key', () => {
    const converted = toJsonValue(JSON.parse('{"__proto__": {"a": 1}}'));
    expect(JSON.stringify(converted)).toBe('{"ok":true,"value":{"__proto__":{"a":1}}}');
  });

  it.each<[string, unknown, string]>([
    ['a circle', ((x: Record<string, unknown>) => Object.assign(x, { a: [x] }))({}), 'a[0] refers back to itself'],
    ['a buffer', { files: [{ data: Buffer.from('x') }] }, 'files[0].data is binary data (Buffer, 1 byte)'],
    ['an array buffer', new ArrayBuffer(1), 'it is binary data (ArrayBuffer, 1 byte)'],
    [
      'an object whose content is hidden',
      { answer: new Response('x') },
      'answer is a Response, which has no JSON form',
    ],
    ['what gives values one by one', (function* () {})(), 'it is a Generator, which has no JSON form'],
    ['undefined', undefined, 'it is undefined'],
    ['a function', () => 1, 'it is a function'],
  ])('refuses %s', (_title, value, reason) => {
    expect(toJsonValue(value)).toEqual({ ok: false, reason });
  });
});
