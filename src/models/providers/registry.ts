import type { OPENAI_COMPATIBLE, ProviderName } from '../../definition/providers.js';
import type { ProviderModule } from './provider.js';

/** Loads a provider's file, and with it its package, by the provider's name. */
export const PROVIDERS: Readonly<Record<ProviderName | typeof OPENAI_COMPATIBLE, () => Promise<ProviderModule>>> = {
  openai: () => import('./openai.js'),
  anthropic: () => import('./anthropic.js'),
  gemini: () => import('./google.js'),
  google: () => import('./google.js'),
  ollama: () => import('./openai-compatible.js'),
  groq: () => import('./groq.js'),
  openrouter: () => import('./openai-compatible.js'),
  mistral: () => import('./mistral.js'),
  deepseek: () => import('./deepseek.js'),
  xai: () => import('./xai.js'),
  azure: () => import('./azure.js'),
  'openai-compatible': () => import('./openai-compatible.js'),
};
