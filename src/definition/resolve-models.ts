import { parseDuration } from '../util/duration.js';
import type { ValuePath as Path } from '../util/format-path.js';
import type { JsonObject } from '../util/json.js';
import { parseModelReference } from './model-reference.js';
import type { ModelFields, ModelReferenceValue } from './model-schema.js';
import { needsApiKey, resolveBaseUrl } from './providers.js';
import type { Report, ReportOptions } from './report.js';
import type { ModelDefinition } from './types.js';
import type { Variables } from './variables.js';

/** Which model an agent without `llm` uses: the first of these variables that is set, else the one below. */
const DEFAULT_VARIABLES = ['CREW_MODEL', 'MODEL', 'OPENAI_MODEL_NAME'];
const DEFAULT_MODEL = 'openai/gpt-4.1-mini';

/** A model that something uses, and where its settings stand. */
export interface UsedModel {
  readonly model: ModelDefinition;
  /** The `llm` that asks for it; for the default model the agent. */
  readonly userPath: Path;
  readonly isDefault: boolean;
  /** Its map of settings, or the text that names it. */
  readonly path: Path;
}

export interface ModelResolver {
  /** The models that a reference means, fallbacks after it; empty where it is reported. */
  resolve(value: ModelReferenceValue, path: Path): readonly ModelDefinition[];
  /** The models for an agent without `llm`; `path` is the agent. */
  resolveDefault(path: Path): readonly ModelDefinition[];
  /** Every model that was resolved, but by `unused`. */
  readonly used: readonly UsedModel[];
  /** The same for what is checked and will not be called. */
  readonly unused: Pick<ModelResolver, 'resolve' | 'resolveDefault'>;
}

export interface ModelResolverOptions {
  /** What stands under `models` and is sound. */
  readonly models: Readonly<Record<string, ModelReferenceValue>>;
  /** All names under `models`. */
  readonly modelNames: readonly string[];
  readonly variables: Variables;
  readonly report: Report;
}

interface Place {
  readonly path: Path;
  readonly userPath: Path;
  readonly isDefault?: boolean;
  /** The names under `models` that led here. */
  readonly trail: readonly string[];
  /** The variable that the reference comes from, where it is not in the file. */
  readonly variable?: string | undefined;
}

/** Resolves references to models; what is wrong with one is reported at its place. */
export function createModelResolver({ models, modelNames, variables, report }: ModelResolverOptions): ModelResolver {
  const { environment } = variables;

  const resolveReference = (value: ModelReferenceValue, place: Place): UsedModel[] => {
    if (Array.isArray(value)) {
      return value.flatMap((item, index) => resolveReference(item, { ...place, path: [...place.path, index] }));
    }
    if (typeof value !== 'string') return resolveModel(value, place, [...place.path, 'model']);
    const name = value.trim();
    return modelNames.includes(name) ? resolveName(name, place) : resolveModel({ model: name }, place, place.path);
  };

  const resolveName = (name: string, place: Place): UsedModel[] => {
    const trail = [...place.trail, name];
    if (place.trail.includes(name)) {
      const circle = trail.slice(trail.indexOf(name));
      // Each model of the circle leads into it; it is told once, from its first one in the file.
      if (modelNames.find((candidate) => circle.includes(candidate)) === name && place.trail[0] === name) {
        report.error(place.path, `models name each other in a circle: ${circle.join(' → ')}`, {
          hint: circle.length === 2 ? `for a model of that name write provider/${name}` : undefined,
        });
      }
      return [];
    }
    const value = Object.hasOwn(models, name) ? models[name] : undefined;
    return value === undefined
      ? []
      : resolveReference(value, { ...place, path: ['models', name], trail, variable: undefined });
  };

  const resolveModel = (fields: ModelFields, place: Place, path: Path): UsedModel[] => {
    const text = fields.model.trim();
    const say = (severity: 'error' | 'warn', message: string, options: ReportOptions): void => {
      const from = place.variable === undefined ? '' : `the environment variable ${place.variable}: `;
      const target = place.variable === undefined ? undefined : ('key' as const);
      report[severity](path, `${from}${message}`, { ...options, target, find: text });
    };
    const parsed = parseModelReference(text, { modelNames, hasBaseUrl: fields.base_url !== undefined });
    if ('trouble' in parsed) {
      say('error', parsed.trouble, { hint: parsed.hint });
      return [];
    }
    const { likelyProvider, ...reference } = parsed;
    if (likelyProvider !== undefined && needsApiKey('openai', resolveBaseUrl('openai', undefined, environment))) {
      const hint = `write ${likelyProvider}/${reference.modelId}`;
      say('warn', `"${text}" has no provider, so openai will be asked for it`, { hint });
    }
    return [
      {
        model: { ...reference, ...settingsOf(fields) },
        userPath: place.userPath,
        isDefault: place.isDefault ?? false,
        path: place.path,
      },
    ];
  };

  const resolveInto = (used: UsedModel[]): ModelResolver['unused'] => {
    const use = (
      value: ModelReferenceValue,
      place: Pick<Place, 'path' | 'variable' | 'isDefault'>,
    ): readonly ModelDefinition[] => {
      const found = resolveReference(value, { ...place, userPath: place.path, trail: [] });
      used.push(...found);
      return found.map(({ model }) => model);
    };
    return {
      resolve: (value, path) => use(value, { path }),
      resolveDefault(path) {
        const variable = DEFAULT_VARIABLES.find((name) => environment[name]?.trim());
        const value = variable === undefined ? undefined : environment[variable]?.trim();
        return use(value ?? DEFAULT_MODEL, { path, variable, isDefault: true });
      },
    };
  };

  // What no agent uses is checked too.
  for (const name of modelNames) resolveName(name, { path: ['models', name], userPath: [], trail: [] });
  const used: UsedModel[] = [];
  return { ...resolveInto(used), used, unused: resolveInto([]) };
}

function settingsOf(fields: ModelFields): Omit<ModelDefinition, 'reference' | 'provider' | 'modelId'> {
  const { price, stop, timeout } = fields;
  const settings = {
    baseUrl: fields.base_url?.trim(),
    apiKey: fields.api_key?.trim() || undefined,
    headers: fields.headers,
    api: fields.api,
    temperature: fields.temperature,
    topP: fields.top_p,
    maxTokens: fields.max_tokens,
    seed: fields.seed,
    stop: typeof stop === 'string' ? [stop] : stop,
    timeoutMs: timeout === undefined ? undefined : parseDuration(timeout),
    maxRetries: fields.max_retries,
    contextWindow: fields.context_window,
    options: fields.options as JsonObject | undefined,
    price: price && {
      input: price.input,
      output: price.output,
      ...(price.cached_input !== undefined && { cachedInput: price.cached_input }),
    },
  };
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}
