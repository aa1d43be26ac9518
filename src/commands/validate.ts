import type { CheckedDefinition } from '../definition/load-definition.js';
import type { CrewDefinition, Problem } from '../definition/types.js';
import { EXIT } from '../errors.js';
import { countOf } from '../util/amounts.js';
import type { Io } from '../util/io.js';
import { type CommandFactory, createCommand, formatOption } from './command.js';
import { chooseDefinition } from './definition-file.js';
import { jsonText } from './history.js';

interface ValidateFlags {
  readonly format: 'text' | 'json';
}

interface ValidatedFile {
  readonly file: string;
  readonly definition: CrewDefinition | undefined;
  /** Missing keys are warnings here: nothing is called. */
  readonly problems: readonly Problem[];
}

/** `crew validate`: checks definitions and tells everything that is wrong with them. */
export const createValidateCommand: CommandFactory = (io, end) =>
  createCommand('validate', 'check definitions without running them')
    .argument('[files...]', 'definitions (default: crew.yaml or crew.jsonc, here or in crew/)')
    .addOption(formatOption())
    .action(async (named: readonly string[], { format }: ValidateFlags) => {
      const files = named.length > 0 ? named : [await chooseDefinition(io, undefined)];
      const results = await Promise.all(files.map((file) => validateFile(file, io)));
      if (format === 'text') await writeText(results, io);
      if (format === 'json') io.stdout.write(jsonText(toJson(results)));
      end(results.every(({ definition }) => definition) ? EXIT.done : EXIT.usage);
    });

async function validateFile(file: string, { env, cwd }: Io): Promise<ValidatedFile> {
  const { checkDefinition } = await import('../definition/load-definition.js');
  const { definition, problems }: CheckedDefinition = await checkDefinition(file, { env, workingDirectory: cwd });
  const missing = [...(definition?.missingKeys ?? []), ...(definition?.missingToolKeys ?? [])];
  return { file, definition, problems: [...problems, ...missing.map(toWarning)] };
}

function toWarning(problem: Problem): Problem {
  return { ...problem, severity: 'warning' };
}

async function writeText(results: readonly ValidatedFile[], io: Io): Promise<void> {
  const { formatProblem } = await import('../definition/format-problem.js');
  for (const { file, definition, problems } of results) {
    for (const problem of problems) io.stderr.write(`${formatProblem(problem)}\n\n`);
    const counts = (['error', 'warning'] as const).flatMap((severity) => {
      const found = problems.filter((problem) => problem.severity === severity).length;
      return found > 0 ? [countOf(found, severity)] : [];
    });
    const verdict = definition ? [`ok (${describe(definition)})`, ...counts] : counts;
    io.stdout.write(`${file}: ${verdict.join(', ')}\n`);
  }
}

function describe({ agents, tasks, process }: CrewDefinition): string {
  return `${countOf(agents.length, 'agent')}, ${countOf(tasks.length, 'task')}, ${process}`;
}

function toJson(results: readonly ValidatedFile[]) {
  return {
    ok: results.every(({ definition }) => definition),
    files: results.map(({ file, definition, problems }) => ({
      file,
      ok: definition !== undefined,
      problems: problems.map(({ severity, file: problemFile, line, column, path, message, hint }) => ({
        severity,
        file: problemFile,
        line,
        column,
        path,
        message,
        hint: hint ?? null,
      })),
    })),
  };
}
