import { join } from 'node:path';
import type { CrewDefinition } from '../../src/definition/types.js';
import type { RunEvent } from '../../src/events.js';
import { createLiveJournal } from '../../src/journal/live-journal.js';
import { runCrew } from '../../src/run/run-crew.js';
import type { RunContext } from '../../src/run/run-context.js';
import { openStore } from '../../src/store/open-store.js';
import { createRedactor } from '../../src/util/redact.js';
import { temporaryFolder } from './temporary-folder.js';
import { createScriptedModels, type ScriptedAnswer } from './scripted-models.js';

let count = 0;

/** Runs a definition with scripted models into a database of its own, and gives back everything there is to look at. */
export async function runScripted(
  definition: CrewDefinition,
  script: Readonly<Record<string, readonly ScriptedAnswer[]>>,
  parts: Partial<RunContext> = {},
) {
  const workingDirectory = temporaryFolder();
  const store = openStore(join(workingDirectory, 'crew.db'));
  const models = createScriptedModels(script);
  const events: RunEvent[] = [];
  const { signal } = new AbortController();
  count += 1;
  const runId = `run${String(count).padStart(5, '2')}`;
  const now = createClock();
  const run: Parameters<typeof runCrew>[0] = {
    runId,
    definition,
    models,
    store,
    signal,
    now,
    workingDirectory,
    agentTools: new Map(),
    taskTools: new Map(),
    outputSchemas: new Map(),
    journal: createLiveJournal({
      store,
      runId,
      signal: parts.signal ?? signal,
      now,
      redactor: createRedactor([]),
    }),
    emit: (event) => events.push(event),
    concurrency: 10,
    allowOutside: false,
    ...parts,
  };
  const outcome = await runCrew(run, {});
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
