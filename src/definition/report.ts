import type { Target } from './locate.js';
import type { ValuePath as Path } from '../util/format-path.js';
import type { ProblemFacts } from './source-document.js';
import type { Problem } from './types.js';

export interface ReportOptions {
  readonly hint?: string | undefined;
  readonly target?: Target | undefined;
  /** A text inside the value to point at. */
  readonly find?: string | undefined;
}

/** Collects what is wrong with a definition while it is read. */
export interface Report {
  error(path: Path, message: string, options?: ReportOptions): void;
  warn(path: Path, message: string, options?: ReportOptions): void;
  add(problems: Iterable<Problem>): void;
  readonly errorCount: number;
  /** In the order of files and lines, each once. */
  list(): Problem[];
}

/** An empty report. `place` finds the place of a path; `files` gives the display names in their order. */
export function createReport(place: (facts: ProblemFacts) => Problem, files: () => readonly string[]): Report {
  const problems: Problem[] = [];
  return {
    error: (path, message, options) => problems.push(place({ severity: 'error', path, message, ...options })),
    warn: (path, message, options) => problems.push(place({ severity: 'warning', path, message, ...options })),
    add: (others) => problems.push(...others),
    get errorCount() {
      return problems.filter(({ severity }) => severity === 'error').length;
    },
    list: () => sortProblems(problems, files()),
  };
}

/** The problems in the order of files and lines, each once. */
function sortProblems(problems: readonly Problem[], files: readonly string[]): Problem[] {
  const unique = new Map(problems.map((problem) => [JSON.stringify(problem), problem]));
  return [...unique.values()].toSorted(
    (a, b) => files.indexOf(a.file) - files.indexOf(b.file) || a.line - b.line || a.column - b.column,
  );
}
