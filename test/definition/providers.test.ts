import { expect, test } from 'vitest';
import { findApiKey, findProvider, needsApiKey, PROVIDERS, resolveBaseUrl } from '../../src/definition/providers.js';

test('finds providers by name, and nothing of the prototype', () => {
  expect(findProvider('openai')?.keyVariables).toEqual(['OPENAI_API_KEY']);
  expect(findProvider('constructor')).toBeUndefined();
});

test('takes the first key that is set', () => {
  expect(findApiKey('gemini', { GOOGLE_API_KEY: 'b', GEMINI_API_KEY: '' })).toBe('b');
  expect(findApiKey('ollama', {})).toBeUndefined();
});

test('resolves base URLs: the own one, then the variables, then the default', () => {
  expect(resolveBaseUrl('openai', undefined, {})).toBe('https://api.openai.com/v1');
  expect(resolveBaseUrl('openai', undefined, { OPENAI_API_BASE: 'http://b/', OPENAI_BASE_URL: 'http://a/v1/' })).toBe(
    'http://a/v1',
  );
  expect(resolveBaseUrl('openai', 'http://own', { OPENAI_BASE_URL: 'http://a' })).toBe('http://own');
  expect(resolveBaseUrl('groq', undefined, { GROQ_API_BASE: 'http://g' })).toBe('http://g');
  expect(resolveBaseUrl('azure', undefined, {})).toBeUndefined();
  expect(resolveBaseUrl('openai-compatible', 'http://x/v1', {})).toBe('http://x/v1');
});

function resolve(host: string): string | undefined {
  return resolveBaseUrl('ollama', undefined, { OLLAMA_HOST: host });
}

test('completes the ways in which the host of Ollama is written', () => {
  expect(resolveBaseUrl('ollama', undefined, {})).toBe('http://127.0.0.1:11434/v1');
  expect(resolve('0.0.0.0')).toBe('http://127.0.0.1:11434/v1');
  expect(resolve('box:8080')).toBe('http://box:8080/v1');
  expect(resolve(':8080')).toBe('http://127.0.0.1:8080/v1');
  expect(resolve('https://ollama.example.com')).toBe('https://ollama.example.com/v1');
  expect(resolve('http://box:1/custom/')).toBe('http://box:1/custom');
  expect(resolve('not a host')).toBe('not a host');
});

test('wants a key only for the own host of a provider that has keys', () => {
  expect(needsApiKey('openai', 'https://api.openai.com/v1')).toBe(true);
  expect(needsApiKey('openai', 'https://eu.api.openai.com/v1')).toBe(true);
  expect(needsApiKey('openai', 'https://notopenai.com/v1')).toBe(false);
  expect(needsApiKey('openai', 'http://127.0.0.1:1/v1')).toBe(false);
  expect(needsApiKey('azure', undefined)).toBe(true);
  expect(needsApiKey('ollama', 'http://127.0.0.1:11434/v1')).toBe(false);
});

test('wants a key for the default address of every provider but Ollama', () => {
  for (const name of Object.keys(PROVIDERS)) {
    expect([name, needsApiKey(name, resolveBaseUrl(name, undefined, {}))]).toEqual([name, name !== 'ollama']);
  }
});
