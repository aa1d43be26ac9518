import type { Database, Statement } from 'better-sqlite3';
import { RunBusyError, RunLostError, StoreError } from '../errors.js';
import { takeBatchItem } from './batches.js';
import { deathOf } from './dead-runs.js';
import { HOLDER } from './holder.js';
import type { NewRun, NewStep, RunEnd, RunRecord, RunReopening, StepEnd, TaskChange } from './records.js';
import type { TaskSource } from './run-settings.js';
import { ADD_SPEND, jsonToColumn, type Row, SET_SPEND, spendToRow, taskChangeToRow } from './rows.js';

/** A write that is ready to be carried out inside a transaction. */
export type PreparedWrite = () => void;

/**
 * The writes of a run. Each function takes over its values at once and gives back the write itself, which throws
 * StoreError where the record to change is gone.
 */
export interface RunWrites {
  createRun(run: NewRun): PreparedWrite;
  reopenRun(run: RunRecord, reopening: RunReopening): PreparedWrite;
  keepRun(runId: string, at: number): PreparedWrite;
  updateTask(runId: string, key: string, change: TaskChange): PreparedWrite;
  startStep(step: NewStep): PreparedWrite;
  endStep(end: StepEnd): PreparedWrite;
  endRun(runId: string, end: RunEnd): PreparedWrite;
}

const INSERT_RUN = `
INSERT INTO runs (id, crew, process, status, parent_run_id, started_at, definition_path, inputs, definition_files,
  working_directory, options, holder, heartbeat_at)
VALUES (@id, @crew, @process, 'running', @parent_run_id, @started_at, @definition_path, @inputs, @definition_files,
  @working_directory, @options, @holder, @started_at)`;

const REOPEN_RUN = `
UPDATE runs SET status = 'running', exit_code = NULL, error = NULL, ended_at = NULL, holder = @holder,
  heartbeat_at = @reopened_at, options = @options, definition_files = coalesce(@definition_files, definition_files),
  idle_ms = idle_ms + max(0, @reopened_at - coalesce(ended_at, heartbeat_at, started_at))
WHERE id = @run_id AND status = @known_status AND heartbeat_at IS @known_heartbeat_at AND ended_at IS @known_ended_at`;

const KEEP_RUN = `
UPDATE runs SET heartbeat_at = @at WHERE id = @run_id AND holder = @holder AND status = 'running'`;

/** A run that another process marked as dead, as it had heard nothing of it for long. Nobody has it: it goes on. */
const REVIVE_RUN = `
UPDATE runs SET heartbeat_at = @at, status = 'running', exit_code = NULL, error = NULL, ended_at = NULL
WHERE id = @run_id AND holder = @holder AND error = @death`;
const REVIVE_TASKS = `
UPDATE task_outputs SET status = 'running', ended_at = NULL
WHERE run_id = @run_id AND status = 'interrupted' AND error IS NULL`;

const INSERT_TASK = `
INSERT INTO task_outputs (run_id, task_key, position, status, agent, description, expected_output, fingerprint,
  output_format, source_run_id, source_task_key, raw, json)
VALUES (@run_id, @task_key, @position, @status, @agent, @description, @expected_output, @fingerprint,
  @output_format, @source_run_id, @source_task_key, @raw, @json)`;

/**
 * The row that holds an output: the one that is named, the one that it reuses itself, or one that it was handed over to when
 * the named one was deleted.
 */
const FIND_OUTPUT = `
SELECT run_id, task_key FROM task_outputs WHERE raw IS NOT NULL AND run_id = @run_id AND task_key = @task_key
UNION ALL SELECT source.run_id, source.task_key FROM task_outputs JOIN task_outputs AS source
  ON source.run_id = task_outputs.source_run_id AND source.task_key = task_outputs.source_task_key
  WHERE task_outputs.run_id = @run_id AND task_outputs.task_key = @task_key AND source.raw IS NOT NULL
UNION ALL SELECT run_id, task_key FROM task_outputs
  WHERE source_run_id = @run_id AND source_task_key = @task_key AND raw IS NOT NULL
LIMIT 1`;

/** A process that was suspended and wakes up after another one took its run over must not write into it. */
const IS_HELD = 'EXISTS (SELECT 1 FROM runs WHERE id = @run_id AND holder = @holder)';

