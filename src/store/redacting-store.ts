import type { JsonValue } from '../util/json.js';
import type { Redactor } from '../util/redact.js';
import type { RunStore } from './records.js';

/** The store, with secrets replaced in everything that is written to it. */
export function createRedactingStore(store: RunStore, redactor: Redactor): RunStore {
  const redact = <T>(value: T): T => redactor.json(value as unknown as JsonValue) as unknown as T;
  return {
    ...store,
    createRun: (run) => store.createRun(redact(run)),
    updateTask: (runId, key, change) => store.updateTask(runId, key, redact(change)),
    startStep: (step, options) => store.startStep(redact(step), options),
    endStep: (end) => store.endStep(redact(end)),
    endRun: (runId, end) => store.endRun(runId, redact(end)),
  };
}
