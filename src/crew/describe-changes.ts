import { everyoneIn } from '../definition/crew-agents.js';
import { interpolateDefinition } from '../definition/interpolate.js';
import type { CrewDefinition } from '../definition/types.js';
import { loadMaterials } from '../run/materials.js';
import { diffFingerprints, fingerprintTasks } from '../replay/task-fingerprint.js';
import type { RunRecord, TaskFingerprint, TaskRecord } from '../store/records.js';
import { canonicalJson } from '../util/fingerprint.js';
import { openServersOf, type PreparedRun } from './prepare-run.js';
import { isTrusted, type TrustOptions } from './trust.js';

/** Changes and tasks that a message names one by one. */
const MOST_NAMED = 5;

/**
 * What a person should know before a run goes on: what is another than it was when the run began. `current` is the
 * definition of today where it differs from the recorded one.
 */
export async function describeChanges({
  record,
  tasks,
  prepared,
  current,
  given,
}: {
  readonly record: RunRecord;
  readonly tasks: readonly TaskRecord[];
  readonly prepared: PreparedRun;
  readonly current: CrewDefinition | 'broken' | undefined;
  /** Whether the definition of today may be looked at more closely, which runs its code. */
  readonly given: TrustOptions;
}): Promise<string[]> {
  const messages: string[] = [];
  if (prepared.place.workingDirectory !== record.workingDirectory && record.workingDirectory !== '') {
    messages.push(`${record.workingDirectory} is gone: going on in ${prepared.place.workingDirectory}`);
  }
  const open = tasks.filter(({ status }) => !['completed', 'reused', 'skipped'].includes(status));
  const since = changesOf(open, prepared.fingerprints);
  if (since.length > 0) messages.push(`changed since the run began, and used as it is now: ${named(since)}`);
  if (current === 'broken') {
    messages.push(`${record.definitionPath} is no longer a sound definition: going on with the recorded one`);
  } else if (current) {
    const changes = (await isTrusted(current, given, prepared.place))
      ? await changesOfDefinition(tasks, current, prepared)
      : ['it does more than was agreed to'];
    if (changes.length > 0) {
      messages.push(
        `the definition has changed: ${named(changes)}. Going on with the recorded one; --with-current takes the new one`,
      );
    }
  }
  return messages;
}

async function changesOfDefinition(
  tasks: readonly TaskRecord[],
  current: CrewDefinition,
  { definition: recorded, inputs, redactor, place, options, control, mcpServers: servers }: PreparedRun,
): Promise<string[]> {
  try {
    const definition = interpolateDefinition(current, inputs);
    const { workingDirectory } = place;
    const hasSameServers = canonicalJson(current.mcpServers) === canonicalJson(recorded.mcpServers);
    const mcpServers = hasSameServers ? servers : openServersOf(definition, control, () => undefined);
    const materials = await loadMaterials(definition, {
      workingDirectory,
      allowOutside: options.allowOutside,
      redactor,
      mcpServers,
    });
    const changes = changesOf(tasks, fingerprintTasks({ definition: current, inputs, redactor, ...materials }), true);
    return haveSameLimits(recorded, current) ? changes : [...changes, 'limits'];
  } catch {
    // Only a run with the new definition has to say what is wrong with it.
    return ['it names what cannot be loaded'];
  }
}

/** Whether all that is in both may take the same. Fingerprints do not tell: no output is decided by it. */
function haveSameLimits(recorded: CrewDefinition, current: CrewDefinition): boolean {
  const now = limitsByPlace(current);
  return [...limitsByPlace(recorded)].every(([place, limits]) => (now.get(place) ?? limits) === limits);
}

function limitsByPlace({ limits, maxRpm, maxTpm, agents, manager, tasks }: CrewDefinition): Map<string, string> {
  const places: [string, unknown][] = [
    ['', [limits, maxRpm, maxTpm]],
    ...everyoneIn({ agents, manager }).map((agent): [string, unknown] => [
      `agent ${agent.key}`,
      [agent.maxIter, agent.maxRpm, agent.maxTpm, agent.maxExecutionTimeMs],
    ]),
    ...tasks.map((task): [string, unknown] => [`task ${task.key}`, task.maxExecutionTimeMs]),
  ];
  return new Map(places.map(([place, values]) => [place, canonicalJson([values])]));
}

/** What changed, and in brackets the tasks that it concerns. */
function changesOf(
  tasks: readonly TaskRecord[],
  now: ReadonlyMap<string, TaskFingerprint>,
  isOtherDefinition = false,
): string[] {
  const concerned = new Map<string, string[]>();
  const note = (reason: string, key: string): void => {
    const keys = concerned.get(reason);
    if (keys) keys.push(key);
    else concerned.set(reason, [key]);
  };
  for (const { key, fingerprint } of tasks) {
    const today = now.get(key);
    if (!today) note('gone', key);
    else for (const reason of diffFingerprints(fingerprint, today)) note(reason, key);
  }
  const known = new Set(tasks.map(({ key }) => key));
  if (isOtherDefinition) for (const key of now.keys()) if (!known.has(key)) note('new', key);
  return [...concerned].map(([reason, keys]) => `${reason} (${named(keys, ', ')})`);
}

function named(words: readonly string[], separator = '; '): string {
  const more = words.length > MOST_NAMED ? `${separator}and ${words.length - MOST_NAMED} more` : '';
  return words.slice(0, MOST_NAMED).join(separator) + more;
}
