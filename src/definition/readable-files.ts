import type { FileKind } from '../util/media-type.js';
import { teamOf } from './crew-agents.js';
import type { AgentDefinition, CrewDefinition, TaskDefinition } from './types.js';

/** Providers whose packages send images and refuse PDF files (their conversion of messages, @ai-sdk of 2025 and 2026). */
const WITHOUT_PDF: ReadonlySet<string> = new Set(['deepseek', 'groq', 'xai']);

type Reader = Pick<AgentDefinition, 'multimodal' | 'models' | 'functionCallingModels'>;

/** True where the agent can be given a file of that kind, whichever of its models answers. */
export function canRead(agent: Reader, kind: FileKind): boolean {
  return kind === 'text' || (agent.multimodal && findProviderWithout(agent, kind) === undefined);
}

/** Why nobody who does the task can be given a file of that kind, and what to do; undefined where somebody can. */
export function findReaderTrouble(
  { agents, manager }: Pick<CrewDefinition, 'agents' | 'manager'>,
  task: Pick<TaskDefinition, 'agent' | 'coworkers'>,
  kind: FileKind,
): { readonly message: string; readonly hint: string } | undefined {
  const what = kind === 'pdf' ? 'PDF files' : 'images';
  const performer = agents.find(({ key }) => key === task.agent) ?? agents[0];
  const readers = manager ? teamOf({ agents }, task) : performer ? [performer] : [];
  if (readers.length === 0 || readers.some((agent) => canRead(agent, kind))) return undefined;
  const able = readers.find(({ multimodal }) => multimodal);
  const provider = able && findProviderWithout(able, kind);
  if (able && provider !== undefined) {
    return {
      message: `the models of ${provider} cannot be given ${what}`,
      hint: `give agents.${able.key} a model of another provider, such as openai, anthropic or google`,
    };
  }
  if (manager) {
    return {
      message: `none of the coworkers can be given ${what}`,
      hint: `write multimodal: true below the agent whose model takes ${what}`,
    };
  }
  return {
    message: `agent "${performer?.key}" cannot be given ${what}`,
    hint: `write multimodal: true below agents.${performer?.key}, if its model takes ${what}`,
  };
}

function findProviderWithout({ models, functionCallingModels = [] }: Reader, kind: FileKind): string | undefined {
  if (kind !== 'pdf') return undefined;
  return [...models, ...functionCallingModels].find(({ provider }) => WITHOUT_PDF.has(provider))?.provider;
}
