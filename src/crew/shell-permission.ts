import { everyoneIn, fieldOf } from '../definition/crew-agents.js';
import type { CrewDefinition, GuardrailDefinition } from '../definition/types.js';
import { UsageError } from '../errors.js';
import type { RunStore } from '../store/records.js';
import { fingerprintOf } from '../util/fingerprint.js';
import { printable } from '../util/printable.js';
import type { RunOptions } from './run-options.js';

/** A command that a definition wants to have run, and where it stands, such as `tasks.article`. */
export interface ShellCommand {
  readonly place: string;
  readonly command: string;
}

/** Asked whether the commands of a definition may run. `path` is absolute. */
export type AgreeToCommands = (request: {
  readonly path: string;
  readonly commands: readonly ShellCommand[];
}) => Promise<boolean> | boolean;

/**
 * Makes sure that the shell guardrails of a definition may run: `allowShell` says so, or the file asks for it and a person
 * agrees, or agreed before to just these commands of this file. Rejects with UsageError otherwise.
 */
export async function requireShellPermission(
  definition: CrewDefinition,
  { allowShell, agreeToCommands }: Pick<RunOptions, 'allowShell' | 'agreeToCommands'>,
  store: Pick<RunStore, 'agreedCommands'>,
): Promise<void> {
  const commands = commandsOf(definition);
  if (allowShell || commands.length === 0) return;
  const { path } = definition.source;
  if (!definition.allowShell) {
    throw refusal('this crew checks outputs with commands, which is not allowed', commands, {
      hint: 'Look at them, then allow them with --allow-shell, or with allow_shell: true in the file.',
    });
  }
  const digest = fingerprintOf({ path, commands });
  if (store.agreedCommands.has(digest)) return;
  if (!agreeToCommands) {
    throw refusal('this crew asks to check outputs with commands, and there is nobody to agree', commands, {
      hint: 'Look at them, then allow them with --allow-shell.',
    });
  }
  if (!(await agreeToCommands({ path, commands }))) {
    throw new UsageError('the commands were not agreed to', { hint: 'Nothing was run.' });
  }
  store.agreedCommands.add(digest, Date.now());
}

/** The commands as a person reads them, each with its place. */
export function describeCommands(commands: readonly ShellCommand[]): string {
  return commands
    .map(({ place, command }) => printable(`  ${place}: ${command}`).replaceAll('\n', '\n    '))
    .join('\n');
}

function commandsOf(definition: CrewDefinition): ShellCommand[] {
  const found = (place: string, guardrails: readonly GuardrailDefinition[]): ShellCommand[] =>
    guardrails.flatMap((guardrail) => (guardrail.kind === 'shell' ? { place, command: guardrail.command } : []));
  return [
    ...everyoneIn(definition).flatMap((agent) => found(fieldOf(agent, definition), agent.guardrails)),
    ...definition.tasks.flatMap(({ key, guardrails }) => found(`tasks.${key}`, guardrails)),
  ];
}

function refusal(message: string, commands: readonly ShellCommand[], options: { readonly hint: string }): UsageError {
  return new UsageError(`${message}:\n${describeCommands(commands)}`, options);
}
