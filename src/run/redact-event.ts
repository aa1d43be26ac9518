import type { RunEvent } from '../events.js';
import type { RunResult, TaskResult } from '../result.js';
import { redactFields, type Redactor } from '../util/redact.js';

/** The event with the secrets taken out of its texts; names, paths and states stay as they are. */
export function redactEvent(event: RunEvent, redactor: Redactor): RunEvent {
  switch (event.type) {
    case 'model-call-end':
      return redactFields(redactor, event, ['text', 'error']);
    case 'tool-call-start':
      return redactFields(redactor, event, ['arguments']);
    case 'tool-call-end':
    case 'delegation-end':
      return { ...event, result: redactor.text(event.result) };
    case 'tool-log':
    case 'warning':
      return { ...event, message: redactor.text(event.message) };
    case 'model-call-delta':
    case 'question-start':
    case 'question-end':
      return { ...event, text: redactor.text(event.text) };
    case 'guardrail-end':
    case 'task-skip':
      return redactFields(redactor, event, ['reason']);
    case 'plan-end':
      return redactFields(redactor, event, ['plan', 'error']);
    case 'delegation-start':
      return redactFields(redactor, event, ['request', 'coworker']);
    case 'task-end':
      return {
        ...redactFields(redactor, event, ['outputFile', 'moreFiles']),
        result: redactTaskResult(event.result, redactor),
      };
    case 'run-end':
      return { ...event, result: redactRunResult(event.result, redactor) };
    default:
      return event;
  }
}

/** The result with the secrets taken out of its texts. */
export function redactRunResult(result: RunResult, redactor: Redactor): RunResult {
  return {
    ...redactFields(redactor, result, ['raw', 'json_dict', 'pydantic', 'error']),
    tasks_output: result.tasks_output.map((task) => redactTaskResult(task, redactor)),
  };
}

/** The task's result with the secrets taken out of its texts. */
export function redactTaskResult(result: TaskResult, redactor: Redactor): TaskResult {
  return redactFields(redactor, result, [
    'description',
    'expected_output',
    'summary',
    'agent',
    'raw',
    'json_dict',
    'pydantic',
    'error',
    'skip_reason',
  ]);
}
