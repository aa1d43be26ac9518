import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { BatchEnd, BatchItemEnd, BatchOptions } from '../crew/batch-work.js';
import type { DecideUnknown } from '../crew/unknown-steps.js';
import type { Inputs } from '../crew/run-options.js';
import { EXIT, type ExitCode, UsageError } from '../errors.js';
import type { RunEvent } from '../events.js';
import { formatCost, formatCount, formatTokens } from '../util/amounts.js';
import type { Io } from '../util/io.js';
import { orAbort } from '../util/or-abort.js';
import { printable, printableLine } from '../util/printable.js';
import { agreementOption } from './agree-to-start.js';
import { toAskOptions } from './ask-options.js';
import { writeWarnings } from './definition-file.js';
import { type RunFlags, toRunOptions } from './run-flags.js';

/** Failed items that are named at the end. */
const MOST_NAMED = 20;

export interface ForEachSource {
  /** File with the items, or `-`. */
  readonly file: string;
  /** Inputs that all items have. */
  readonly common: Inputs;
}

/** `crew kickoff --for-each`: runs a crew once for each item, a line on stdout for each as it ends. */
export async function kickoffForEach(
  io: Io,
  path: string,
  { file, common }: ForEachSource,
  flags: RunFlags,
): Promise<ExitCode> {
  const [{ readInputItems }, { loadDefinition }, { kickoffBatch }] = await Promise.all([
    import('../definition/input-items.js'),
    import('../definition/load-definition.js'),
    import('../crew/batch.js'),
  ]);
  refuseFlags(flags);
  const place = { env: io.env, workingDirectory: io.cwd };
  const open = () => readInputItems({ file, workingDirectory: io.cwd, stdin: io.stdin });
  // What comes through a pipe comes once.
  const kept = (await isPipe(io, file)) ? await orAbort(toArray(open()), io.signal) : undefined;
  const read = () => (kept ? toAsync(kept) : open());
  const names = new Set(Object.keys(common));
  for await (const { inputs } of read()) {
    for (const name of Object.keys(inputs)) names.add(name);
    break;
  }
  const definition = await loadDefinition(path, { ...place, givenInputs: [...names] });
  await writeWarnings(io, definition, flags);
  return presentBatch(io, flags, (options) => kickoffBatch(definition, { read, common }, { options, place }));
}

/** `crew resume --batch`: goes on with the items of a batch that are not completed. */
export async function resumeForEach(
  io: Io,
  batchId: string | undefined,
  flags: RunFlags,
  decideUnknown: DecideUnknown,
): Promise<ExitCode> {
  const { resumeBatch } = await import('../crew/batch.js');
  refuseFlags(flags);
  const place = { env: io.env, workingDirectory: io.cwd };
  return presentBatch(io, flags, (options) => resumeBatch(batchId, { options: { ...options, decideUnknown }, place }));
}

function refuseFlags({ format, record, stream }: RunFlags): void {
  if (format === 'json') throw new UsageError('several runs give several results', { hint: 'Use --format jsonl.' });
  if (stream) throw new UsageError('several runs would write between each other: --stream goes without --for-each');
  if (record !== undefined) throw new UsageError('a cassette holds one run: --record goes without --for-each');
}

/** An item that failed. */
interface Failure {
  readonly message: string;
  /** It is no failure but a question to a person. */
  readonly isWaiting: boolean;
  readonly line: string;
}

