import { suggest, suggestHint } from '../util/suggest.js';
import { findProvider, OPENAI_COMPATIBLE, PROVIDERS } from './providers.js';

/** Names of OpenAI's own models, which need no provider in front. */
const OPENAI_NAME = /^(gpt|chatgpt|o\d|ft:|text-|davinci|babbage|codex|computer-use)/i;

/** Families of models whose provider is known from their name. */
const FAMILIES: readonly (readonly [RegExp, provider: string])[] = [
  [/^claude/i, 'anthropic'],
  [/^gemini/i, 'gemini'],
  [/^grok/i, 'xai'],
  [/^deepseek/i, 'deepseek'],
  [/^(mistral|codestral|ministral|magistral|pixtral)/i, 'mistral'],
  [/^(llama|qwen|phi|gemma)/i, 'ollama'],
];

export interface ParsedReference {
  /** `provider/model`. */
  readonly reference: string;
  readonly provider: string;
  readonly modelId: string;
  /** The provider that the model's name belongs to, where none is written and openai was taken. */
  readonly likelyProvider?: string;
}

export interface ReferenceTrouble {
  readonly trouble: string;
  readonly hint: string | undefined;
}

export interface ReferenceOptions {
  /** The names under `models`. */
  readonly modelNames: readonly string[];
  /** True where the model has its own `base_url`: then any name will do. */
  readonly hasBaseUrl: boolean;
}

/** The parts of `provider/model`, or in words why it is none. Without a provider openai is meant. */
export function parseModelReference(
  text: string,
  { modelNames, hasBaseUrl }: ReferenceOptions,
): ParsedReference | ReferenceTrouble {
  const slash = text.indexOf('/');
  if (slash < 0) return parseBareName(text, modelNames, hasBaseUrl);
  const prefix = text.slice(0, slash);
  const modelId = text.slice(slash + 1);
  const provider = prefix.toLowerCase();
  if (findProvider(provider)) {
    if (modelId === '') return { trouble: `"${text}" names no model of ${provider}`, hint: undefined };
    return { reference: `${provider}/${modelId}`, provider, modelId };
  }
  if (hasBaseUrl) return { reference: text, provider: OPENAI_COMPATIBLE, modelId: text };
  const names = Object.keys(PROVIDERS);
  const hint =
    suggestHint(prefix, names) ?? `providers: ${names.join(', ')}; any other OpenAI-compatible server needs a base_url`;
  return { trouble: `there is no model provider "${prefix}"`, hint };
}

function parseBareName(
  name: string,
  modelNames: readonly string[],
  hasBaseUrl: boolean,
): ParsedReference | ReferenceTrouble {
  const parsed = { reference: `openai/${name}`, provider: 'openai', modelId: name };
  if (hasBaseUrl || OPENAI_NAME.test(name)) return parsed;
  if (modelNames.includes(name)) {
    return { trouble: `"${name}" is a name under models; a map needs provider/model`, hint: undefined };
  }
  const likelyProvider = FAMILIES.find(([family]) => family.test(name))?.[1];
  const meant = suggest(name, modelNames);
  if (meant !== undefined || (modelNames.length > 0 && likelyProvider === undefined)) {
    const hint =
      meant === undefined ? `models: ${modelNames.join(', ')}; or write provider/model` : `did you mean "${meant}"?`;
    return { trouble: `there is no model "${name}" under models`, hint };
  }
  return likelyProvider === undefined ? parsed : { ...parsed, likelyProvider };
}
