import { teamOf } from '../definition/crew-agents.js';
import type { AgentDefinition, CrewDefinition, ModelDefinition } from '../definition/types.js';
import type { Guardrail } from '../guardrails/guardrail.js';
import type { Tool } from '../tools/tool.js';
import type { Redactor } from '../util/redact.js';
import { digestOf, listPart, type Part, readable } from './fingerprint-part.js';
import { guardrailPart, guardrailTexts } from './guardrail-fingerprint.js';
import { agentPromptParts } from './prompt-fingerprint.js';

/** What an agent, or several, bring into the tasks they work on. */
export interface AgentParts {
  /** Texts and models, without the tools: a performer's are joined by those of the task. */
  readonly parts: readonly Part[];
  /** One for each input that stands in the texts. */
  readonly inputs: readonly Part[];
  readonly tools: readonly Tool[];
}

export interface AgentFingerprints {
  partsOf(agent: AgentDefinition): AgentParts;
  /**
   * Of everyone whom the performer of a task may give it to and who may pass it on among themselves: their parts are called
   * `model of <agent>`, tools included. Nothing for a performer who works alone.
   */
  partsOfTeam(performer: AgentDefinition, coworkers: readonly string[] | undefined): AgentParts;
}

const NOBODY: AgentParts = { parts: [], inputs: [], tools: [] };

/** The parts of a crew's agents, each made once however many tasks ask for them. */
export function createAgentFingerprints(
  { manager, agents }: CrewDefinition,
  {
    agentTools,
    agentGuardrails,
    inputParts,
    redactor,
  }: {
    readonly agentTools: ReadonlyMap<string, readonly Tool[]>;
    readonly agentGuardrails: ReadonlyMap<string, readonly Guardrail[]>;
    /** The parts for the inputs that stand in these texts. */
    readonly inputParts: (texts: readonly string[]) => Part[];
    readonly redactor: Redactor;
  },
): AgentFingerprints {
  const single = new Map<AgentDefinition, AgentParts>();
  const teams = new Map<string, AgentParts>();

  const partsOf = (agent: AgentDefinition): AgentParts => {
    const texts = [agent.role, agent.goal, agent.backstory];
    const { guardrails } = agent;
    const digests = texts.map((text) => digestOf(redactor.text(text)));
    const made = single.get(agent) ?? {
      parts: [
        ['texts', digests.join(' ')],
        ...agentPromptParts(agent, redactor),
        ...modelParts(redactor.json(agent.models)),
        ...functionCallingParts(redactor.json(agent.functionCallingModels ?? [])),
        ...guardrailPart('agent guardrails', guardrails, { loaded: agentGuardrails.get(agent.key) ?? [], redactor }),
      ],
      inputs: inputParts([...texts, ...guardrailTexts(guardrails)]),
      tools: agentTools.get(agent.key) ?? [],
    };
    single.set(agent, made);
    return made;
  };

  return {
    partsOf,
    partsOfTeam(performer, coworkers) {
      if (!manager && !performer.allowDelegation) return NOBODY;
      const id = JSON.stringify([performer.key, coworkers]);
      const members = teamOf({ agents }, { coworkers }).filter(({ key }) => key !== performer.key);
      const team = teams.get(id) ?? joinTeam(members, partsOf);
      teams.set(id, team);
      return team;
    },
  };
}

function joinTeam(members: readonly AgentDefinition[], partsOf: AgentFingerprints['partsOf']): AgentParts {
  const team = members.map((agent) => ({ agent, ...partsOf(agent) }));
  return {
    parts: team.flatMap(({ agent, parts, tools }) =>
      [...parts, ...delegationPart(agent.allowDelegation), ...toolNamesPart('tools', tools)].map(
        ([name, value]): Part => [`${name} of ${agent.key}`, value],
      ),
    ),
    inputs: team.flatMap(({ inputs }) => inputs),
    tools: [...new Set(team.flatMap(({ tools }) => tools))],
  };
}

/** The part that says that an agent may give work away. */
export function delegationPart(isAllowed: boolean): Part[] {
  return isAllowed ? [['delegation', 'allowed']] : [];
}

/** The part for the names of tools, in alphabetical order: that of the file does not matter. */
export function toolNamesPart(name: string, tools: readonly Tool[]): Part[] {
  return listPart(name, [...new Set(tools.map((tool) => tool.name))].toSorted());
}

/** The parts for models: their names, and the settings that decide an answer. */
export function modelParts(models: readonly ModelDefinition[]): Part[] {
  const settings = models.map(settingsText);
  const hasSettings = settings.some((text) => text !== '');
  return [
    ['model', readable(models.map(({ reference }) => reference).join(' → '))],
    ...(hasSettings
      ? [['model settings', readable(settings.map((text) => text || 'default').join(' → '))] as const]
      : []),
  ];
}

/** Those of the models for turns with tools, where they are others. */
function functionCallingParts(models: readonly ModelDefinition[]): Part[] {
  if (models.length === 0) return [];
  return modelParts(models).map(([name, value]): Part => [name.replace('model', 'model for tools'), value]);
}

/** The settings that decide an answer; keys, headers, time limits, retries and prices do not. */
function settingsText(model: ModelDefinition): string {
  const settings: Readonly<Record<string, unknown>> = {
    temperature: model.temperature,
    top_p: model.topP,
    max_tokens: model.maxTokens,
    seed: model.seed,
    stop: model.stop,
    api: model.api,
    base_url: model.baseUrl,
    options: model.options && digestOf(model.options),
  };
  return Object.entries(settings)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ');
}
