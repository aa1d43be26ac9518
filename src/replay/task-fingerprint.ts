import { findPlaceholders } from '../definition/placeholders.js';
import type { CrewDefinition, TaskDefinition } from '../definition/types.js';
import type { TaskFingerprint } from '../store/records.js';
import type { Tool } from '../tools/tool.js';
import type { JsonValue } from '../util/json.js';
import type { Redactor } from '../util/redact.js';
import { createAgentFingerprints, delegationPart, toolNamesPart } from './agent-fingerprint.js';
import { performerOf } from '../run/execute-task.js';
import { digestOf, listText, type Part, readable } from './fingerprint-part.js';
import type { RunContext } from '../run/run-context.js';

export { changesPrompt, diffFingerprints } from './fingerprint-diff.js';

export interface FingerprintOptions extends Pick<RunContext, 'agentTools' | 'taskTools' | 'outputSchemas'> {
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
  const { definition, taskTools, outputSchemas, redactor } = options;
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
      ...(schema ? [['output schema', digestOf(schema)]] : []),
      ...(context === '' ? [] : [['context', readable(context)]]),
      ...inputParts([task.description, task.expectedOutput]),
      ...own.inputs,
      ...team.inputs,
      ['agent', performer.key],
      ...(manager && task.agent !== undefined ? [['suggested coworker', task.agent]] : []),
      ...own.parts,
      ...toolNamesPart('tools', manager ? own.tools : [...own.tools, ...given]),
      ...delegationPart(hasTeam),
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
      return [key, fingerprintOfTask(task, context ? listText(context) : all)];
    }),
  );
}

/** One part for each name; agents may have tools of one name with different settings. */
function toolParts(tools: readonly Tool[]): Part[] {
  const digests = new Map<string, Set<string>>();
  for (const { name, digest } of tools) digests.set(name, (digests.get(name) ?? new Set()).add(digest));
  return [...digests].map(([name, all]) => [`tool ${name}`, digestOf([...all].toSorted())]);
}
