import type { CrewShape } from './crew-shape.js';
import type { ModelReferenceValue } from './model-schema.js';
import type { ModelResolver } from './resolve-models.js';
import { resolveCallbacks } from './resolve-callbacks.js';
import type { PathOptions } from './code-files.js';
import type { CrewDefinition } from './types.js';

type CrewSettings = Pick<
  CrewDefinition,
  'language' | 'planning' | 'callbacks' | 'chatModels' | 'fullOutput' | 'outputLogFile' | 'verbose' | 'stream'
>;

/** Where `output_log_file: true` writes to. */
const DEFAULT_LOG_FILE = 'logs.txt';

/** What a crew says beside its agents, tasks, models, inputs and limits. */
export function resolveCrewSettings(
  shape: CrewShape,
  models: ModelResolver,
  options: PathOptions & { readonly isForChat: boolean },
): CrewSettings {
  const { crew } = shape;
  const { planning_llm: planner, chat_llm: chat, output_log_file: log } = crew;
  const planningModels = (): CrewDefinition['chatModels'] =>
    planner === undefined ? models.resolveDefault(['planning']) : models.resolve(planner, ['planning_llm']);
  if (!crew.planning && planner !== undefined) models.unused.resolve(planner, ['planning_llm']);
  return {
    language: crew.language?.trim(),
    planning: crew.planning ? { models: planningModels() ?? [] } : undefined,
    callbacks: resolveCallbacks(shape, options),
    chatModels: resolveChat(chat, options.isForChat ? models : undefined, models.unused),
    fullOutput: crew.full_output ?? false,
    outputLogFile: log === true ? DEFAULT_LOG_FILE : log === false ? undefined : log?.trim(),
    verbose: crew.verbose ?? false,
    stream: crew.stream ?? false,
  };
}

/** The models of the chat; without a chat they are only checked. */
function resolveChat(
  written: ModelReferenceValue | undefined,
  called: ModelResolver | undefined,
  unused: ModelResolver['unused'],
): CrewDefinition['chatModels'] {
  if (written === undefined) return called?.resolveDefault(['chat_llm']);
  return (called ?? unused).resolve(written, ['chat_llm']);
}
