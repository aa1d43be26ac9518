import { missingInputsError, resolveInputs } from '../definition/inputs.js';
import type { CrewDefinition } from '../definition/types.js';
import { UsageError } from '../errors.js';
import type { CrewOutput } from '../result.js';
import type { BatchPlace } from '../store/batch-records.js';
import { createRunId } from '../util/run-id.js';
import { changeInputs } from './before-kickoff.js';
import { performRun, type SharedParts } from './perform-run.js';
import { prepareRun } from './prepare-run.js';
import type { Inputs, RunOptions, RunPlace } from './run-options.js';
import { withRunSignal } from './run-signal.js';
import { requireTrust } from './trust.js';

interface KickoffOptions {
  readonly place: RunPlace;
  readonly options: RunOptions;
  readonly shared?: SharedParts;
  readonly batchItem?: BatchPlace;
}

/** Runs a checked crew. `shared` and `batchItem`: for one run of a batch. */
export function kickoff(
  checked: CrewDefinition,
  given: Inputs,
  { place, options, shared, batchItem }: KickoffOptions,
): Promise<CrewOutput> {
  return withRunSignal(options.signal, async (control) => {
    // A batch asks once, for all of its runs.
    if (!shared) await requireTrust(checked, options, place);
    const { inputs, warnings } = checkInputs(checked, await changeInputs(checked, given, control.signal));
    const prepared = await prepareRun(checked, { inputs, options, place, control });
    for (const message of warnings) prepared.emit({ type: 'warning', message });
    const { settings, fingerprints } = prepared;
    const opening = { kind: 'new', inputs, options: settings, fingerprints, batchItem } as const;
    return performRun(prepared, { runId: createRunId(), opening: () => opening, shared });
  });
}

/** The inputs as their types, with defaults, and what to say of them. Throws UsageError where one is wrong or missing. */
export function checkInputs(
  definition: CrewDefinition,
  given: Inputs,
): { readonly inputs: Inputs; readonly warnings: readonly string[] } {
  const { values, missing, problems, warnings } = resolveInputs(definition, given);
  if (problems.length > 0) throw new UsageError(problems.join('\n'));
  if (missing.length > 0) throw missingInputsError(missing, warnings);
  return { inputs: values, warnings };
}
