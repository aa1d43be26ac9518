import { setMaxListeners } from 'node:events';
import { resolve } from 'node:path';
import { DefinitionError } from './definition/definition-error.js';
import { missingInputsError, resolveInputs } from './definition/inputs.js';
import { interpolateDefinition } from './definition/interpolate.js';
import { loadDefinition } from './definition/load-definition.js';
import type { CrewDefinition, InputDefinition } from './definition/types.js';
import { CrewError, InterruptedError, messageOf, TaskError, UsageError } from './errors.js';
import type { EmitEvent, RunEvent } from './events.js';
import { checkCassettePlace, loadCassette, saveCassette } from './journal/cassette-file.js';
import { createCassetteJournal } from './journal/cassette-journal.js';
import type { CassetteMode } from './journal/cassette-mode.js';
import { createLiveJournal } from './journal/live-journal.js';
import { createModelClient } from './models/client.js';
import { loadMaterials, type Materials } from './run/materials.js';
import { redactEvent, redactRunResult } from './run/redact-event.js';
import { runCrew } from './run/run-crew.js';
import { CrewOutput, RunError } from './result.js';
import { locateDatabase } from './store/locate-database.js';
import { openStore } from './store/open-store.js';
import type { JsonValue } from './util/json.js';
import { orAbort } from './util/or-abort.js';
import { createRedactor, type Redactor } from './util/redact.js';
import { createRunId } from './util/run-id.js';

const DEFAULT_CONCURRENCY = 10;

export interface LoadCrewOptions {
  /** Default: the process's own. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Where relative output files, tool roots and the search for the database start. Default: the process's own. */
  readonly workingDirectory?: string;
  /** Names of undeclared inputs that kickoff will be given; their placeholders are then no mistake. */
  readonly givenInputs?: readonly string[];
}

export interface KickoffOptions {
  readonly onEvent?: (event: RunEvent) => void;
  /** Stops the run: what is finished stays stored. */
  readonly signal?: AbortSignal;
  /** Database file. Default: `CREW_DB`, else the nearest `.crew/crew.db`. */
  readonly db?: string;
  /** Most tasks at work at the same time. Default 10. */
  readonly concurrency?: number;
  /** Answers model calls from this file; no key is needed. */
  readonly cassette?: string;
  /** What to do with a call whose request has changed since. Default strict: end with CassetteError. */
  readonly cassetteMode?: CassetteMode;
  /** Writes what the models answered to this file when the run has ended. */
  readonly record?: string;
  /** Lets `output_file` lie outside the working directory. */
  readonly allowOutside?: boolean;
}

export type Inputs = Readonly<Record<string, JsonValue>>;

/** A loaded and checked crew. It can run any number of times, also at once: no run changes it. */
export interface Crew {
  readonly definition: CrewDefinition;
  /** Required inputs that `given` has no value for. */
  missingInputs(given: Inputs): readonly InputDefinition[];
  /**
   * Runs the crew. Rejects with RunError when the run did not succeed (its record is kept), and with another CrewError
   * when it could not begin: then nothing was called.
   */
  kickoff(inputs?: Inputs, options?: KickoffOptions): Promise<CrewOutput>;
}

/** Loads a crew from its file and checks all of it. Rejects with DefinitionError, which holds every problem. */
export async function loadCrew(path: string, options: LoadCrewOptions = {}): Promise<Crew> {
  const { env = process.env, workingDirectory = process.cwd(), givenInputs } = options;
  const definition = await loadDefinition(path, { env, workingDirectory, givenInputs });
  return {
    definition,
    missingInputs: (given) => resolveInputs(definition, given).missing,
    kickoff: (inputs = {}, kickoffOptions = {}) =>
      kickoff(definition, { env, workingDirectory, inputs, ...kickoffOptions }),
  };
}

type Kickoff = KickoffOptions &
  Required<Pick<LoadCrewOptions, 'env' | 'workingDirectory'>> & { readonly inputs: Inputs };

async function kickoff(checked: CrewDefinition, options: Kickoff): Promise<CrewOutput> {
  const { workingDirectory, record, concurrency = DEFAULT_CONCURRENCY } = options;
  if (!Number.isInteger(concurrency) || concurrency < 1)
    throw new UsageError('concurrency must be a whole number from 1');
  if (options.cassette === undefined && checked.missingKeys.length > 0) throw new DefinitionError(checked.missingKeys);
  const { inputs, warnings } = checkedInputs(checked, options.inputs);
  const definition = interpolateDefinition(checked, inputs);
  const cassette = await openCassette(options);
  const recordFile = record === undefined ? undefined : resolve(workingDirectory, record);
  if (recordFile !== undefined) await checkCassettePlace(recordFile);
  const redactor = createRedactor(secretsOf(definition));
  const { signal, release } = createRunSignal(options.signal);
  try {
    const materials = await orAbort(
      loadMaterials(definition, { workingDirectory, allowOutside: options.allowOutside ?? false }),
      signal,
    ).catch((error: unknown) => {
      throw redactError(error, redactor);
    });
    return await runOnce({
      ...options,
      definition,
      inputs,
      warnings,
      cassette,
      materials,
      recordFile,
      redactor,
      signal,
    });
  } finally {
    release();
  }
}

