import { describe, expect, it } from 'vitest';
import { resultText } from '../../src/tools/result-text.js';

describe('resultText', () => {
  it.each<[string, unknown, string]>([
    ['a text', 'as it is', 'as it is'],
    ['an empty text', '', ''],
    ['undefined', undefined, 'done'],
    ['null', null, 'done'],
    ['a number', 0, '0'],
    ['not a number', Number.NaN, 'NaN'],
    ['a truth value', false, 'false'],
    ['a big integer', 12n, '12'],
    ['an object', { a: [1, { at: new Date(0) }], n: 5n }, '{"a":[1,{"at":"1970-01-01T00:00:00.000Z"}],"n":"5"}'],
    ['a list', [], '[]'],
  ])('shows %s', (_title, value, text) => {
    expect(resultText(value)).toBe(text);
  });

  it.each<[string, unknown, string]>([
    ['a buffer', Buffer.from('x'), 'it is binary data (Buffer, 1 byte)'],
    ['binary data inside', { image: new Uint8Array(3) }, 'image is binary data (Uint8Array, 3 bytes)'],
    ['a response that nobody read', new Response('x'), 'it is a Response, which has no JSON form'],
    ['a function', () => 1, 'it is a function'],
    ['a symbol', Symbol('x'), 'it is a symbol'],
  ])('refuses %s', (_title, value, reason) => {
    expect(() => resultText(value)).toThrow(`the tool ran, but its result cannot be shown as text: ${reason}`);
  });

  it('refuses a circle', () => {
    const circle: unknown[] = [];
    circle.push({ again: circle });
    expect(() => resultText(circle)).toThrow('[0].again refers back to itself');
  });

  it('throws an error that was returned', () => {
    expect(() => resultText(new Error('no such city'))).toThrow('no such city');
  });
});
