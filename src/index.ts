export { type Crew, type ForEachOptions, loadCrew, type LoadCrewOptions } from './crew/load-crew.js';
export { answer, type AnswerOptions, listOpenQuestions, type OpenQuestion, type OpenQuestions } from './crew/answer.js';
export { type LoadedTool, loadTool } from './crew/load-tool.js';
export type { Inputs, RunOptions } from './crew/run-options.js';
export { previewReplay, replay, type ReplayOptions } from './crew/replay.js';
export { resume, type ResumeOptions } from './crew/resume.js';
export type { AgreeToStart } from './crew/trust.js';
export type { Want } from './crew/want.js';
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
  NeedsInputError,
  ProviderError,
  StoreError,
  TaskError,
  UnmetError,
  UsageError,
} from './errors.js';
export type { RunEvent } from './events.js';
export type { AskHuman, HumanAnswer, HumanQuestion } from './journal/human-question.js';
export type {
  GuardrailCallContext,
  GuardrailFunction,
  GuardrailOutput,
  GuardrailResult,
} from './guardrails/custom-guardrail.js';
export type { AgreeToEffects, ExternalEffect, ReplayPreview } from './replay/external-effects.js';
export type { ReplayPlan, ReplayRefusal, ReplayTask } from './replay/replay-plan.js';
export { CrewOutput, RunError, type RunResult, type TaskResult, type TokenUsageResult } from './result.js';

export { createScriptedAnswers, type GivenAnswer, type ScriptedAnswers } from './run/scripted-answers.js';
export type {
  AfterKickoff,
  BeforeKickoff,
  CallbackContext,
  ConditionContext,
  ConditionFunction,
  StepCallback,
  StepCallbackEvent,
  TaskCallback,
} from './run/user-functions.js';
export type { ToolDefinition } from './tools/own/tool-definition.js';
export type { ToolContext, ToolEffects } from './tools/tool.js';
export type { JsonObject, JsonValue } from './util/json.js';
