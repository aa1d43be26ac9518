import { existsSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import type { CommandToolSource } from '../../definition/tool-types.js';
import { UsageError } from '../../errors.js';
import { formatBytes } from '../../util/amounts.js';
import { digestFile } from '../../util/digest-file.js';
import { excerpt } from '../../util/excerpt.js';
import { fingerprintOf } from '../../util/fingerprint.js';
import { parseJson } from '../../util/parse-json.js';
import { programVariables } from '../../util/program-variables.js';
import { isInside } from '../../util/real-path.js';
import { type ProgramEnd, runProgram } from '../../util/run-program.js';
import { TIMEOUT_MS, type ToolEnvironment } from '../builtin-tool.js';
import { findProgram } from './find-program.js';
import { parseArguments } from '../parse-arguments.js';
import { readParameters } from './read-parameters.js';
import { ToolError } from '../tool-error.js';
import type { DetailedResult, Tool, ToolContext } from '../tool.js';

/** Bytes of what a program writes that are read; the rest is dropped. */
const MOST_BYTES = 10_000_000;
/** Characters of what it says beside its result that are shown. */
const SAID_CHARACTERS = 2000;

export interface CommandToolOptions extends ToolEnvironment {
  /** Absolute; where the program runs. */
  readonly definitionDirectory: string;
}

/**
 * A program as a tool: it reads the arguments as JSON from stdin and writes its result to stdout, JSON or text. Each call
 * starts it anew, with few variables, and kills what is left of it at the end. Its effects are `external` unless the
 * definition says otherwise. Rejects with UsageError where the program is not there.
 */
export async function createCommandTool(source: CommandToolSource, options: CommandToolOptions): Promise<Tool> {
  const { name, description, command } = source;
  const { definitionDirectory: directory, environment } = options;
  const [program = '', ...args] = command;
  const path = await findProgram(program, { directory, searchPath: environment['PATH'] });
  if (path === undefined) {
    if (program.includes('/') && existsSync(resolve(directory, program))) {
      throw new UsageError(`tool ${name}: "${program}" may not be executed`, {
        hint: `chmod +x ${program}; or write the program that runs it before it: [python3, ${program}]`,
      });
    }
    throw new UsageError(`tool ${name}: there is no program "${program}"`, {
      hint: "It is looked for on PATH; a path such as ./tools/price.py starts at the definition's folder and has to be executable.",
    });
  }
  const schema = await readParameters(source.parameters, {
    place: `tool ${name}`,
    hint: 'parameters is a JSON Schema of an object',
  });
  const parameters = schema.jsonSchema;
  const variables = programVariables(environment, source.env);
  return {
    name,
    description,
    parameters,
    effects: 'external',
    isOutside: true,
    timeoutMs: TIMEOUT_MS,
    digest: fingerprintOf({ command, description, parameters, files: await digestFiles(command, directory) }),
    parseArguments: (value) => parseArguments(schema, value, { fillsDefaults: true }),
    async execute(given, context) {
      const end = await runProgram({
        command: path,
        args,
        cwd: directory,
        env: { ...variables, ...variablesOf(context) },
        input: JSON.stringify(given),
        signal: context.signal,
        maxBytes: MOST_BYTES,
      });
      context.signal.throwIfAborted();
      const said = end.stderr.trim();
      if (end.exitCode !== 0) throw failureOf(name, end);
      if (said !== '') context.log(excerpt(said, SAID_CHARACTERS));
      return resultOf(end);
    },
  };
}

function variablesOf({ runId, taskKey, stepPath, workingDirectory }: ToolContext): Record<string, string> {
  return {
    CREW_RUN_ID: runId,
    CREW_TASK: taskKey,
    CREW_STEP: stepPath,
    CREW_WORKING_DIRECTORY: workingDirectory,
  };
}

function resultOf({ stdout, isCut }: ProgramEnd): DetailedResult {
  const text = stdout.trim();
  const note = isCut ? { note: `It wrote more than ${formatBytes(MOST_BYTES)}; the rest is left out.` } : {};
  const value = parseJson(text);
  if (text === '' || value === null) return { text: 'done', value: null };
  if (value === undefined) return { text, ...note };
  // What is no text stays as it was written: reading its numbers may round them.
  return { text: typeof value === 'string' ? value : text, value, ...note };
}

function failureOf(name: string, { exitCode, signalName, stdout, stderr }: ProgramEnd): ToolError {
  const how = exitCode === null ? `was ended by ${signalName}` : `ended with exit code ${exitCode}`;
  const words = stderr.trim() || stdout.trim();
  return words === ''
    ? new ToolError(`${name} ${how} and said nothing`)
    : new ToolError(`${name} ${how}; it said:`, { outside: excerptOfEnd(words) });
}

/** The end of what was said: there programs say why they failed. */
function excerptOfEnd(text: string): string {
  return text.length <= SAID_CHARACTERS ? text : `…${text.slice(-SAID_CHARACTERS)}`;
}

/** Name and digest of each file of the definition's folder that the command names. */
async function digestFiles(command: readonly string[], directory: string): Promise<(readonly [string, string])[]> {
  const paths = command.map((word) => resolve(directory, word)).filter((path) => isInside(directory, path));
  const digests = await Promise.all(
    paths.map(async (path) => [relative(directory, path), await digestFile(path)] as const),
  );
  return digests.flatMap(([name, digest]) => (digest === undefined ? [] : [[name, digest] as const]));
}
