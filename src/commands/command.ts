import { Command, Option } from 'commander';
import type { ExitCode } from '../errors.js';
import type { Io } from '../util/io.js';

/** One verb: builds its commander command; the action ends by calling `end` once with the exit code. */
export type CommandFactory = (io: Io, end: (exitCode: ExitCode) => void) => Command;

/** A command with what every verb has in common. */
export function createCommand(name: string, description: string): Command {
  return new Command(name).description(description).showHelpAfterError(false).exitOverride();
}

/** `--db <file>`: for commands that read or write the history. */
export function databaseOption(): Option {
  return new Option('--db <file>', 'database file (default: $CREW_DB, else the nearest .crew/crew.db)');
}

/** `--format`: text for people, JSON for programs. */
export function formatOption<const F extends string>(
  choices: readonly F[] = ['text', 'json'] as unknown as F[],
): Option {
  return new Option('--format <format>', 'output format').choices(choices as readonly string[]).default(choices[0]);
}
