import { encode } from 'gpt-tokenizer/encoding/o200k_base';
import { expect, it } from 'vitest';
import { ASSUMED_OUTPUT_TOKENS, worstCaseTokens } from '../../src/limits/worst-case.js';
import { ask } from '../models/scene.js';

it.each([
  ['English', 'The analyst checks every number twice before the brief goes out. '],
  ['JSON', '{"id":17,"name":"panel","price":83.25,"tags":["solar","roof"]},'],
  ['code', 'for (const [key, value] of Object.entries(map)) { if (value !== null) copy[key] = value; }\n'],
  ['Chinese', '研究人员需要核实每一个数字并给出来源。'],
  ['Russian', 'Исследователь проверяет каждое число дважды. '],
  ['Thai', 'นักวิเคราะห์ต้องตรวจสอบตัวเลขทุกตัวสองครั้ง'],
])('reckons with more tokens than %s has', (_language, text) => {
  const long = text.repeat(50);
  const { inputTokens } = worstCaseTokens(ask(long), {});
  expect(inputTokens).toBeGreaterThan(encode(long).length);
});

it('reckons with a sum for each image, and with the bytes of PDF files up to a point', () => {
  const withFile = (mediaType: string, bytes: number) => {
    const request = ask('Hi');
    const data = new Uint8Array(bytes);
    const content = [
      { type: 'text' as const, text: 'Hi' },
      { type: 'file' as const, mediaType, data },
    ];
    return worstCaseTokens({ ...request, messages: [{ role: 'user', content }] }, {}).inputTokens;
  };
  const small = withFile('image/png', 10);
  expect(small).toBeGreaterThan(1500);
  expect(withFile('image/png', 1_000_000)).toBe(small);
  expect(withFile('application/pdf', 30_000) - withFile('application/pdf', 3000)).toBe(9000);
  expect(withFile('application/pdf', 20_000_000)).toBeLessThan(301_000);
});

it('takes the output from max_tokens, else from a constant', () => {
  expect(worstCaseTokens(ask('Hi'), { maxTokens: 100 }).outputTokens).toBe(100);
  expect(worstCaseTokens(ask('Hi'), {}).outputTokens).toBe(ASSUMED_OUTPUT_TOKENS);
});
