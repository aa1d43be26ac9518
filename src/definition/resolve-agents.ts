import { parseDuration } from '../util/duration.js';
import type { AgentFields } from './agent-schema.js';
import type { Entry } from './entries.js';
import type { ModelResolver } from './resolve-models.js';
import { resolveTools, type PathOptions } from './resolve-tools.js';
import type { AgentDefinition } from './types.js';

/**
 * The agent with its models and tools; what is wrong with them is reported. Texts that are not sound are empty.
 * `defaultModels` gives the models of an agent without `llm`.
 */
export function resolveAgent(
  { key, path, fields, given }: Entry<AgentFields>,
  models: ModelResolver['unused'],
  options: PathOptions,
  defaultModels: () => AgentDefinition['models'] = () => models.resolveDefault(path),
): AgentDefinition {
  const { llm, max_execution_time: maxExecutionTime } = fields;
  return {
    key,
    role: fields.role?.trim() ?? '',
    goal: fields.goal?.trim() ?? '',
    backstory: fields.backstory?.trim() ?? '',
    models: llm === undefined ? (given.has('llm') ? [] : defaultModels()) : models.resolve(llm, [...path, 'llm']),
    tools: resolveTools(fields.tools ?? [], [...path, 'tools'], options),
    allowDelegation: fields.allow_delegation ?? false,
    maxIter: fields.max_iter ?? 25,
    maxRpm: fields.max_rpm,
    maxExecutionTimeMs: maxExecutionTime === undefined ? undefined : parseDuration(maxExecutionTime),
  };
}
