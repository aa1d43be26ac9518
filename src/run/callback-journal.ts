import { carriedOverFrom } from '../journal/carry-over-journal.js';
import type { Journal, StepOutcome, StepRequest } from '../journal/step.js';
import { knownCostUsd } from '../util/spend.js';
import { tellCallbacks } from './callbacks.js';
import type { StepCallbackEvent } from './user-functions.js';
import type { RunContext } from './run-context.js';

type CallbackRun = Pick<
  RunContext,
  'journal' | 'callbacks' | 'redactor' | 'store' | 'now' | 'runId' | 'workingDirectory' | 'signal'
>;

/**
 * A journal that tells callbacks of each step of an agent when it is stored, and goes on when they have ended; also of a step that was
 * stored in an earlier life of the run, where they were not told then. Steps that were taken over from another run are not
 * told. Rejects with CallbackError where a callback throws: the step itself is done then.
 */
export function createCallbackJournal(run: CallbackRun): Journal {
  const { journal: inner, callbacks } = run;
  if (!callbacks.hasSteps) return inner;
  return {
    async step(request, execute) {
      const startedAt = run.now();
      const outcome = await inner.step(request, execute);
      const { kind, path, taskKey, agent } = request;
      const isOfAgent = kind !== 'plan' && kind !== 'condition' && kind !== 'callback';
      if (!isOfAgent || carriedOverFrom(outcome.response) !== undefined) return outcome;
      const took = run.now() - startedAt;
      const value = (): StepCallbackEvent => eventOf(run, { request, outcome, kind, took });
      await tellCallbacks(run, callbacks.stepsOf(agent), { path, taskKey, agent, what: path, value });
      return outcome;
    },
  };
}

function eventOf(
  run: CallbackRun,
  {
    request,
    outcome,
    kind,
    took,
  }: {
    readonly request: StepRequest;
    readonly outcome: StepOutcome;
    readonly kind: StepCallbackEvent['kind'];
    readonly took: number;
  },
): StepCallbackEvent {
  const { path, taskKey, agent, name } = request;
  const { redactor, runId } = run;
  const { response, isError, spend } = outcome;
  const known = outcome.isRemembered ? run.store.findStep(runId, path) : undefined;
  return {
    runId,
    taskKey,
    path,
    kind,
    agent: redactor.text(agent),
    name: outcome.name ?? name,
    request: structuredClone(redactor.json(request.request)),
    response: structuredClone(response),
    isError,
    costUsd: knownCostUsd(spend),
    usage: { ...spend.usage },
    durationMs: known ? (known.endedAt ?? known.startedAt) - known.startedAt : took,
  };
}
