import { Command, InvalidArgumentError, Option } from 'commander';
import type { Inputs, RunOptions } from '../crew/run-options.js';
import type { CassetteMode } from '../journal/cassette-mode.js';
import { parseDuration } from '../util/duration.js';
import type { Io } from '../util/io.js';
import { databaseOption, formatOption } from './command.js';

/** The flags of every command that runs tasks. */
export interface RunFlags {
  readonly format: 'text' | 'json' | 'jsonl';
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  readonly concurrency?: number;
  readonly budget?: number;
  readonly timeout?: number;
  readonly cassette?: string;
  readonly cassetteMode?: CassetteMode;
  readonly record?: string;
  readonly stream?: boolean;
  readonly answers?: string;
  readonly allowOutside?: boolean;
  readonly trust?: boolean;
  readonly allowShell?: boolean;
  readonly db?: string;
}

/** The command with the flags of `RunFlags`. */
export function addRunFlags(command: Command): Command {
  return command
    .addOption(formatOption(['text', 'json', 'jsonl']))
    .option('--budget <usd>', 'most that the run may cost, in US dollars', toUsd)
    .option('--timeout <time>', 'most time that the run may take, such as 90s or 15m', toMilliseconds)
    .option('--concurrency <n>', 'most tasks at work at the same time (default: 10)', toCount)
    .option('--record <file>', 'write what the models answered to this cassette')
    .option('--cassette <file>', 'answer model calls from this cassette: offline, without a key')
    .addOption(
      new Option(
        '--cassette-mode <mode>',
        'what to do when a request has changed: stop (strict, the default), or go on and warn',
      ).choices(['strict', 'lenient']),
    )
    .addOption(trustOption())
    .option('--allow-shell', 'the same for shell guardrails only')
    .option('--answers <file>', 'what a person would say, by task, from a YAML or JSON file; then nobody is asked')
    .option('--allow-outside', 'let files of tasks lie outside the working directory')
    .addOption(databaseOption())
    .option('--stream', 'print the text of the final task as it comes')
    .option('-q, --quiet', 'no progress, only the result and errors')
    .option('-v, --verbose', 'show answers, arguments and tool results in full');
}

/** `--trust`, of every command that may run code of a definition. */
export function trustOption(): Option {
  return new Option('--trust', 'let the definition run its code and programs, and remember that (also: CREW_TRUST=1)');
}

/** The command with some of those flags, by their long names. */
export function pickRunFlags(command: Command, names: readonly string[]): Command {
  for (const option of addRunFlags(new Command()).options) {
    if (names.includes(option.long ?? '')) command.addOption(option);
  }
  return command;
}

/** `-i, --input <name=value>`, repeatable. */
export function inputOption(): Option {
  return new Option('-i, --input <name=value>', 'an input; name=@file for the text of a file (repeatable)').argParser(
    collect,
  );
}

/** The flags of inputs. */
export interface InputFlags {
  readonly input?: readonly string[];
  readonly inputs?: string;
}

/** The inputs that the flags give. Rejects with UsageError for what is none. */
export async function readInputs(io: Io, { input = [], inputs }: InputFlags): Promise<Inputs> {
  if (input.length === 0 && inputs === undefined) return {};
  const { parseInputFlags } = await import('../definition/input-flags.js');
  return parseInputFlags({ flags: input, inputsFile: inputs, workingDirectory: io.cwd, stdin: io.stdin });
}

/** The values of a repeatable option. */
export function collect(value: string, values: readonly string[] = []): string[] {
  return [...values, value];
}

/** The flags as the library takes them; only those that were given. */
export function toRunOptions(flags: RunFlags): RunOptions {
  const { format, stream, concurrency, budget, timeout, cassette, cassetteMode, record, db } = flags;
  const { allowOutside, trust, allowShell } = flags;
  return {
    ...(concurrency !== undefined && { concurrency }),
    ...(budget !== undefined && { budgetUsd: budget }),
    ...(timeout !== undefined && { timeoutMs: timeout }),
    ...(cassette !== undefined && { cassette }),
    ...(cassetteMode !== undefined && { cassetteMode }),
    ...(record !== undefined && { record }),
    ...(allowOutside && { allowOutside }),
    ...(trust && { trust }),
    ...(allowShell && { allowShell }),
    ...(stream && format !== 'json' && { stream }),
    ...(db !== undefined && { db }),
  };
}

function toCount(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1) throw new InvalidArgumentError('It must be a whole number from 1.');
  return count;
}

function toUsd(text: string): number {
  const usd = Number(text.replace(/^\$/, ''));
  if (text.trim() === '' || !Number.isFinite(usd) || usd < 0) {
    throw new InvalidArgumentError('It must be a number of US dollars, such as 2.50.');
  }
  return usd;
}

function toMilliseconds(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined || ms <= 0) throw new InvalidArgumentError('It must be a time, such as 90s, 15m or 2h.');
  return ms;
}
