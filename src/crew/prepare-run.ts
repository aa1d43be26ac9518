import { resolve } from 'node:path';
import { interpolateDefinition } from '../definition/interpolate.js';
import { requireToolKeys } from '../definition/require-keys.js';
import type { CrewDefinition } from '../definition/types.js';
import { messageOf, UsageError } from '../errors.js';
import type { EmitEvent } from '../events.js';
import { checkCassettePlace, loadCassette } from '../journal/cassette-file.js';
import type { Cassette } from '../journal/cassette-format.js';
import type { CassetteMode } from '../journal/cassette-mode.js';
import { loadMaterials, type Materials, warnOfManyTools } from '../run/materials.js';
import { type McpServers, openMcpServers } from '../tools/mcp/servers.js';
import { redactEvents } from '../run/redact-events.js';
import { fingerprintTasks } from '../replay/task-fingerprint.js';
import type { TaskFingerprint } from '../store/records.js';
import type { RunSettings } from '../store/run-settings.js';
import { orAbort } from '../util/or-abort.js';
import type { Redactor } from '../util/redact.js';
import { listOwnFiles } from './own-files.js';
import { redactorOf } from './redactor-of.js';
import type { Inputs, RunOptions, RunPlace } from './run-options.js';
import type { RunSignal } from './run-signal.js';

const DEFAULT_CONCURRENCY = 10;

/** A run for which everything is there but its record. */
export interface PreparedRun {
  /** With its placeholders still in, and with the inputs put in. */
  readonly checked: CrewDefinition;
  readonly definition: CrewDefinition;
  readonly inputs: Inputs;
  readonly materials: Materials;
  /** Closed when the run ends. */
  readonly mcpServers: McpServers;
  readonly fingerprints: ReadonlyMap<string, TaskFingerprint>;
  readonly cassette: OpenedCassette | undefined;
  readonly redactor: Redactor;
  readonly settings: RunSettings;
  readonly emit: EmitEvent;
  readonly place: RunPlace;
  readonly options: RunOptions & { readonly concurrency: number; readonly allowOutside: boolean };
  readonly control: RunSignal;
}

interface OpenedCassette {
  readonly cassette: Cassette;
  readonly file: string;
  readonly mode: CassetteMode;
}

/**
 * Loads and checks all that can be wrong before anything is recorded or called. `checked` has its placeholders still; the
 * inputs are whole. Rejects with DefinitionError, UsageError or CassetteError.
 */
export async function prepareRun(
  checked: CrewDefinition,
  {
    inputs,
    options: given,
    place,
    control,
  }: Pick<PreparedRun, 'inputs' | 'place' | 'control'> & { readonly options: RunOptions },
): Promise<PreparedRun> {
  const { workingDirectory } = place;
  const options = { ...given, ...withDefaults(given) };
  const definition = interpolateDefinition(checked, inputs);
  options.answers?.checkTasks(definition.tasks.map(({ key }) => key));
  requireToolKeys(definition, { isOffline: options.cassette !== undefined });
  const cassette = await openCassette(options, workingDirectory);
  if (options.record !== undefined) await checkCassettePlace(resolve(workingDirectory, options.record));
  const redactor = redactorOf(checked);
  const warnings: string[] = [];
  const mcpServers = openServersOf(definition, control, (message) => void warnings.push(message));
  const { allowOutside } = options;
  const ownFiles = await listOwnFiles(checked, workingDirectory);
  const loading = loadMaterials(definition, { workingDirectory, allowOutside, redactor, mcpServers, ownFiles });
  const materials = await orAbort(loading, control.signal).catch((error: unknown) => {
    throw redactError(error, redactor);
  });
  const { fullOutput } = definition;
  const startLog = await openLog(definition, { workingDirectory, allowOutside: options.allowOutside });
  const emit = createEmit(given.onEvent, redactor, startLog);
  for (const message of [...warnings, ...warnOfManyTools(materials)]) emit({ type: 'warning', message });
  return {
    checked,
    definition,
    inputs,
    materials,
    mcpServers,
    fingerprints: fingerprintTasks({ definition: checked, inputs, redactor, ...materials }),
    cassette,
    redactor,
    settings: { ...settingsOf(options, workingDirectory), ...(fullOutput && { fullOutput }) },
    emit,
    place,
    options,
    control,
  };
}

