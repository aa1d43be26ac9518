import { describe, expect, it } from 'vitest';
import { extractJson } from '../../src/util/extract-json.js';

const fence = '```';

describe('extractJson', () => {
  it.each<[string, string, unknown]>([
    ['the whole text', ' {"a": 1}\n', { a: 1 }],
    ['the whole text with a byte order mark', '\uFEFF[1, 2]', [1, 2]],
    ['a number', '42', 42],
    ['null', 'null', null],
    ['a fenced block', `Here it is:\n\n${fence}json\n{"a": 1}\n${fence}\n\nDone.`, { a: 1 }],
    ['a fenced block without a language', `${fence}\n[1, 2]\n${fence}`, [1, 2]],
    ['a fenced block with Windows line ends', `${fence}JSON\r\n{"a": 1}\r\n${fence}\r\n`, { a: 1 }],
    ['an indented fenced block', `  ${fence}json\n  {"a": 1}\n  ${fence}`, { a: 1 }],
    [
      'fences inside strings',
      `${fence}json\n{"a": "${fence}js\\n1\\n${fence}"}\n${fence}`,
      { a: `${fence}js\n1\n${fence}` },
    ],
    ['a fence on one line', `${fence}json {"a": 1}${fence}`, { a: 1 }],
    ['a fence that was never closed', `${fence}json\n{"a": 1}`, { a: 1 }],
    ['an object between words', 'The answer is {"a": {"b": [1]}} as asked.', { a: { b: [1] } }],
    ['a list between words', 'Result: [{"a": 1}, {"a": 2}].', [{ a: 1 }, { a: 2 }]],
    ['brackets inside strings', 'So: {"a": "} ] \\" {"} ok', { a: '} ] " {' }],
    ['an object after braces that are no JSON', 'For {topic} it is {"a": 1}', { a: 1 }],
    ['an object inside braces that are no JSON', 'f(x) { return {"a": 1} }', { a: 1 }],
    ['an object after a citation', 'As [1] says: {"a": 1}', { a: 1 }],
    ['a list of numbers alone', 'The primes are [2, 3, 5].', [2, 3, 5]],
    ['an object beside code of another language', `${fence}js\nlet x;\n${fence}\n{"a": 1}`, { a: 1 }],
  ])('takes %s', (_title, text, value) => {
    expect(extractJson(text)).toEqual(value);
  });

  it.each<[string, string]>([
    ['an empty text', ''],
    ['a text without JSON', 'I cannot do that.'],
    ['JSON that is cut off', '{"a": [1, 2'],
    ['JSON that is not quite', "{'a': 1}"],
    ['two objects', 'Either {"a": 1} or {"a": 2}.'],
    ['two blocks', `${fence}json\n{"a": 1}\n${fence}\n${fence}json\n{"a": 2}\n${fence}`],
    ['undefined', 'undefined'],
  ])('takes nothing from %s', (_title, text) => {
    expect(extractJson(text)).toBeUndefined();
  });

  it('gives up soon on a page of braces', () => {
    expect(extractJson('{'.repeat(200_000))).toBeUndefined();
  });
});
