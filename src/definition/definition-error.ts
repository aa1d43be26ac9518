import { CrewError, type CrewErrorOptions, EXIT } from '../errors.js';
import { formatProblem } from './format-problem.js';
import type { Problem } from './types.js';

/** A definition cannot be run as it is written; nothing was called. Its message is all problems, formatted. */
export class DefinitionError extends CrewError {
  readonly code = 'definition';
  readonly exitCode = EXIT.usage;
  /** In the order of the files, at least one of them an error. */
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[], options: CrewErrorOptions = {}) {
    super(problems.map(formatProblem).join('\n\n'), options);
    this.problems = problems;
  }
}
