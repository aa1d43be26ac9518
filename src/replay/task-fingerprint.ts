import { performerOf, teamOf } from '../definition/crew-agents.js';
import { findPlaceholders } from '../definition/placeholders.js';
import type { AgentDefinition, CrewDefinition, TaskDefinition } from '../definition/types.js';
import type { TaskFingerprint } from '../store/records.js';
import type { Tool } from '../tools/tool.js';
import type { JsonValue } from '../util/json.js';
import type { Redactor } from '../util/redact.js';
import { createAgentFingerprints, delegationPart, toolNamesPart } from './agent-fingerprint.js';
import { digestOf, listPart, listText, MCP_ID, type Part, readable } from './fingerprint-part.js';
import type { Condition } from '../run/conditions.js';
import type { InputFile } from '../run/input-files.js';
import type { Materials } from '../run/materials.js';
import { guardrailPart, guardrailTexts } from './guardrail-fingerprint.js';
import { crewPromptParts, markdownPart } from './prompt-fingerprint.js';

export { changesPrompt, diffFingerprints } from './fingerprint-diff.js';

export interface FingerprintOptions extends Omit<Materials, 'callbacks'> {
  /** With its placeholders still in. */
  readonly definition: CrewDefinition;
  readonly inputs: Readonly<Record<string, JsonValue>>;
  /** Applied before anything is digested, so that what is read back from the database gives the same. */
  readonly redactor: Redactor;
}

/**
 * For each task by key what decides its output, in parts: its texts, context, schema and inputs, who does it, and of
 * everyone who may work on it texts, models and tools. What only bounds or places the work (limits, retries, files) is no
 * part of it. Parts of the performer have plain names (`model`), those of coworkers are called `model of <agent>`; `texts`
 * are the digests of role, goal and backstory.
 */
export function fingerprintTasks(options: FingerprintOptions): Map<string, TaskFingerprint> {
  const { definition, taskTools, taskGuardrails, outputSchemas, inputFiles, redactor } = options;
  const { manager, tasks, taskOrder } = definition;
  const digests = new Map(
    Object.entries(options.inputs).map(([name, value]) => [name, digestOf(redactor.json(value))] as const),
  );
  const inputParts = (texts: readonly string[]): Part[] =>
    texts.flatMap(findPlaceholders).flatMap(({ name }): Part[] => {
      const digest = digests.get(name);
      return digest === undefined ? [] : [[`input ${name}`, digest]];
    });
  const agents = createAgentFingerprints(definition, { ...options, inputParts });
  const promptParts = crewPromptParts(definition, redactor);

  const fingerprintOfTask = (task: TaskDefinition, context: string): TaskFingerprint => {
    const performer = performerOf(definition, task);
    const own = agents.partsOf(performer);
    const team = agents.partsOfTeam(performer, task.coworkers);
    const hasTeam = team.parts.length > 0;
    const given = taskTools.get(task.key) ?? [];
    const schema = outputSchemas.get(task.key)?.schema;
    return Object.fromEntries([
      ['description', digestOf(redactor.text(task.description))],
      ['expected output', digestOf(redactor.text(task.expectedOutput))],
      ...markdownPart(task),
      ...(schema ? [['output schema', digestOf(schema)]] : []),
      ...(context === '' ? [] : [['context', readable(context)]]),
      ...guardrailPart('guardrails', task.guardrails, { loaded: taskGuardrails.get(task.key) ?? [], redactor }),
      ...conditionParts(task, options.conditions.get(task.key), digests),
      ...inputParts([task.description, task.expectedOutput, ...guardrailTexts(task.guardrails), ...task.inputFiles]),
      ...own.inputs,
      ...team.inputs,
      ...promptParts,
      ['agent', performer.key],
      ...(manager && task.agent !== undefined ? [['suggested coworker', task.agent]] : []),
      ...own.parts,
      ...toolNamesPart('tools', manager ? own.tools : [...own.tools, ...given]),
      ...delegationPart(hasTeam),
      ...fileParts(task, inputFiles.get(task.key) ?? [], {
        redactor,
        team: hasTeam ? membersOf(definition, task) : [],
      }),
      ...team.parts,
      ...(hasTeam ? toolNamesPart('task tools', given) : []),
      ...toolParts([...own.tools, ...team.tools, ...given]),
    ] as Part[]);
  };
  // Grows by one name a task: a list made anew for each would take longer than all the rest.
  let earlier = '';
  return new Map(
    tasks.map((task) => {
      const { key, context } = task;
      const all = taskOrder === 'manager' ? 'whatever is finished' : earlier;
      earlier = listText([earlier, key]);
      return [key, fingerprintOfTask(task, context ? listText(context.map((name) => contextText(task, name))) : all)];
    }),
  );
}

/** What decides whether the task runs. */
function conditionParts(
  { runsIfSkipped }: TaskDefinition,
  condition: Condition | undefined,
  inputs: ReadonlyMap<string, string>,
): Part[] {
  const inputParts = (condition?.inputs ?? []).flatMap((name): Part[] => {
    const digest = inputs.get(name);
    return digest === undefined ? [] : [[`input ${name}`, digest]];
  });
  return [
    ...(condition ? [['condition', readable(condition.identity)] as const] : []),
    ...inputParts,
    ...(runsIfSkipped ? [['on_skipped', 'run'] as const] : []),
  ];
}

/** A task of the context, with the form that it is given in where that is not in full. */
function contextText({ contextForms }: TaskDefinition, key: string): string {
  const form = Object.hasOwn(contextForms, key) ? contextForms[key] : undefined;
  if (!form) return key;
  const { as, jsonPath, maxTokens } = form;
  return [
    key,
    ...(as === 'full' ? [] : [`as ${as}${jsonPath === '' ? '' : `.${jsonPath}`}`]),
    ...(maxTokens === undefined ? [] : [`up to ${maxTokens} tokens`]),
  ].join(' ');
}

/** Everyone who may work on the task where it can be handed on. */
function membersOf(definition: CrewDefinition, task: TaskDefinition): AgentDefinition[] {
  const { manager } = definition;
  return [...(manager ? [manager] : []), ...teamOf(definition, task)];
}

/** The files as the task names them, and of each a digest of its content. */
function fileParts(
  { inputFiles }: TaskDefinition,
  files: readonly InputFile[],
  { redactor, team }: { readonly redactor: Redactor; readonly team: readonly AgentDefinition[] },
): Part[] {
  const names = inputFiles.map((name) => redactor.text(name));
  const isForSome = files.some(({ kind }) => kind !== 'text');
  return [
    ...listPart('files', names),
    ...files.map(({ sha256 }, index): Part => [`file ${names[index]}`, digestOf(sha256)]),
    ...listPart('multimodal agents', isForSome ? team.flatMap(({ key, multimodal }) => (multimodal ? [key] : [])) : []),
  ];
}

/** One part for each name; agents may have tools of one name with different settings. Tools of MCP servers go by their id. */
function toolParts(tools: readonly Tool[]): Part[] {
  const digests = new Map<string, Set<string>>();
  for (const { name: own, id = own, digest } of tools) {
    const name = id.startsWith(MCP_ID) ? id : own;
    digests.set(name, (digests.get(name) ?? new Set()).add(digest));
  }
  return [...digests].map(([name, all]) => [`tool ${name}`, digestOf([...all].toSorted())]);
}
