import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { StoreError, TaskError } from '../../src/errors.js';
import { createLiveJournal } from '../../src/journal/live-journal.js';
import type { StepRequest } from '../../src/journal/step.js';
import { openStore } from '../../src/store/open-store.js';
import type { RunStore } from '../../src/store/records.js';
import { createRedactor } from '../../src/util/redact.js';
import { NO_SPEND } from '../../src/util/spend.js';
import { createClock } from '../helpers/run-scripted.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { newRun, newStep } from '../store/sample.js';

async function openJournal(change: (store: RunStore) => Partial<RunStore> = () => ({})) {
  const store = openStore(join(temporaryFolder(), 'crew.db'));
  await store.createRun(newRun());
  const used = { ...store, ...change(store) };
  const redactor = createRedactor([]);
  return { store, journal: createLiveJournal({ store: used, runId: 'run00001', redactor, now: createClock() }) };
}

const request = (hasEffects = false): StepRequest => newStep({ hasEffects });
const answer = { response: { text: 'Sunny.' }, isError: false, spend: NO_SPEND };

describe('the journal of a run that goes on', () => {
  it('keeps an answer whose beginning found no room on the disk', async () => {
    let isFull = true;
    const { store, journal } = await openJournal((real) => ({
      startStep: (step, options) => (isFull ? Promise.reject(new StoreError('full')) : real.startStep(step, options)),
    }));
    await journal.step(request(), async () => {
      isFull = false;
      return answer;
    });
    expect(store.findStep('run00001', 'research/llm/1')).toMatchObject({
      status: 'completed',
      response: answer.response,
    });
    store.close();
  });

  it('does not begin a call with effects whose beginning is not on the disk', async () => {
    const { store, journal } = await openJournal(() => ({ startStep: () => Promise.reject(new StoreError('full')) }));
    let isCalled = false;
    const call = async () => {
      isCalled = true;
      return answer;
    };
    await expect(journal.step(request(true), call)).rejects.toThrow('full');
    expect(isCalled).toBe(false);
    store.close();
  });

  it('leaves open what became of a call with effects that was stopped', async () => {
    const { store, journal } = await openJournal();
    await expect(journal.step(request(true), () => Promise.reject(new TaskError('stopped')))).rejects.toThrow(
      'stopped',
    );
    expect(store.findStep('run00001', 'research/llm/1')).toMatchObject({ status: 'running' });
    expect(store.listUnknownSteps('run00001')).toHaveLength(1);
    store.close();
  });
});
