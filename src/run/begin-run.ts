import { everyoneIn, performerOf } from '../definition/crew-agents.js';
import type { CrewDefinition } from '../definition/types.js';
import type { TaskResult } from '../result.js';
import type { NewRun, ReusedOutput, RunRecord, TaskFingerprint, TaskRecord, TaskStatus } from '../store/records.js';
import type { BatchPlace } from '../store/batch-records.js';
import type { RunSettings } from '../store/run-settings.js';
import { toTaskResult } from '../store/to-result.js';
import type { JsonValue } from '../util/json.js';
import type { RunContext } from './run-context.js';

/** How a run begins: as a new one, perhaps with outputs of another, or where an old one stopped. */
export type RunOpening = (NewOpening | ResumedOpening) & {
  /** Lets somebody decide about calls that may have been done already; what it rejects with ends the run. */
  readonly settleUnknownSteps?: () => Promise<void>;
};

export interface NewOpening {
  readonly kind: 'new';
  readonly inputs: Readonly<Record<string, JsonValue>>;
  readonly options: RunSettings;
  readonly fingerprints: ReadonlyMap<string, TaskFingerprint>;
  /** The run that this one replays. */
  readonly parentRunId?: string;
  /** By task key: tasks that do not run, as their output is there already. Default none. */
  readonly reused?: ReadonlyMap<string, ReusedOutput>;
  /** The item of a batch that it is made for. */
  readonly batchItem?: BatchPlace | undefined;
}

export interface ResumedOpening {
  readonly kind: 'resumed';
  readonly record: RunRecord;
  readonly options: RunSettings;
  /** As the tasks are now: models and tools may be others than when the run began. */
  readonly fingerprints: ReadonlyMap<string, TaskFingerprint>;
}

/** What is known of a run at its beginning. */
export interface BegunRun {
  readonly record: Omit<RunRecord, 'status' | 'exitCode' | 'spend' | 'error' | 'endedAt'>;
  /** What came of tasks that are done, by key: completed, reused or skipped. */
  readonly results: Map<string, TaskResult>;
  /** Outputs that are there already, as text by task key. */
  readonly outputs: Map<string, string>;
  /** Rows of tasks of a new run whose output is not made by it. */
  readonly reused: readonly TaskRecord[];
  /** Keys of tasks that began and are not done. */
  readonly begun: ReadonlySet<string>;
}

/** Nothing is left to do for a task. */
const DONE: ReadonlySet<TaskStatus> = new Set(['completed', 'reused', 'skipped']);

/** Writes the run's record, or takes it up again, and tells of it. Rejects with StoreError; then nothing was called. */
export async function beginRun(run: RunContext, opening: RunOpening): Promise<BegunRun> {
  const record = opening.kind === 'new' ? await createRun(run, opening) : await reopenRun(run, opening);
  const hasHistory = opening.kind === 'resumed' || opening.reused !== undefined;
  const tasks = hasHistory ? run.store.listTasks(run.runId) : [];
  const done = tasks.filter(({ status }) => DONE.has(status));
  const { name: crew, process, tasks: all } = run.definition;
  run.emit({
    type: 'run-start',
    runId: run.runId,
    crew,
    process,
    taskCount: all.length,
    doneCount: done.length,
    parentRunId: record.parentRunId,
    isResumed: opening.kind === 'resumed',
    ...verbosityOf(run.definition),
  });
  if (opening.kind === 'new') {
    for (const { key, position, agent, source } of done)
      run.emit({ type: 'task-reuse', taskKey: key, position, agent: agent ?? '', source });
  }
  for (const task of tasks) {
    const fingerprint = opening.kind === 'resumed' && !done.includes(task) && opening.fingerprints.get(task.key);
    if (fingerprint) run.background.add(run.store.updateTask(run.runId, task.key, { fingerprint }));
  }
  return {
    record,
    results: new Map(done.map((task) => [task.key, toTaskResult(task)])),
    outputs: new Map(done.flatMap(({ key, status, raw }) => (status === 'skipped' ? [] : [[key, raw ?? '']]))),
    reused: opening.kind === 'new' ? done : [],
    begun: new Set(tasks.filter((task) => task.startedAt !== null && !done.includes(task)).map(({ key }) => key)),
  };
}

/** Whose work the definition wants shown in full. */
function verbosityOf(definition: CrewDefinition): { readonly verbose?: true | string[] } {
  if (definition.verbose) return { verbose: true };
  const roles = everyoneIn(definition).flatMap(({ verbose, role }) => (verbose ? role : []));
  return roles.length > 0 ? { verbose: roles } : {};
}

async function createRun(run: RunContext, opening: NewOpening): Promise<BegunRun['record']> {
  const { definition, workingDirectory } = run;
  const { inputs, options, parentRunId = null, fingerprints, reused, batchItem } = opening;
  const created: NewRun = {
    id: run.runId,
    crew: definition.name,
    process: definition.process,
    definitionPath: definition.source.path,
    definitionFiles: definition.source.files,
    inputs,
    parentRunId,
    startedAt: run.now(),
    workingDirectory,
    options,
    batchItem,
    tasks: definition.tasks.map((task) => newTask(definition, task, fingerprints, reused?.get(task.key))),
  };
  await run.store.createRun(created);
  return { ...created, idleMs: 0, holder: null, heartbeatAt: null };
}

function newTask(
  definition: CrewDefinition,
  task: CrewDefinition['tasks'][number],
  fingerprints: ReadonlyMap<string, TaskFingerprint>,
  reused: ReusedOutput | undefined,
): NewRun['tasks'][number] {
  return {
    key: task.key,
    position: task.position,
    description: task.description,
    expectedOutput: task.expectedOutput,
    agent: performerOf(definition, task).role,
    fingerprint: fingerprints.get(task.key) ?? {},
    ...(reused && { reused }),
  };
}

async function reopenRun(run: RunContext, { record, options }: ResumedOpening): Promise<BegunRun['record']> {
  const reopenedAt = run.now();
  await run.store.reopenRun(record, { reopenedAt, options });
  const idleMs = record.idleMs + Math.max(0, reopenedAt - (record.endedAt ?? record.heartbeatAt ?? record.startedAt));
  return { ...record, idleMs };
}
