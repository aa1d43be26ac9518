import { join } from 'node:path';
import type { CrewDefinition } from '../../src/definition/types.js';
import type { RunEvent } from '../../src/events.js';
import { createLiveJournal } from '../../src/journal/live-journal.js';
import { createResumeJournal } from '../../src/journal/resume-journal.js';
import { askNobody } from '../../src/run/ask-human.js';
import { runCrew } from '../../src/run/run-crew.js';
import { createRunLimits } from '../../src/limits/limits.js';
import { createMemorySlots } from '../../src/limits/memory-slots.js';
import { createRateLimiter } from '../../src/limits/rate-limit.js';
import type { RunContext } from '../../src/run/run-context.js';
import { openStore } from '../../src/store/open-store.js';
import { createRedactor } from '../../src/util/redact.js';
import { temporaryFolder } from './temporary-folder.js';
import { createScriptedModels, type ScriptedAnswer } from './scripted-models.js';

let count = 0;

/** What a scripted run leaves, as far as it is needed to go on with it. */
export interface ScriptedRun {
  readonly workingDirectory: string;
  readonly result: { readonly run_id: string | null };
}

/**
 * Runs a definition with scripted models into a database of its own, and gives back everything there is to look at; or goes
 * on with an earlier run, with models that know only what is still to be answered.
 */
export async function runScripted(
  definition: CrewDefinition,
  script: Readonly<Record<string, readonly ScriptedAnswer[]>>,
  { resumes, ...parts }: Partial<RunContext> & { readonly resumes?: ScriptedRun } = {},
) {
  const workingDirectory = resumes?.workingDirectory ?? temporaryFolder();
  const store = openStore(join(workingDirectory, 'crew.db'));
  const models = createScriptedModels(script);
  const events: RunEvent[] = [];
  const { signal } = new AbortController();
  count += 1;
  const runId = resumes?.result.run_id ?? `run${String(count).padStart(5, '2')}`;
  const now = createClock();
  const emit = (event: RunEvent): void => void events.push(event);
  const limits = parts.limits ?? createRunLimits({ limited: { runId }, limits: definition.limits, models, emit });
  const live = createLiveJournal({ store, runId, now, redactor: createRedactor([]), admit: limits.admitStep });
  const run: Parameters<typeof runCrew>[0] = {
    runId,
    definition,
    models,
    limits,
    rateLimiter: createRateLimiter({ definition, slots: createMemorySlots(), emit }),
    store,
    signal,
    now,
    workingDirectory,
    agentTools: new Map(),
    taskTools: new Map(),
    outputSchemas: new Map(),
    inputFiles: new Map(),
    taskGuardrails: new Map(),
    agentGuardrails: new Map(),
    conditions: new Map(),
    callbacks: { stepsOf: () => [], hasSteps: false, tasksOf: () => [], afterKickoff: [] },
    inputs: {},
    redactor: createRedactor([]),
    askHuman: askNobody,
    journal: resumes ? createResumeJournal({ inner: live, store, runId }) : live,
    emit,
    concurrency: 10,
    allowOutside: false,
    ...parts,
  };
  const record = resumes && run.store.findRun(runId);
  const outcome = await runCrew(
    run,
    record
      ? { kind: 'resumed', record, options: {}, fingerprints: new Map() }
      : { kind: 'new', inputs: {}, options: {}, fingerprints: new Map() },
  );
  const used = run.store;
  const steps = used.listSteps(run.runId);
  const tasks = used.listTasks(run.runId);
  used.close();
  store.close();
  return { ...outcome, models, events, steps, tasks, workingDirectory };
}

/** A clock that goes on by one millisecond each time it is looked at. */
export function createClock(start = 1_750_000_000_000): () => number {
  let time = start;
  return () => (time += 1);
}

/** The user messages of a request, in order, as text. */
export function userTexts(request: {
  readonly messages: readonly { readonly role: string; readonly content: unknown }[];
}): string[] {
  return request.messages
    .filter(({ role }) => role === 'user')
    .map(({ content }) => (content as { readonly text: string }[]).map(({ text }) => text).join(''));
}

/** The results that tools gave in a request, in order. */
export function toolTexts(request: {
  readonly messages: readonly { readonly role: string; readonly content: unknown }[];
}): string[] {
  return request.messages
    .filter(({ role }) => role === 'tool')
    .flatMap(({ content }) =>
      (content as { readonly output: { readonly value: string } }[]).map(({ output }) => output.value),
    );
}
