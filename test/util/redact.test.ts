import { describe, expect, it } from 'vitest';
import { createRedactor } from '../../src/util/redact.js';

const DIGITS = 'a1B2c3D4e5';
const redactor = createRedactor([
  { name: 'DB_PASSWORD', value: 'p&ss "wörd"' },
  { name: 'TOKEN', value: 'hunter2-secret' },
  { name: 'LONG_TOKEN', value: 'hunter2-secret-and-more\n' },
  { name: 'SHORT', value: 'abcde' },
]);

describe('values', () => {
  it('are replaced as they are, URL-encoded and JSON-escaped', () => {
    expect(redactor.text('it is p&ss "wörd"!')).toBe('it is [redacted:DB_PASSWORD]!');
    expect(redactor.text('?key=p%26ss%20%22w%C3%B6rd%22&x')).toBe('?key=[redacted:DB_PASSWORD]&x');
    expect(redactor.text(JSON.stringify({ key: 'p&ss "wörd"' }))).toBe('{"key":"[redacted:DB_PASSWORD]"}');
  });

  it('are replaced everywhere, a longer one before one that is its beginning', () => {
    expect(redactor.text('hunter2-secret,hunter2-secret-and-more,hunter2-secret')).toBe(
      '[redacted:TOKEN],[redacted:LONG_TOKEN],[redacted:TOKEN]',
    );
  });

  it('stay where they are too short to be more than a word', () => {
    expect(redactor.text('abcde')).toBe('abcde');
  });

  it('may hold what replacements and patterns read as a command', () => {
    const { text } = createRedactor([{ name: '$&', value: '.*+?^$' }]);
    expect(text('a .*+?^$ b')).toBe('a [redacted:$&] b');
    expect(createRedactor([{ name: 'HALF', value: 'half \ud800 of a pair' }]).text('x')).toBe('x');
  });
});

describe('forms', () => {
  it.each([
    ['openai-key', `sk-${DIGITS.repeat(5)}`],
    ['openai-key', `sk-proj-${DIGITS}_${DIGITS}-${DIGITS}`],
    ['anthropic-key', `sk-ant-api03-${DIGITS.repeat(4)}-_AA`],
    ['openrouter-key', `sk-or-v1-${DIGITS.repeat(6)}`],
    ['google-key', `AIza${DIGITS.repeat(3)}_-xyz`],
    ['groq-key', `gsk_${DIGITS.repeat(5)}`],
    ['xai-key', `xai-${DIGITS.repeat(8)}`],
    ['huggingface-key', `hf_${DIGITS.repeat(3)}abcd`],
    ['github-token', `ghp_${DIGITS.repeat(4)}`],
    ['github-token', `github_pat_${DIGITS.repeat(2)}_${DIGITS.repeat(5)}`],
    ['aws-key', 'AKIAIOSFODNN7EXAMPLE'],
  ])('%s', (name, key) => {
    expect(redactor.text(`Use "${key}", or ${key}.`)).toBe(`Use "[redacted:${name}]", or [redacted:${name}].`);
    expect(redactor.text(`x${key}`)).toBe(`x${key}`);
  });

  it('takes the token of a bearer and the password of a URL, and leaves what is around them', () => {
    expect(redactor.text(`Authorization: Bearer ${DIGITS}.${DIGITS}==\r\n`)).toBe(
      'Authorization: Bearer [redacted:bearer-token]\r\n',
    );
    expect(redactor.text('postgres://admin:s3cret@db:5432/x and redis://:pw@host')).toBe(
      'postgres://admin:[redacted:password]@db:5432/x and redis://:[redacted:password]@host',
    );
  });

  it('takes keys out of the query of a URL, whatever their names look like, and leaves other values', () => {
    const key = `${DIGITS}-${DIGITS}%3D`;
    expect(redactor.text(`https://e.com/?q=a&api_key=${key}&x=1 "?ApiKey=${key}"`)).toBe(
      'https://e.com/?q=a&api_key=[redacted:url-key]&x=1 "?ApiKey=[redacted:url-key]"',
    );
    expect(redactor.text(`?access_token=${key}#top?X-Amz-Signature=${key}`)).toBe(
      '?access_token=[redacted:url-key]#top?X-Amz-Signature=[redacted:url-key]',
    );
    const plain = `?key=short1&page_token=${key}&token=no-digit-in-all-of-it&monkey=${key}&key=[redacted:NAME_1234567]`;
    expect(redactor.text(plain)).toBe(plain);
  });

  it('takes a private key whole, also when its lines are escaped or it breaks off', () => {
    const key = `-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\n${DIGITS}+/=\n-----END RSA PRIVATE KEY-----`;
    expect(redactor.text(`a\n${key}\nb`)).toBe('a\n[redacted:private-key]\nb');
    expect(redactor.text(JSON.stringify({ key }))).toBe('{"key":"[redacted:private-key]"}');
    expect(redactor.text(`-----BEGIN PRIVATE KEY-----\n${DIGITS}\n${DIGITS}`)).toBe('[redacted:private-key]');
  });

  it.each([
    'Install sk-learn and risk-averse-investment-strategy-number-1-for-you.',
    'sk-something-with-many-hyphens-in-it-2024',
    'task-ant-colony, AIzawa, gsk_, hf_transfer, xai-explainability, ghp_short, AKIA',
    'The bearer of good news arrives; Bearer authentication-and-authorization is described.',
    'https://example.com:8080/a@b and http://localhost:11434/v1?x=a:b@c and user@example.com',
    '-----BEGIN PUBLIC KEY-----\nabc\n-----END PUBLIC KEY-----',
    'Write to [redacted:TOKEN] or Bearer [redacted:bearer-token].',
    'const model = `${provider}://${host}:${port}`;',
  ])('leave alone: %s', (text) => {
    expect(redactor.text(text)).toBe(text);
  });
});

describe('JSON', () => {
  it('is redacted at any depth, values but not keys, into a new value', () => {
    const value = { 'hunter2-secret': ['x', { a: 'hunter2-secret', b: null }], n: 1, t: true };
    expect(redactor.json(value)).toEqual({
      'hunter2-secret': ['x', { a: '[redacted:TOKEN]', b: null }],
      n: 1,
      t: true,
    });
    expect(value['hunter2-secret'][1]).toEqual({ a: 'hunter2-secret', b: null });
  });

  it('is the very same value where there is nothing to redact', () => {
    const value = { a: [1, { b: 'fine' }], c: null };
    expect(redactor.json(value)).toBe(value);
    expect(redactor.json(JSON.parse('{"__proto__": "hunter2-secret"}'))).toEqual(
      JSON.parse('{"__proto__": "[redacted:TOKEN]"}'),
    );
  });
});

it('takes no time that grows faster than the text', () => {
  const hostile = [
    'sk-',
    'Bearer ',
    '://',
    '?key=',
    `&token=${'a'.repeat(99)}`,
    '-----BEGIN PRIVATE KEY-----',
    `sk-${'a-'.repeat(50)}`,
    `://${'a'.repeat(99)}`,
  ];
  for (const piece of hostile) {
    const text = piece.repeat(1_000_000 / piece.length);
    const start = performance.now();
    redactor.text(text);
    expect(performance.now() - start).toBeLessThan(500);
  }
});
