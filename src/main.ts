import { Command, CommanderError } from 'commander';
import { createAnswerCommand } from './commands/answer.js';
import { createChatCommand } from './commands/chat.js';
import type { CommandFactory } from './commands/command.js';
import { errorText } from './commands/error-text.js';
import { createInitCommand } from './commands/init.js';
import { createKickoffCommand } from './commands/kickoff.js';
import { createLogTasksOutputsCommand } from './commands/log-tasks-outputs.js';
import { createReplayCommand } from './commands/replay.js';
import { createResetCommand } from './commands/reset.js';
import { createResumeCommand } from './commands/resume.js';
import { createRunsCommand } from './commands/runs.js';
import { createSchemaCommand } from './commands/schema.js';
import { createServeCommand } from './commands/serve.js';
import { createShowCommand } from './commands/show.js';
import { createTrustCommand } from './commands/trust.js';
import { createToolsCommand } from './commands/tools.js';
import { createValidateCommand } from './commands/validate.js';
import { CrewError, EXIT, EXIT_MEANING, type ExitCode } from './errors.js';
import type { Io } from './util/io.js';
import { VERSION } from './version.js';

/** Every verb, in the order of the help text. Their heavy parts load when they run. */
const COMMANDS: readonly CommandFactory[] = [
  createKickoffCommand,
  createChatCommand,
  createResumeCommand,
  createAnswerCommand,
  createReplayCommand,
  createRunsCommand,
  createShowCommand,
  createLogTasksOutputsCommand,
  createValidateCommand,
  createSchemaCommand,
  createToolsCommand,
  createInitCommand,
  createTrustCommand,
  createServeCommand,
  createResetCommand,
];

/** Runs one command line (without node and script) and gives back the exit code. Never rejects. */
export async function main(argv: readonly string[], io: Io): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.done;
  const end = (code: ExitCode): void => {
    exitCode = code;
  };
  try {
    await createProgram(io, end).parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    return reportError(error, io);
  }
}

/** The whole command line; without its actions' effects until it parses. */
export function createProgram(io: Io, end: (exitCode: ExitCode) => void): Command {
  const program = new Command('crew')
    .description('Runs crews of LLM agents written in one YAML file.')
    .version(VERSION, '-V, --version', 'print the version')
    .option('--no-color', 'no colours (also: NO_COLOR)')
    .addHelpText('after', `\nExit codes:\n${exitCodeLines().join('\n')}`)
    .exitOverride();
  const output = {
    writeOut: (text: string) => io.stdout.write(text),
    writeErr: (text: string) => io.stderr.write(text),
    getOutHelpWidth: () => io.stdout.columns,
    getErrHelpWidth: () => io.stderr.columns,
  };
  program.configureOutput(output);
  for (const createCommand of COMMANDS) {
    const command = createCommand(io, end).configureOutput(output).option('--no-color', 'no colours (also: NO_COLOR)');
    program.addCommand(command);
  }
  return program;
}

function exitCodeLines(): string[] {
  return Object.entries(EXIT_MEANING).map(([code, meaning]) => `  ${code.padStart(3)}  ${meaning}`);
}

function reportError(error: unknown, io: Io): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  if (error instanceof CrewError) {
    io.stderr.write(errorText(error));
    return error.exitCode;
  }
  return reportBug(error, io);
}

/** Says on stderr what nobody meant to happen, and how to report it. */
export function reportBug(error: unknown, io: Pick<Io, 'stderr'>): ExitCode {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  io.stderr.write(
    `error: this is a bug in crew ${VERSION}\n${stack}\nhint: please report it with the lines above and the definition\n`,
  );
  return EXIT.bug;
}
