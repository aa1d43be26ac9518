import type { TaskRecord } from '../store/records.js';

/** The outputs of a run that is replayed, and of those that it reused outputs of. Each run is read once. */
export interface RecordedOutputs {
  rowOf(runId: string, key: string): TaskRecord | undefined;
  /** The row that made the output: of another run where it was reused and is still there, else the row itself. */
  originOf(row: TaskRecord): TaskRecord;
  /** The name that an output, given by the row that made it, has in a run; undefined where the run does not have it. */
  nameIn(runId: string, origin: TaskRecord): string | undefined;
}

/** True for a task whose output is there. */
export function hasOutput({ status, raw }: TaskRecord): boolean {
  return raw !== null && (status === 'completed' || status === 'reused');
}

/** Reads `tasks` for the parent run and asks `tasksOf` for the others. */
export function createRecordedOutputs({
  parentRunId,
  tasks,
  tasksOf,
}: {
  readonly parentRunId: string;
  readonly tasks: readonly TaskRecord[];
  readonly tasksOf: (runId: string) => readonly TaskRecord[];
}): RecordedOutputs {
  const byRun = new Map([[parentRunId, byKey(tasks)]]);
  const names = new Map<string, ReadonlyMap<TaskRecord, string>>();

  const rowsOf = (runId: string): ReadonlyMap<string, TaskRecord> => {
    const rows = byRun.get(runId) ?? byKey(tasksOf(runId));
    byRun.set(runId, rows);
    return rows;
  };
  const originOf = (row: TaskRecord): TaskRecord => {
    const source = row.source && rowsOf(row.source.runId).get(row.source.taskKey);
    return source && hasOutput(source) ? source : row;
  };
  const namesIn = (runId: string): ReadonlyMap<TaskRecord, string> => {
    const known = names.get(runId);
    if (known) return known;
    const made = new Map([...rowsOf(runId)].map(([key, row]) => [originOf(row), key]));
    names.set(runId, made);
    return made;
  };
  return {
    rowOf: (runId, key) => rowsOf(runId).get(key),
    originOf,
    nameIn: (runId, origin) => namesIn(runId).get(origin),
  };
}

function byKey(tasks: readonly TaskRecord[]): Map<string, TaskRecord> {
  return new Map(tasks.map((task) => [task.key, task]));
}
