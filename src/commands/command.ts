import { Command, Option } from 'commander';
import { type ExitCode, UsageError } from '../errors.js';
import type { Io } from '../util/io.js';

/** One verb: builds its commander command; the action ends by calling `end` once with the exit code. */
export type CommandFactory = (io: Io, end: (exitCode: ExitCode) => void) => Command;

/** A command with what every verb has in common. */
export function createCommand(name: string, description: string): Command {
  return new Command(name).description(description).showHelpAfterError(false).exitOverride();
}

/**
 * The flags of a verb below another that the other has too: commander gives them to that one wherever they stand. Throws
 * UsageError for those that only the other has: they would be taken for the verb's own and do nothing.
 */
export function flagsOfParent<Flags>(command: Command): Partial<Flags> {
  const { parent, options } = command;
  const given = parent?.options.filter((option) => parent.getOptionValueSource(option.attributeName()) === 'cli') ?? [];
  const foreign = given.find(({ long }) => !options.some((option) => option.long === long));
  if (foreign) {
    const name = command.name();
    const hint = `\`crew ${parent?.name()} ${name} --help\` lists its options.`;
    throw new UsageError(`${name} has no ${foreign.long}`, { hint });
  }
  return Object.fromEntries(
    given.map((option) => [option.attributeName(), parent?.getOptionValue(option.attributeName()) as unknown]),
  ) as Partial<Flags>;
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