/** Begins a step, or begins it anew where it came to no end; what is completed stays as it is. */
const START_STEP = `
INSERT INTO steps (run_id, path, kind, task_key, agent, name, status, fingerprint, started_at, has_effects, request)
SELECT @run_id, @path, @kind, @task_key, @agent, @name, 'running', @fingerprint, @started_at, @has_effects, @request
WHERE ${IS_HELD}
ON CONFLICT (run_id, path) DO UPDATE SET
  agent = excluded.agent, name = excluded.name, status = 'running', fingerprint = excluded.fingerprint,
  started_at = excluded.started_at, ended_at = NULL, has_effects = excluded.has_effects, request = excluded.request,
  response = NULL, is_error = 0, error = NULL
WHERE status <> 'completed'`;

const END_STEP = `
UPDATE steps SET name = @name, status = @status, response = @response, is_error = @is_error, error = @error,
ended_at = @ended_at, ${ADD_SPEND} WHERE run_id = @run_id AND path = @path AND status <> 'completed' AND ${IS_HELD}`;

const END_RUN = `
UPDATE runs SET status = @status, exit_code = @exit_code, error = @error, ended_at = @ended_at, ${SET_SPEND}
WHERE id = @run_id AND holder = @holder`;

const RESET_HINT = 'Was the history deleted with `crew reset` during the run? Start the crew again.';

/** The writes of a run over one connection; their statements are prepared once. */
export function createRunWrites(database: Database): RunWrites {
  const insertRun = database.prepare<[Row]>(INSERT_RUN);
  const insertTask = database.prepare<[Row]>(INSERT_TASK);
  const reopenRun = database.prepare<[Row]>(REOPEN_RUN);
  const keepRun = database.prepare<[Row]>(KEEP_RUN);
  const reviveRun = database.prepare<[Row]>(REVIVE_RUN);
  const reviveTasks = database.prepare<[Row]>(REVIVE_TASKS);
  const isHeld = database.prepare<[Row]>(`SELECT 1 WHERE ${IS_HELD}`);
  const hasRun = database.prepare<[string]>('SELECT 1 FROM runs WHERE id = ?');
  const findOutput = database.prepare<[Row], Row>(FIND_OUTPUT);
  const startStep = database.prepare<[Row]>(START_STEP);
  const endStep = database.prepare<[Row]>(END_STEP);
  const endRun = database.prepare<[Row]>(END_RUN);
  const updateTask = new Map<string, Statement<[Row]>>();

  const taskStatement = (columns: readonly string[]): Statement<[Row]> => {
    const assignments = columns.map((column) => `${column} = @${column}`).join(', ');
    let statement = updateTask.get(assignments);
    if (!statement) {
      const sql = `UPDATE task_outputs SET ${assignments} WHERE run_id = @run_id AND task_key = @task_key AND ${IS_HELD}`;
      statement = database.prepare<[Row]>(sql);
      updateTask.set(assignments, statement);
    }
    return statement;
  };

  const sourceColumns = (source: TaskSource | null | undefined): Row => {
    if (!source) return { source_run_id: null, source_task_key: null };
    const row = findOutput.get({ run_id: source.runId, task_key: source.taskKey });
    if (row) return { source_run_id: row.run_id ?? null, source_task_key: row.task_key ?? null };
    throw new StoreError(`the output of ${source.runId}/${source.taskKey} is no longer in the database`, {
      beforeRun: true,
      hint: 'Was its run deleted meanwhile? `crew runs` lists those that are there.',
    });
  };
  /** What to say where a write found no run that this process holds. */
  const notHeld = (runId: string): RunLostError =>
    hasRun.get(runId)
      ? new RunLostError(`run ${runId} is no longer held by this process`, {
          hint: `Another one took it over meanwhile. See it: crew show ${runId}`,
        })
      : new RunLostError(`run ${runId} is no longer in the database`, { hint: RESET_HINT });

  return {
    createRun(run) {
      const row = newRunToRow(run);
      const tasks = run.tasks.map((task) => ({
        row: newTaskToRow(run.id, task),
        source: task.reused?.source,
      }));
      return () => {
        insertRun.run(row);
        if (run.batchItem) takeBatchItem(database, run.batchItem, run.id);
        for (const task of tasks) insertTask.run({ ...task.row, ...sourceColumns(task.source) });
      };
    },
    reopenRun(run, { reopenedAt, options, definitionFiles }) {
      const row = {
        run_id: run.id,
        known_status: run.status,
        known_heartbeat_at: run.heartbeatAt,
        known_ended_at: run.endedAt,
        holder: HOLDER,
        reopened_at: reopenedAt,
        options: JSON.stringify(options),
        definition_files: jsonToColumn(definitionFiles),
      };
      return () => {
        if (reopenRun.run(row).changes === 0) {
          throw new RunBusyError(`run ${run.id} was taken up by somebody else just now`, {
            hint: `See it: crew show ${run.id}`,
          });
        }
      };
    },
    keepRun(runId, at) {
      const row = { run_id: runId, at, holder: HOLDER };
      return () => {
        if (keepRun.run(row).changes > 0) return;
        if (reviveRun.run({ ...row, death: JSON.stringify(deathOf(runId)) }).changes === 0) throw notHeld(runId);
        reviveTasks.run({ run_id: runId });
      };
    },
    updateTask(runId, key, taskChange) {
      const row = taskChangeToRow(taskChange);
      const columns = Object.keys(row);
      if (columns.length === 0) return () => undefined;
      const statement = taskStatement(columns);
      const change = { ...row, run_id: runId, task_key: key, holder: HOLDER };
      return () => {
        if (statement.run(change).changes === 0) throw notHeld(runId);
      };
    },
    startStep(step) {
      const row = { ...newStepToRow(step), holder: HOLDER };
      return () => {
        if (startStep.run(row).changes > 0) return;
        if (!isHeld.get(row)) throw notHeld(step.runId);
        throw new StoreError(`step ${step.path} of run ${step.runId} is completed and cannot begin again`);
      };
    },
    endStep(end) {
      const row = { ...stepEndToRow(end), holder: HOLDER };
      return () => {
        if (endStep.run(row).changes > 0) return;
        if (!isHeld.get(row)) throw notHeld(end.runId);
        throw new StoreError(`step ${end.path} of run ${end.runId} is no longer in the database`, { hint: RESET_HINT });
      };
    },
    endRun(runId, end) {
      const row = {
        run_id: runId,
        holder: HOLDER,
        status: end.status,
        exit_code: end.exitCode,
        error: jsonToColumn(end.error),
        ended_at: end.endedAt,
        ...spendToRow(end.spend),
      };
      return () => {
        if (endRun.run(row).changes === 0) throw notHeld(runId);
      };
    },
  };
}