/** A kickoff for which everything is there: opens the history, runs, and gives back what it came to. */
async function runOnce(
  kickoff: Omit<Kickoff, 'cassette'> & {
    readonly definition: CrewDefinition;
    readonly warnings: readonly string[];
    readonly cassette: Awaited<ReturnType<typeof openCassette>>;
    readonly materials: Materials;
    readonly recordFile: string | undefined;
    readonly redactor: Redactor;
    readonly signal: AbortSignal;
  },
): Promise<CrewOutput> {
  const { definition, workingDirectory, cassette, recordFile, redactor, signal } = kickoff;
  const emit = createEmit(kickoff.onEvent, redactor);
  const store = openStore(locateDatabase(kickoff), { redactor });
  try {
    const runId = createRunId();
    for (const message of kickoff.warnings) emit({ type: 'warning', message });
    const live = createLiveJournal({ store, runId, redactor, signal, now: Date.now });
    const onNotice = (message: string): void => emit({ type: 'warning', message });
    const outcome = await runCrew(
      {
        runId,
        definition,
        ...kickoff.materials,
        store,
        emit,
        signal,
        workingDirectory,
        models: createModelClient({ env: definition.environment }),
        journal: cassette ? createCassetteJournal({ inner: live, ...cassette, onNotice }) : live,
        now: Date.now,
        concurrency: kickoff.concurrency ?? DEFAULT_CONCURRENCY,
        allowOutside: kickoff.allowOutside ?? false,
      },
      kickoff.inputs,
    );
    const result = redactRunResult(outcome.result, redactor);
    // A cassette of half a run would only replace a whole one.
    if (recordFile !== undefined && !result.error) {
      await saveCassette(recordFile, store, runId).catch((error: unknown) => {
        throw new TaskError(`the run is done, but its cassette is not written: ${messageOf(error)}`, { cause: error });
      });
    }
    if (outcome.error !== undefined && !(outcome.error instanceof CrewError)) throw outcome.error;
    if (result.error) throw new RunError({ ...result, error: result.error }, outcome.error);
    return new CrewOutput(result);
  } finally {
    store.close();
  }
}

function checkedInputs(definition: CrewDefinition, given: Inputs) {
  const { values, missing, problems, warnings } = resolveInputs(definition, given);
  if (problems.length > 0) throw new UsageError(problems.join('\n'));
  if (missing.length > 0) throw missingInputsError(missing);
  return { inputs: values, warnings };
}

async function openCassette({ workingDirectory, cassette: file, cassetteMode: mode = 'strict' }: Kickoff) {
  if (file === undefined) return undefined;
  return { cassette: await loadCassette(resolve(workingDirectory, file), file), file, mode };
}

function secretsOf({ secretVariables, environment }: CrewDefinition) {
  return secretVariables.flatMap((name) => {
    const value = environment[name];
    return value === undefined ? [] : [{ name, value }];
  });
}

/** Hands events on, redacted. A listener that throws is noted once on stderr and the run goes on. */
function createEmit(onEvent: KickoffOptions['onEvent'], redactor: Redactor): EmitEvent {
  let isBroken = false;
  return (event) => {
    if (!onEvent || isBroken) return;
    try {
      onEvent(redactEvent(event, redactor));
    } catch (error) {
      isBroken = true;
      process.emitWarning(`the listener for run events failed and is no longer told: ${messageOf(error)}`);
    }
  };
}

/** The error with the secrets taken out of its words: code of the user may have put them there. */
function redactError(error: unknown, redactor: Redactor): unknown {
  if (error instanceof Error) error.message = redactor.text(error.message);
  return error;
}

/**
 * A signal for one run that follows the caller's, aborted with an error of ours whatever the caller's reason is;
 * `release` ends the following.
 */
function createRunSignal(signal: AbortSignal | undefined): { readonly signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  // Every call and tool under way listens to it; Node would warn of the eleventh.
  setMaxListeners(0, controller.signal);
  const abort = (): void => {
    const reason: unknown = signal?.reason;
    controller.abort(reason instanceof CrewError ? reason : new InterruptedError());
  };
  if (signal?.aborted) abort();
  signal?.addEventListener('abort', abort, { once: true });
  return { signal: controller.signal, release: () => signal?.removeEventListener('abort', abort) };
}
