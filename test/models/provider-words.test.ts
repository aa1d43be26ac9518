import { expect, it } from 'vitest';
import { readProviderWords } from '../../src/models/provider-words.js';

it.each([
  ['OpenAI', '{"error":{"message":"No.","type":"t","code":"c"}}', 'No.'],
  ['a plain error', '{"error":"model not found"}', 'model not found'],
  ['a bare message', '{"message":"Unauthorized"}', 'Unauthorized'],
  ['FastAPI', '{"detail":"Not Found"}', 'Not Found'],
  ['Google in a list', '[{"error":{"message":"Bad.","status":"INVALID_ARGUMENT"}}]', 'Bad.'],
  [
    'OpenRouter',
    '{"error":{"message":"Provider returned error","code":400,"metadata":{"raw":"{\\"error\\":{\\"message\\":\\"too long\\"}}"}}}',
    'Provider returned error: too long',
  ],
  ['plain text', '  upstream\n connect error ', 'upstream connect error'],
  ['JSON of another kind', '{"ok":false}', '{"ok":false}'],
  ['a page without a title', '<html><body><script>x</script><h1>Oops</h1> &amp; more</body></html>', 'Oops & more'],
  ['nothing', '', ''],
])('reads what %s says', (_name, body, words) => {
  expect(readProviderWords(body).text).toBe(words);
});

it('gives the codes and the status that stand in the body', () => {
  expect(readProviderWords('{"error":{"message":"m","code":502,"type":"upstream"}}')).toEqual({
    text: 'm',
    codes: 'upstream',
    status: 502,
    isHtml: false,
  });
});
