import { describe, expect, it } from 'vitest';
import { priceCall } from '../../src/models/prices.js';
import { modelOf, NOW } from './scene.js';

function usage(input: number | undefined, output: number | undefined, cacheRead = 0, cacheWrite = 0) {
  return {
    inputTokens: { total: input, noCache: undefined, cacheRead, cacheWrite },
    outputTokens: { total: output, text: undefined, reasoning: undefined },
  };
}

describe('the price of a call', () => {
  it.each([
    ['openai/gpt-4o', 0.0035],
    ['anthropic/claude-sonnet-4-5', 0.0045],
    ['gemini/gemini-2.5-flash', 0.00055],
    ['google/gemini-2.5-flash', 0.00055],
    ['groq/llama-3.3-70b-versatile', 0.000669],
    ['openrouter/openai/gpt-4o', 0.0035],
    ['mistral/mistral-large-latest', 0.0026],
    ['deepseek/deepseek-chat', 0.00038],
    ['xai/grok-4', 0.0045],
    ['azure/gpt-4o', 0.0035],
  ])('is known for %s', async (reference, dollars) => {
    expect(await priceCall(modelOf(reference), usage(1000, 100), NOW)).toBeCloseTo(dollars, 10);
  });

  it('is known for a server that is in the table by its address', async () => {
    const model = modelOf('openai-compatible/meta-llama/Llama-3.3-70B-Instruct-Turbo', {
      baseUrl: 'https://api.together.xyz/v1',
    });
    expect(await priceCall(model, usage(1000, 100), NOW)).toBeCloseTo(0.000968, 10);
  });

  it('is less for tokens from the cache, and its own for tokens written to it', async () => {
    expect(await priceCall(modelOf('openai/gpt-4o'), usage(1000, 100, 800), NOW)).toBeCloseTo(0.0025, 10);
    const claude = modelOf('anthropic/claude-sonnet-4-5');
    expect(await priceCall(claude, usage(1000, 100, 100, 500), NOW)).toBeCloseTo(0.004605, 10);
  });

  it.each(['openai/llama3', 'ollama/llama3', 'openrouter/x/unknown', 'azure/my-deployment', 'nowhere/gpt-4o'])(
    'is unknown, not 0, for %s',
    async (reference) => {
      expect(await priceCall(modelOf(reference), usage(1000, 100), NOW)).toBeNull();
    },
  );

  it('is unknown where the server counts no tokens', async () => {
    expect(await priceCall(modelOf('openai/gpt-4o'), usage(undefined, undefined), NOW)).toBeNull();
  });

  it('is the definition’s own where it has one', async () => {
    const model = modelOf('openai/gpt-4o', { price: { input: 10, output: 20 } });
    expect(await priceCall(model, usage(1000, 100, 800), NOW)).toBeCloseTo(0.012, 10);
    const cached = modelOf('ollama/llama3', { price: { input: 10, output: 20, cachedInput: 1 } });
    expect(await priceCall(cached, usage(1000, 100, 800), NOW)).toBeCloseTo(0.0048, 10);
  });

  it('survives counts that contradict each other', async () => {
    expect(await priceCall(modelOf('openai/gpt-4o'), usage(10, 5, 20, 20), NOW)).toBeGreaterThan(0);
  });
});
