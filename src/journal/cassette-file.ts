import { access, constants, mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { parse, stringify } from 'yaml';
import { CassetteError, messageOf } from '../errors.js';
import type { RunStore } from '../store/records.js';
import { writeFileAtomic } from '../util/atomic-write.js';
import { errorCode, fileTrouble } from '../util/file-trouble.js';
import { formatPath, type ValuePath } from '../util/format-path.js';
import { collectCalls } from './cassette-calls.js';
import { type Cassette, cassetteSchema } from './cassette-format.js';

const DEFAULT_HEAD = '# What the models answered in a run: written by crew kickoff --record, read by --cassette.\n';
/** Tasks that a message names one by one. */
const MOST_NAMED = 20;
const HINT = 'A cassette is written by crew kickoff <file> --record <cassette>.';

/** Reads a cassette. Rejects with CassetteError, which calls the file `name`, when it is missing or is none. */
export async function loadCassette(path: string, name = path): Promise<Cassette> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new CassetteError(`cassette ${name}: ${fileTrouble(error)}`, { hint: HINT, cause: error });
  });
  let value: unknown;
  try {
    value = parse(text);
  } catch (error) {
    const words = messageOf(error).replace(/:?\n[^]*/, '');
    throw new CassetteError(`${name} is not YAML: ${words}`, { hint: HINT, cause: error });
  }
  const parsed = cassetteSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const place = formatPath((issue?.path ?? []) as ValuePath) || 'the file';
  throw new CassetteError(`${name} is not a cassette: ${place}: ${issue?.message}`, { hint: HINT });
}

/** Rejects with CassetteError where no cassette could be written later: better before a run than after it was paid for. */
export async function checkCassettePlace(path: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await access(dirname(path), constants.W_OK);
    await headOf(path);
    await access(path, constants.W_OK).catch((error: unknown) => {
      if (errorCode(error) !== 'ENOENT') throw error;
    });
  } catch (error) {
    if (error instanceof CassetteError) throw error;
    throw new CassetteError(`cassette ${path}: ${fileTrouble(error)}`, { cause: error });
  }
}

/**
 * Writes what the models answered on the way to a run's outputs, replacing the file; the comment at its head stays. What
 * cannot be in it is told by `findCassetteGaps`.
 */
export async function saveCassette(path: string, store: RunStore, runId: string): Promise<void> {
  const { calls, answers, moment } = collectCalls(store, runId);
  const cassette: Cassette = {
    cassette: 1,
    crew: store.findRun(runId)?.crew ?? '',
    ...(moment !== undefined && { date: moment }),
    calls: [...calls],
    ...(answers.length > 0 && { answers: [...answers] }),
  };
  await writeFileAtomic(path, (await headOf(path)) + stringify(cassette, { lineWidth: 0, blockQuote: 'literal' }), {
    createDirectory: true,
  });
}

/** What a cassette of a completed run has to leave out, so that a kickoff with it will stop: sentences for a person. */
export function findCassetteGaps(store: RunStore, runId: string): string[] {
  const { setByHand, deleted } = collectCalls(store, runId);
  const gap = (keys: readonly string[], why: string): string[] =>
    keys.length === 0 ? [] : [`the cassette lacks calls of ${named(keys)}, ${why}: a kickoff with it will stop there`];
  return [
    ...gap(setByHand, `as ${setByHand.length === 1 ? 'its output was' : 'their outputs were'} set by hand`),
    ...gap(deleted, 'as the run that made them was deleted'),
  ];
}

function named(keys: readonly string[]): string {
  const more = keys.length > MOST_NAMED ? ` and ${keys.length - MOST_NAMED} more` : '';
  return keys.slice(0, MOST_NAMED).join(', ') + more;
}

/** The comment lines that a cassette begins with, or ours for a new one. */
async function headOf(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return '';
    throw new CassetteError(`cassette ${path}: ${fileTrouble(error)}`, { cause: error });
  });
  return /^(?:#.*\n)+/.exec(text)?.[0] ?? DEFAULT_HEAD;
}
