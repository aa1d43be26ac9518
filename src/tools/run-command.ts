import { resolve } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { messageOf, TaskError, UsageError } from '../errors.js';
import { printable } from '../util/printable.js';
import { programVariables } from '../util/program-variables.js';
import { type ProgramEnd, runProgram } from '../util/run-program.js';
import type { BuiltinTool } from './builtin-tool.js';
import { findProgram } from './own/find-program.js';
import { ToolError } from './tool-error.js';
import type { DetailedResult } from './tool.js';

/** Where programs are looked for where there is no PATH. */
const DEFAULT_PATH = '/usr/local/bin:/usr/bin:/bin';

/** Runs the programs that the definition lists, never through a shell; a call ends with all that it started. */
export const runCommandTool: BuiltinTool<'run_command'> = {
  description: 'Runs a program and gives its output and exit code. No shell: each argument reaches it as it is.',
  effects: 'external',
  isOutside: true,
  parameters: ({ programs }) => ({
    type: 'object',
    properties: {
      program: { type: 'string', enum: [...new Set(programs.map((program) => program.trim()))] },
      args: { type: 'array', items: { type: 'string' } },
    },
    required: ['program'],
    additionalProperties: false,
  }),
  async prepare({ programs, cwd = '.', env = [] }, { workingDirectory, environment }) {
    const folder = resolve(workingDirectory, cwd);
    const variables = programVariables(environment, env);
    const searchPath = environment['PATH'] ?? DEFAULT_PATH;
    const paths = new Map<string, string>();
    for (const program of programs.map((name) => name.trim())) {
      const path = await findProgram(program, { directory: workingDirectory, searchPath });
      if (path === undefined) {
        throw new UsageError(`run_command: there is no program "${program}"`, {
          hint: 'It is looked for on PATH; a path such as ./check.sh starts at the working directory and has to be executable.',
        });
      }
      paths.set(program, path);
    }
    return async ({ program, args = [] }, { signal }) => {
      const path = paths.get(program as string);
      // Arguments are checked against the schema before; this is what nothing else may depend on.
      if (path === undefined)
        throw new ToolError(`${String(program)} may not be run; use ${[...paths.keys()].join(', ')}`);
      const end = await runProgram({
        command: path,
        args: args as string[],
        cwd: folder,
        env: variables,
        signal,
        keepsEnd: true,
      }).catch((error: unknown) => {
        throw error instanceof TaskError ? new ToolError(messageOf(error), { cause: error }) : error;
      });
      return describeEnd(end);
    };
  },
};

function describeEnd({ exitCode, signalName, stdout, stderr, isCut }: ProgramEnd): DetailedResult {
  const [output = '', errors = ''] = [stdout, stderr].map(plainText);
  const text = [output, ...(errors === '' ? [] : [`[stderr]\n${errors}`])].filter((part) => part !== '').join('\n');
  const notes = [
    exitCode === null ? `It was ended by ${signalName}.` : `Exit code ${exitCode}.`,
    ...(text === '' ? ['It wrote nothing.'] : []),
    ...(isCut ? ['The middle of what it wrote is left out; have it write less to see the rest.'] : []),
  ];
  return { text, note: notes.join(' ') };
}

/** Without what steers a terminal; what was written over itself, as progress is, stands in lines. */
function plainText(text: string): string {
  return printable(stripVTControlCharacters(text).replaceAll(/\r\n?/g, '\n')).trimEnd();
}
