import { resolve } from 'node:path';
import { DefinitionError } from './definition/definition-error.js';
import { missingInputsError, resolveInputs } from './definition/inputs.js';
import { interpolateDefinition } from './definition/interpolate.js';
import { loadDefinition } from './definition/load-definition.js';
import { loadOutputSchema, type OutputSchema } from './definition/output-schema.js';
import type { CrewDefinition, InputDefinition } from './definition/types.js';
import { CrewError, InterruptedError, messageOf, UsageError } from './errors.js';
import type { EmitEvent, RunEvent } from './events.js';
import { checkCassettePlace, loadCassette, saveCassette } from './journal/cassette-file.js';
import { createCassetteJournal } from './journal/cassette-journal.js';
import type { CassetteMode } from './journal/cassette-mode.js';
import { createLiveJournal } from './journal/live-journal.js';
import { createModelClient } from './models/client.js';
import { runCrew } from './run/run-crew.js';
import { CrewOutput, RunError } from './result.js';
import { locateDatabase } from './store/locate-database.js';
import { openStore } from './store/open-store.js';
import { createRedactingStore } from './store/redacting-store.js';
import { loadTools } from './tools/load-tools.js';
import type { Tool } from './tools/tool.js';
import type { JsonValue } from './util/json.js';
import { orAbort } from './util/or-abort.js';
import { resolveOutputFile } from './util/output-path.js';
import { createRedactor, type Redactor } from './util/redact.js';
import { createRunId } from './util/run-id.js';

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
    kickoff: (inputs = {}, kickoffOptions = {}) => kickoff(definition, { workingDirectory, inputs, ...kickoffOptions }),
  };
}

type Kickoff = KickoffOptions & { readonly workingDirectory: string; readonly inputs: Inputs };

async function kickoff(checked: CrewDefinition, options: Kickoff): Promise<CrewOutput> {
  const { workingDirectory, record, concurrency = 10 } = options;
  if (!Number.isInteger(concurrency) || concurrency < 1)
    throw new UsageError('concurrency must be a whole number from 1');
  if (options.cassette === undefined && checked.missingKeys.length > 0) throw new DefinitionError(checked.missingKeys);
  const { inputs, warnings } = checkedInputs(checked, options.inputs);
  const definition = interpolateDefinition(checked, inputs);
  const cassette = await openCassette(options);
  const signal = runSignal(options.signal);
  const materials = await orAbort(loadMaterials(definition, options), signal);
  const recordFile = record === undefined ? undefined : resolve(workingDirectory, record);
  if (recordFile !== undefined) await checkCassettePlace(recordFile);

  const env = definition.environment;
  const redactor = createRedactor(secretsOf(definition));
  const emit = createEmit(options.onEvent, redactor);
  const database = locateDatabase({ db: options.db, env, workingDirectory });
  const store = createRedactingStore(openStore(database, { beforeRun: true }), redactor);
  try {
    const runId = createRunId();
    for (const message of warnings) emit({ type: 'warning', message });
    const live = createLiveJournal({ store, runId, redactor, signal, now: Date.now });
    const run: Parameters<typeof runCrew>[0] = {
      runId,
      definition,
      ...materials,
      store,
      emit,
      signal,
      workingDirectory,
      models: createModelClient({ env }),
      journal: cassette ? createCassetteJournal({ inner: live, ...cassette, ...noticesOf(emit) }) : live,
      now: Date.now,
      concurrency,
      allowOutside: options.allowOutside ?? false,
    };
    const { result, error } = await runCrew(run, inputs);
    if (recordFile !== undefined) await saveCassette(recordFile, store, runId);
    if (error !== undefined && !(error instanceof CrewError)) throw error;
    if (result.error) throw new RunError({ ...result, error: result.error }, error);
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

/** Everything that has to be there before the first call: tools, output schemas, places for output files. */
async function loadMaterials(definition: CrewDefinition, { workingDirectory, allowOutside = false }: Kickoff) {
  const directories = { workingDirectory, definitionDirectory: definition.source.directory };
  const agentTools = new Map<string, readonly Tool[]>();
  const taskTools = new Map<string, readonly Tool[]>();
  const outputSchemas = new Map<string, OutputSchema>();
  for (const { key, tools } of [...definition.agents, ...(definition.manager ? [definition.manager] : [])]) {
    if (tools.length > 0) agentTools.set(key, await loadTools(tools, directories));
  }
  for (const { key, tools, output, outputFile } of definition.tasks) {
    if (tools.length > 0) taskTools.set(key, await loadTools(tools, directories));
    if (output) outputSchemas.set(key, await loadOutputSchema(output, definition.source));
    if (outputFile !== undefined) await resolveOutputFile(outputFile, { workingDirectory, allowOutside });
  }
  return { agentTools, taskTools, outputSchemas };
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
      onEvent(redactor.json(event));
    } catch (error) {
      isBroken = true;
      process.emitWarning(`the listener for run events failed and is no longer told: ${messageOf(error)}`);
    }
  };
}

function noticesOf(emit: EmitEvent) {
  return { onNotice: (message: string) => emit({ type: 'warning', message }) };
}

/** The caller's signal, aborted with an error of ours whatever the caller's reason is. */
function runSignal(signal: AbortSignal | undefined): AbortSignal {
  const controller = new AbortController();
  const abort = (): void => {
    const reason: unknown = signal?.reason;
    controller.abort(reason instanceof CrewError ? reason : new InterruptedError());
  };
  if (signal?.aborted) abort();
  signal?.addEventListener('abort', abort, { once: true });
  return controller.signal;
}
