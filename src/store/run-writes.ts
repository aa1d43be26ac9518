import type { Database, Statement } from 'better-sqlite3';
import { StoreError } from '../errors.js';
import type { NewRun, NewStep, RunEnd, StepEnd, TaskChange } from './records.js';
import { jsonToColumn, type Row, spendToRow, taskChangeToRow } from './rows.js';

/** A write that is ready to be carried out inside a transaction. */
export type PreparedWrite = () => void;

/**
 * The writes of a run. Each function takes over its values at once and gives back the write itself, which throws
 * StoreError where the record to change is gone.
 */
export interface RunWrites {
  createRun(run: NewRun): PreparedWrite;
  updateTask(runId: string, key: string, change: TaskChange): PreparedWrite;
  startStep(step: NewStep): PreparedWrite;
  endStep(end: StepEnd): PreparedWrite;
  endRun(runId: string, end: RunEnd): PreparedWrite;
  /** Deletes at once; gives back how many runs there were. */
  deleteAllRuns(): number;
}

const INSERT_RUN = `
INSERT INTO runs (id, crew, process, status, parent_run_id, started_at, definition_path, inputs, definition_files)
VALUES (@id, @crew, @process, 'running', @parent_run_id, @started_at, @definition_path, @inputs, @definition_files)`;

const INSERT_TASK = `
INSERT INTO task_outputs (run_id, task_key, position, status, agent, description, expected_output)
VALUES (@run_id, @task_key, @position, 'pending', @agent, @description, @expected_output)`;

const INSERT_STEP = `
INSERT INTO steps (run_id, path, kind, task_key, agent, name, status, fingerprint, started_at, request)
VALUES (@run_id, @path, @kind, @task_key, @agent, @name, 'running', @fingerprint, @started_at, @request)`;

const SET_SPEND = `
input_tokens = @input_tokens, output_tokens = @output_tokens, cached_input_tokens = @cached_input_tokens,
reasoning_tokens = @reasoning_tokens, requests = @requests, cost_usd = @cost_usd, unpriced_requests = @unpriced_requests`;

const END_STEP = `
UPDATE steps SET name = @name, status = @status, response = @response, is_error = @is_error, error = @error,
ended_at = @ended_at, ${SET_SPEND} WHERE run_id = @run_id AND path = @path`;

const END_RUN = `
UPDATE runs SET status = @status, exit_code = @exit_code, error = @error, ended_at = @ended_at, ${SET_SPEND}
WHERE id = @run_id`;

/** The writes of a run over one connection; their statements are prepared once. */
export function createRunWrites(database: Database): RunWrites {
  const insertRun = database.prepare<[Row]>(INSERT_RUN);
  const insertTask = database.prepare<[Row]>(INSERT_TASK);
  const insertStep = database.prepare<[Row]>(INSERT_STEP);
  const endStep = database.prepare<[Row]>(END_STEP);
  const endRun = database.prepare<[Row]>(END_RUN);
  const deleteAll = database.transaction(() => {
    database.exec('DELETE FROM steps; DELETE FROM task_outputs;');
    return database.prepare('DELETE FROM runs').run().changes;
  });
  const updateTask = new Map<string, Statement<[Row]>>();

  const taskStatement = (columns: readonly string[]): Statement<[Row]> => {
    const assignments = columns.map((column) => `${column} = @${column}`).join(', ');
    let statement = updateTask.get(assignments);
    if (!statement) {
      const sql = `UPDATE task_outputs SET ${assignments} WHERE run_id = @run_id AND task_key = @task_key`;
      statement = database.prepare<[Row]>(sql);
      updateTask.set(assignments, statement);
    }
    return statement;
  };

  return {
    createRun(run) {
      const row = newRunToRow(run);
      const tasks = run.tasks.map((task) => newTaskToRow(run.id, task));
      return () => {
        insertRun.run(row);
        for (const task of tasks) insertTask.run(task);
      };
    },
    updateTask(runId, key, change) {
      const row = taskChangeToRow(change);
      const columns = Object.keys(row);
      if (columns.length === 0) return () => undefined;
      const statement = taskStatement(columns);
      return () => changeOne(statement, { ...row, run_id: runId, task_key: key }, `task ${runId}/${key}`);
    },
    startStep(step) {
      const row = newStepToRow(step);
      return () => void insertStep.run(row);
    },
    endStep(end) {
      const row = stepEndToRow(end);
      return () => changeOne(endStep, row, `step ${end.path} of run ${end.runId}`);
    },
    endRun(runId, end) {
      const row = {
        run_id: runId,
        status: end.status,
        exit_code: end.exitCode,
        error: jsonToColumn(end.error),
        ended_at: end.endedAt,
        ...spendToRow(end.spend),
      };
      return () => changeOne(endRun, row, `run ${runId}`);
    },
    deleteAllRuns: () => deleteAll.immediate(),
  };
}

function changeOne(statement: Statement<[Row]>, row: Row, what: string): void {
  if (statement.run(row).changes === 0)
    throw new StoreError(`${what} is no longer in the database`, {
      hint: 'Was the history deleted with `crew reset` during the run? Start the crew again.',
    });
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
