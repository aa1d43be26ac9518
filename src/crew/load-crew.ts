import { resolveInputs } from '../definition/inputs.js';
import { loadDefinition } from '../definition/load-definition.js';
import type { CrewDefinition, InputDefinition } from '../definition/types.js';
import { UsageError } from '../errors.js';
import type { CrewOutput } from '../result.js';
import { kickoff } from './kickoff.js';
import type { Inputs, RunOptions } from './run-options.js';

export interface LoadCrewOptions {
  /** Default: the process's own. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Where relative output files, tool roots and the search for the database start. Default: the process's own. */
  readonly workingDirectory?: string;
  /** Names of undeclared inputs that kickoff will be given; their placeholders are then no mistake. */
  readonly givenInputs?: readonly string[];
  /** The model of `crew chat` will be called too. */
  readonly isForChat?: boolean;
}

/** As for one run, but for `record`: a cassette holds one run. */
export interface ForEachOptions extends Omit<RunOptions, 'record'> {
  /** Most runs at work at the same time. Default 4. */
  readonly runsAtOnce?: number;
}

/** A loaded and checked crew. It can run any number of times, also at once: no run changes it. */
export interface Crew {
  readonly definition: CrewDefinition;
  /** Required inputs that `given` has no value for. */
  missingInputs(given: Inputs): readonly InputDefinition[];
  /**
   * Runs the crew. Rejects with RunError when the run did not succeed (its record is kept), and with another CrewError
   * when it could not begin: then nothing was called.
   */
  kickoff(inputs?: Inputs, options?: RunOptions): Promise<CrewOutput>;
  /**
   * Runs the crew once for each item, every one a run of its own. Never rejects for a run that failed: gives what came of
   * each, in the order of the items. Rejects with UsageError where `runsAtOnce` is no whole number from 1.
   */
  kickoffForEach(items: readonly Inputs[], options?: ForEachOptions): Promise<PromiseSettledResult<CrewOutput>[]>;
}

const DEFAULT_RUNS_AT_ONCE = 4;

/** Loads a crew from its file and checks all of it. Rejects with DefinitionError, which holds every problem. */
export async function loadCrew(path: string, options: LoadCrewOptions = {}): Promise<Crew> {
  const { env = process.env, workingDirectory = process.cwd(), givenInputs, isForChat } = options;
  const place = { env, workingDirectory };
  const definition = await loadDefinition(path, { ...place, givenInputs, isForChat });
  const start: Crew['kickoff'] = (inputs = {}, runOptions = {}) =>
    kickoff(definition, inputs, { place, options: runOptions });
  return {
    definition,
    missingInputs: (given) => resolveInputs(definition, given).missing,
    kickoff: start,
    async kickoffForEach(items, { runsAtOnce = DEFAULT_RUNS_AT_ONCE, ...runOptions } = {}) {
      if (!Number.isInteger(runsAtOnce) || runsAtOnce < 1)
        throw new UsageError('runsAtOnce must be a whole number from 1');
      const { default: createLimit } = await import('p-limit');
      const limit = createLimit(runsAtOnce);
      return Promise.allSettled(items.map((inputs) => limit(start, inputs, runOptions)));
    },
  };
}