async function presentBatch(
  io: Io,
  flags: RunFlags,
  start: (options: BatchOptions) => Promise<BatchEnd>,
): Promise<ExitCode> {
  const { quiet, format } = flags;
  const failures: Failure[] = [];
  const told = new Set<string>();
  const { concurrency, record: _, ...runOptions } = toRunOptions(flags);
  // Many runs at once are no talk with a person.
  const asking = { ...(await toAskOptions({ ...io, isInteractive: false }, flags)), ...agreementOption(io) };
  const onItem = (ended: BatchItemEnd): void => {
    io.stdout.write(format === 'jsonl' ? itemJson(ended) : itemLine(ended));
    const { error, run_id: runId, status } = ended.result;
    if (!error) return;
    const run = runId === null ? '' : ` (run ${runId})`;
    const { message } = error;
    const isWaiting = status === 'needs_input';
    // How to answer differs from run to run.
    const hint = isWaiting && error.hint !== null ? `\n    ${error.hint}` : '';
    const line = `  item ${ended.item}, ${ended.place}${run}: ${message.split('\n', 1)[0]}${hint}`;
    failures.push({ message, isWaiting, line });
  };
  const onEvent = (event: RunEvent, item: number | undefined): void => {
    if (quiet || event.type !== 'warning' || told.has(event.message)) return;
    // The same for all items is worth one line.
    told.add(event.message);
    io.stderr.write(`${printable(`${item === undefined ? '' : `item ${item}: `}warning: ${event.message}`)}\n`);
  };
  const end = await start({
    ...runOptions,
    ...asking,
    ...(concurrency !== undefined && { itemsAtOnce: concurrency }),
    signal: io.signal,
    onEvent,
    onItem,
    onStart: ({ batchId, items, open }) => {
      const done = open === items ? '' : ` · ${formatCount(items - open)} done`;
      if (!quiet)
        io.stderr.write(`batch ${batchId} · ${items === 1 ? '1 item' : `${formatCount(items)} items`}${done}\n`);
    },
  });
  // What stopped the batch is no failure of the items that were under way.
  const failed = failures.filter(({ message }) => message !== end.stoppedBy?.message);
  writeEnd(io, flags, end, failed);
  return end.exitCode;
}

function writeEnd(io: Io, { format, quiet, db }: RunFlags, end: BatchEnd, failures: readonly Failure[]): void {
  const { batchId, items, completed, exitCode, stoppedBy, spend } = end;
  if (format === 'jsonl') {
    const { costUsd, unpricedRequests } = spend;
    const summary = {
      type: 'batch-end',
      batch_id: batchId,
      exit_code: exitCode,
      items,
      completed,
      failed: failures.length,
      cost_usd: unpricedRequests > 0 ? null : costUsd,
      error: stoppedBy ? { code: stoppedBy.code, message: stoppedBy.message, hint: stoppedBy.hint ?? null } : null,
    };
    io.stdout.write(`${JSON.stringify(summary)}\n`);
  }
  const count = failures.length;
  const left = stoppedBy ? 0 : items - completed - count;
  const more = count > MOST_NAMED ? [`  and ${formatCount(count - MOST_NAMED)} more`] : [];
  const lines = [
    ...(count > 0 ? [`error: ${headOf(failures)}:`] : []),
    ...failures.slice(0, MOST_NAMED).map(({ line }) => printable(line)),
    ...more,
    ...(left > 0
      ? [`error: another process is at work on ${left === 1 ? 'an item' : `${formatCount(left)} items`}`]
      : []),
    ...(stoppedBy ? [printable(`error: ${stoppedBy.message}`)] : []),
  ];
  const goOn = `crew resume --batch ${batchId}${db === undefined ? '' : ` --db ${db}`}`;
  const hint = stoppedBy?.hint;
  const amounts = [
    `${formatCount(completed)} of ${formatCount(items)} done · batch ${batchId} · ${formatTokens(spend)} · ${formatCost(spend)}`,
    ...(exitCode === EXIT.done ? [] : [hint?.includes(goOn) ? `hint: ${hint}` : `go on: ${goOn}`]),
  ];
  const shown = quiet ? lines : [...lines, ...amounts];
  if (shown.length > 0) io.stderr.write(`${shown.join('\n')}\n`);
}

function headOf(failures: readonly Failure[]): string {
  const count = failures.length;
  const [who, wait] = count === 1 ? ['an item', 'waits'] : [`${formatCount(count)} items`, 'wait'];
  return `${who} ${failures.every(({ isWaiting }) => isWaiting) ? `${wait} for a person` : 'failed'}`;
}

function itemJson({ batchId, item, place, result }: BatchItemEnd): string {
  return `${JSON.stringify({ type: 'item-end', batch_id: batchId, item, place, ...result })}\n`;
}

/** Number, status, run and output of an item, with tabs between them; the output in one line. */
function itemLine({ item, result }: BatchItemEnd): string {
  const { run_id: runId, status, pydantic, json_dict: json, raw, error } = result;
  const value = pydantic ?? json;
  const text = error ? error.message : value === null ? (raw ?? '') : JSON.stringify(value);
  return `${[item, status, runId ?? '-', printableLine(text)].join('\t')}\n`;
}

async function isPipe({ cwd }: Io, file: string): Promise<boolean> {
  if (file === '-') return true;
  const stats = await stat(resolve(cwd, file)).catch(() => undefined);
  return stats !== undefined && !stats.isFile() && !stats.isDirectory();
}

async function toArray<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

async function* toAsync<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}
