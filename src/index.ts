export { type Crew, type Inputs, type KickoffOptions, loadCrew, type LoadCrewOptions } from './crew.js';
export { DefinitionError } from './definition/definition-error.js';
export type {
  AgentDefinition,
  CrewDefinition,
  InputDefinition,
  ModelDefinition,
  Problem,
  Process,
  TaskDefinition,
} from './definition/types.js';
export {
  CassetteError,
  CrewError,
  EXIT,
  type ExitCode,
  InterruptedError,
  LimitError,
  ProviderError,
  StoreError,
  TaskError,
  UnmetError,
  UsageError,
} from './errors.js';
export type { RunEvent } from './events.js';
export { CrewOutput, RunError, type RunResult, type TaskResult, type TokenUsageResult } from './result.js';
export type { ToolContext, ToolEffects } from './tools/tool.js';
export type { JsonObject, JsonValue } from './util/json.js';
