import { resolve } from 'node:path';
import { everyoneIn, fieldOf } from '../definition/crew-agents.js';
import type { ToolReference } from '../definition/tool-types.js';
import type { CrewDefinition, GuardrailDefinition, OutputReference } from '../definition/types.js';
import { modelWants } from './model-wants.js';
import { redactorOf } from './redactor-of.js';
import { findOutside, serverWants, toolWants } from './tool-wants.js';
import { codeWants, filesIn, type FoundWant, type Want, type WantSources } from './want.js';

export interface WantsOptions {
  /** Absolute. */
  readonly workingDirectory: string;
  /** Without what `.env` adds. Default: the definition's, which has it. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Tools at the top of the definition that nobody has count too. */
  readonly withNamedTools?: boolean;
}

/** What a definition does beside calling models and using the working directory, each once. Loads and runs nothing. */
export async function findWants(definition: CrewDefinition, options: WantsOptions): Promise<Want[]> {
  const redactor = redactorOf(definition);
  const { workingDirectory, env: processEnvironment = definition.environment } = options;
  const at: WantSources = { workingDirectory, processEnvironment, definition, redact: (text) => redactor.text(text) };
  const holders = toolHolders(definition, options);
  const found = [
    ...callbackWants(at),
    ...(
      await Promise.all(holders.flatMap(({ place, tools }) => tools.map((tool) => toolWants(tool, place, at))))
    ).flat(),
    ...serverWants(
      holders.flatMap(({ tools }) => tools),
      at,
    ),
    ...guardrailWants(at),
    ...taskWants(at),
    ...(await schemaWants(at)),
    ...modelWants(at),
  ];
  const wants = new Map<string, Want>();
  for (const { place, text, details = '', isShell = false, files = [] } of found) {
    const key = JSON.stringify([text, details]);
    const places = [...new Set([...(wants.get(key)?.places ?? []), place])];
    wants.set(key, { places, text, details, isShell, files });
  }
  return [...wants.values()];
}

interface ToolHolder {
  readonly place: string;
  readonly tools: readonly ToolReference[];
}

function toolHolders(definition: CrewDefinition, { withNamedTools = false }: WantsOptions): ToolHolder[] {
  return [
    ...everyoneIn(definition).map((agent) => ({ place: `${fieldOf(agent, definition)}.tools`, tools: agent.tools })),
    ...definition.tasks.map(({ key, tools }) => ({ place: `tasks.${key}.tools`, tools })),
    ...(withNamedTools
      ? Object.entries(definition.namedTools).map(([name, tool]) => ({ place: `tools.${name}`, tools: [tool] }))
      : []),
  ];
}

function callbackWants(at: WantSources): FoundWant[] {
  const { callbacks } = at.definition;
  const { step, task, manager, beforeKickoff, afterKickoff } = callbacks;
  return [
    ...codeWants('step_callback', [step], at),
    ...codeWants('task_callback', [task], at),
    ...codeWants('manager_callbacks', manager, at),
    ...codeWants('before_kickoff', beforeKickoff, at),
    ...codeWants('after_kickoff', afterKickoff, at),
  ];
}

function taskWants(at: WantSources): FoundWant[] {
  const { definition } = at;
  return [
    ...everyoneIn(definition).flatMap((agent) =>
      codeWants(`${fieldOf(agent, definition)}.step_callback`, [agent.stepCallback], at),
    ),
    ...definition.tasks.flatMap(({ key, callback, when, output }) => [
      ...codeWants(`tasks.${key}.callback`, [callback], at),
      ...codeWants(`tasks.${key}.when`, [when?.kind === 'module' ? when : undefined], at),
      ...codeWants(`tasks.${key}.${output?.field}`, [output?.schema.kind === 'module' ? output.schema : undefined], at),
    ]),
  ];
}

/** What a schema says is sent to models: it must not be another file of the user. */
async function schemaWants(at: WantSources): Promise<FoundWant[]> {
  const { definition, workingDirectory } = at;
  const { directory } = definition.source;
  const fileOf = (place: string, schema: OutputReference['schema'] | undefined) =>
    schema?.kind === 'file' ? [{ place, path: resolve(directory, schema.path) }] : [];
  const judged = [
    ...everyoneIn(definition).map((agent) => ({ holder: fieldOf(agent, definition), guardrails: agent.guardrails })),
    ...definition.tasks.map(({ key, guardrails }) => ({ holder: `tasks.${key}`, guardrails })),
  ];
  const files = [
    ...definition.tasks.flatMap(({ key, output }) => fileOf(`tasks.${key}.${output?.field}`, output?.schema)),
    ...judged.flatMap(({ holder, guardrails }) =>
      guardrails.flatMap((guardrail) =>
        guardrail.kind === 'json_schema' ? fileOf(`${holder}.guardrails`, guardrail.schema) : [],
      ),
    ),
  ];
  const wants = files.map(async ({ place, path }) => {
    const isInDefinition = (await findOutside(path, directory)) === undefined;
    const outside = isInDefinition ? undefined : await findOutside(path, workingDirectory);
    return outside === undefined ? [] : [{ place, text: `shows models the schema ${outside}` }];
  });
  return (await Promise.all(wants)).flat();
}

function guardrailWants(at: WantSources): FoundWant[] {
  const { definition } = at;
  const wantsOf = (holder: string, guardrails: readonly GuardrailDefinition[]): FoundWant[] => {
    const place = `${holder}.guardrails`;
    return guardrails.flatMap((guardrail) => {
      switch (guardrail.kind) {
        case 'shell': {
          const { command } = guardrail;
          const files = filesIn(command.match(/[^\s'"|&;<>()$`=]+/g) ?? [], at.workingDirectory, at);
          return { place, text: `runs with /bin/sh: ${command}`, isShell: true, files };
        }
        case 'module':
          return codeWants(place, [guardrail], at);
        case 'json_schema':
          return codeWants(place, [guardrail.schema.kind === 'module' ? guardrail.schema : undefined], at);
        default:
          return [];
      }
    });
  };
  return [
    ...everyoneIn(definition).flatMap((agent) => wantsOf(fieldOf(agent, definition), agent.guardrails)),
    ...definition.tasks.flatMap(({ key, guardrails }) => wantsOf(`tasks.${key}`, guardrails)),
  ];
}
