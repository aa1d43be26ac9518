import type {
  LanguageModelV3CallOptions,
  LanguageModelV3FunctionTool,
  SharedV3ProviderOptions,
} from '@ai-sdk/provider';
import type { ModelDefinition } from '../definition/types.js';
import type { JsonObject, JsonSchema } from '../util/json.js';
import type { ModelRequest } from './model.js';
import type { Provider } from './providers/provider.js';
import { isStrictSchema } from './strict-schema.js';

/** The request as a provider's package takes it, but for the signal. */
export function toCallOptions(
  model: ModelDefinition,
  request: ModelRequest,
  provider: Provider,
): LanguageModelV3CallOptions {
  const { messages, tools, toolChoice, responseSchema } = request;
  const { temperature, topP, maxTokens, seed, stop, headers } = model;
  const hasTools = tools.length > 0;
  const format = hasTools ? undefined : responseSchema;
  return {
    prompt: messages,
    ...(hasTools && { tools: tools.map((tool) => withStrictness(tool, provider)) }),
    ...(hasTools && toolChoice && { toolChoice: { type: toolChoice } }),
    ...(format && { responseFormat: { type: 'json', name: format.name, schema: format.schema } }),
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { topP }),
    ...(maxTokens !== undefined && { maxOutputTokens: maxTokens }),
    ...(seed !== undefined && { seed }),
    ...(stop && { stopSequences: [...stop] }),
    ...(headers && { headers: withPlainNames(headers) }),
    providerOptions: toProviderOptions(model, format?.schema, provider),
  };
}

function withStrictness(tool: LanguageModelV3FunctionTool, { strictTools }: Provider): LanguageModelV3FunctionTool {
  if (strictTools === undefined || tool.strict !== undefined) return tool;
  const isStrict = isStrictSchema(tool.inputSchema as JsonSchema);
  if (isStrict) return { ...tool, strict: true };
  return strictTools === 'always-said' ? { ...tool, strict: false } : tool;
}

function toProviderOptions(
  { options = {} }: ModelDefinition,
  schema: JsonSchema | undefined,
  { optionsName, defaultOptions, namesOptionsItself, strictSchemas }: Provider,
): SharedV3ProviderOptions {
  const own: JsonObject = {
    ...defaultOptions,
    ...(strictSchemas && schema && { strictJsonSchema: isStrictSchema(schema) }),
    ...(namesOptionsItself ? toCamelCaseKeys(options) : options),
  };
  return { [optionsName]: own };
}

/** `reasoning_effort` and `reasoningEffort` both reach a package that calls it the latter. */
function toCamelCaseKeys(options: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(options).map(([key, value]) => [toCamelCase(key), value]));
}

function toCamelCase(key: string): string {
  return key.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** One spelling for each header, so that one given here replaces a package's own. */
function withPlainNames(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => {
      const plain = name.toLowerCase();
      return [plain === 'authorization' ? 'Authorization' : plain, value];
    }),
  );
}
