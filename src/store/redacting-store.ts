import type { Redactor } from '../util/redact.js';
import type { RunStore } from './records.js';

/** The store, with secrets replaced in everything that is written to it. */
export function createRedactingStore(store: RunStore, redactor: Redactor): RunStore {
  return {
    ...store,
    createRun: (run) => store.createRun(redactor.json(run)),
    updateTask: (runId, key, change) => store.updateTask(runId, key, redactor.json(change)),
    startStep: (step, options) => store.startStep(redactor.json(step), options),
    endStep: (end) => store.endStep(redactor.json(end)),
    endRun: (runId, end) => store.endRun(runId, redactor.json(end)),
  };
}