function newRunToRow(run: NewRun): Row {
  return {
    id: run.id,
    crew: run.crew,
    process: run.process,
    parent_run_id: run.parentRunId,
    started_at: run.startedAt,
    definition_path: run.definitionPath,
    inputs: JSON.stringify(run.inputs),
    definition_files: JSON.stringify(run.definitionFiles),
    working_directory: run.workingDirectory,
    options: JSON.stringify(run.options),
    holder: HOLDER,
  };
}

function newTaskToRow(runId: string, task: NewRun['tasks'][number]): Row {
  return {
    run_id: runId,
    task_key: task.key,
    position: task.position,
    agent: task.agent,
    description: task.description,
    expected_output: task.expectedOutput,
    fingerprint: JSON.stringify(task.fingerprint),
    status: task.reused ? 'reused' : 'pending',
    output_format: task.reused?.outputFormat ?? 'raw',
    raw: task.reused?.source === null ? task.reused.raw : null,
    json: task.reused?.source === null ? jsonToColumn(task.reused.json) : null,
  };
}

function newStepToRow(step: NewStep): Row {
  return {
    run_id: step.runId,
    path: step.path,
    kind: step.kind,
    task_key: step.taskKey,
    agent: step.agent,
    name: step.name,
    fingerprint: step.fingerprint,
    started_at: step.startedAt,
    has_effects: step.hasEffects ? 1 : 0,
    request: JSON.stringify(step.request),
  };
}

function stepEndToRow(end: StepEnd): Row {
  return {
    run_id: end.runId,
    path: end.path,
    name: end.name,
    status: end.status,
    response: jsonToColumn(end.response),
    is_error: end.isError ? 1 : 0,
    error: jsonToColumn(end.error),
    ended_at: end.endedAt,
    ...spendToRow(end.spend),
  };
}