/** The servers of a definition, which are closed when the run ends. */
export function openServersOf(
  { mcpServers: servers, environment }: CrewDefinition,
  control: RunSignal,
  warn: (message: string) => void,
): McpServers {
  const opened = openMcpServers({ servers, environment, warn });
  control.atEnd(() => opened.close());
  return opened;
}

/** Gives what writes the run's log; `warn` is told where it cannot be written. */
type StartLog = (warn: (message: string) => void) => EmitEvent;

/** Hands events on, redacted, to the log first. A listener that throws is noted once on stderr and the run goes on. */
export function createEmit(onEvent: RunOptions['onEvent'], redactor: Redactor, startLog?: StartLog): EmitEvent {
  let isBroken = false;
  const tell: EmitEvent = (event) => {
    if (!onEvent || isBroken) return;
    try {
      onEvent(event);
    } catch (error) {
      isBroken = true;
      process.emitWarning(`the listener for run events failed and is no longer told: ${messageOf(error)}`);
    }
  };
  const log = startLog?.((message) => tell({ type: 'warning', message }));
  return redactEvents(redactor, (event) => {
    log?.(event);
    tell(event);
  });
}

async function openLog(
  { outputLogFile: file }: CrewDefinition,
  options: { readonly workingDirectory: string; readonly allowOutside: boolean },
): Promise<StartLog | undefined> {
  if (file === undefined) return undefined;
  const { checkLogFile, createLogFile } = await import('../reporters/log-file.js');
  const path = await checkLogFile(file, options);
  return (warn) => createLogFile({ path, name: file, ...options, now: Date.now, warn });
}

function withDefaults({ concurrency = DEFAULT_CONCURRENCY, allowOutside = false, budgetUsd, timeoutMs }: RunOptions) {
  if (!Number.isInteger(concurrency) || concurrency < 1)
    throw new UsageError('concurrency must be a whole number from 1');
  if (budgetUsd !== undefined && !(budgetUsd >= 0)) throw new UsageError('the budget must be a number of US dollars');
  if (timeoutMs !== undefined && !(timeoutMs > 0)) throw new UsageError('the timeout must be a time above 0');
  return { concurrency, allowOutside };
}

async function openCassette(
  { cassette: file, cassetteMode: mode = 'strict' }: RunOptions,
  workingDirectory: string,
): Promise<OpenedCassette | undefined> {
  if (file === undefined) return undefined;
  return { cassette: await loadCassette(resolve(workingDirectory, file), file), file, mode };
}

/** What a run is resumed with, where nothing else is asked for then. */
export function settingsOf(options: Omit<RunOptions, 'onEvent'>, workingDirectory: string): RunSettings {
  const { concurrency, allowOutside, budgetUsd, timeoutMs, cassette, cassetteMode, record } = options;
  return {
    ...(concurrency !== undefined && { concurrency }),
    ...(allowOutside !== undefined && { allowOutside }),
    ...(budgetUsd !== undefined && { budgetUsd }),
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(cassette !== undefined && { cassette: resolve(workingDirectory, cassette) }),
    ...(cassetteMode !== undefined && { cassetteMode }),
    ...(record !== undefined && { record: resolve(workingDirectory, record) }),
  };
}

/** The error with the secrets taken out of its words: code of the user may have put them there. */
function redactError(error: unknown, redactor: Redactor): unknown {
  if (error instanceof Error) error.message = redactor.text(error.message);
  return error;
}
