import { isDeepStrictEqual } from 'node:util';
import { parseDuration } from '../util/duration.js';
import type { AgentFields } from './agent-schema.js';
import type { Entry } from './entries.js';
import { resolveGuardrails } from './resolve-guardrails.js';
import type { ModelResolver } from './resolve-models.js';
import { resolveModule } from './resolve-module.js';
import type { PathOptions } from './code-files.js';
import type { ToolResolver } from './resolve-tools.js';
import type { CrewFields } from './schema.js';
import { TEMPLATE_MARKS } from './template-marks.js';
import type { AgentDefinition } from './types.js';

export interface AgentOptions extends PathOptions {
  /** The crew's own fields, which an agent's stand in for. */
  readonly crew: Partial<Pick<CrewFields, 'cache' | 'function_calling_llm'>>;
  readonly tools: ToolResolver;
}

/**
 * The agent with its models and tools; what is wrong with them is reported. Texts that are not sound are empty.
 * `defaultModels` gives the models of an agent without `llm`.
 */
export function resolveAgent(
  entry: Entry<AgentFields>,
  models: ModelResolver['unused'],
  options: AgentOptions,
  defaultModels: () => AgentDefinition['models'] = () => models.resolveDefault(entry.path),
): AgentDefinition {
  const { key, path, fields, given } = entry;
  const { crew } = options;
  const { llm, max_execution_time: maxExecutionTime } = fields;
  const agentModels = asWanted(
    llm === undefined ? (given.has('llm') ? [] : defaultModels()) : models.resolve(llm, [...path, 'llm']),
    fields,
  );
  return {
    key,
    role: fields.role?.trim() ?? '',
    goal: fields.goal?.trim() ?? '',
    backstory: fields.backstory?.trim() ?? '',
    models: agentModels,
    tools: options.tools.resolve(fields.tools ?? [], [...path, 'tools']),
    allowDelegation: fields.allow_delegation ?? false,
    maxIter: fields.max_iter ?? 25,
    maxRpm: fields.max_rpm,
    maxExecutionTimeMs: maxExecutionTime === undefined ? undefined : parseDuration(maxExecutionTime),
    functionCallingModels: resolveFunctionCalling(entry, models, { crew, agentModels }),
    maxTpm: fields.max_tpm,
    cache: fields.cache ?? crew.cache ?? false,
    stepCallback: resolveModule(fields.step_callback, [...path, 'step_callback'], options),
    guardrails: resolveGuardrails(entry, models, options),
    guardrailMaxRetries: fields.guardrail_max_retries ?? 3,
    templates: { system: fields.system_template, prompt: fields.prompt_template, response: fields.response_template },
    useSystemPrompt: fields.use_system_prompt ?? true,
    respectContextWindow: fields.respect_context_window ?? true,
    dateFormat: fields.inject_date ? (fields.date_format ?? '%Y-%m-%d') : undefined,
    reasoningAttempts: fields.reasoning ? (fields.max_reasoning_attempts ?? 3) : 0,
    multimodal: fields.multimodal ?? false,
    verbose: fields.verbose ?? false,
  };
}

/** The agent's own models for turns with tools, else the crew's; undefined where they are those of all its turns. */
function resolveFunctionCalling(
  { path, fields }: Entry<AgentFields>,
  models: ModelResolver['unused'],
  { crew, agentModels }: { readonly crew: AgentOptions['crew']; readonly agentModels: AgentDefinition['models'] },
): AgentDefinition['functionCallingModels'] {
  const own = fields.function_calling_llm;
  const value = own ?? crew.function_calling_llm;
  if (value === undefined) return undefined;
  const place = own === undefined ? ['function_calling_llm'] : [...path, 'function_calling_llm'];
  const found = asWanted(models.resolve(value, place), fields);
  return isDeepStrictEqual(found, agentModels) ? undefined : found;
}

/** The models with the agent's retries, and an end of the answer where its template has text after that. */
function asWanted(
  models: AgentDefinition['models'],
  { max_retry_limit: maxRetries, response_template: template }: Partial<AgentFields>,
): AgentDefinition['models'] {
  const end = template?.split(TEMPLATE_MARKS.response)[1]?.trim();
  return models.map((model) => ({
    ...model,
    ...(maxRetries !== undefined && { maxRetries }),
    ...(end && { stop: [...(model.stop ?? []), end] }),
  }));
}
