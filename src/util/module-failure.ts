import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { messageOf, UsageError } from '../errors.js';
import { errorCode } from './file-trouble.js';
import { isInside, nearPath } from './real-path.js';

/** Where our own code lies: some of what a module calls throws there, such as what ends the process. */
const OWN_FOLDER = dirname(fileURLToPath(import.meta.url)).replace(/[\\/](?:chunks|util)$/, '');

export interface ModulePlace {
  /** As the user wrote it. */
  readonly path: string;
  /** Absolute; `path` starts here, and places are shown relative to it. */
  readonly directory: string;
}

interface SourcePlace {
  readonly file: string;
  readonly line: number;
  /** 1-based; undefined where only the line is known. */
  readonly column: number | undefined;
}

/** The error to show when a user's module could not be run: the reason, its place and the line there. */
export function explainModuleFailure(error: unknown, module: ModulePlace): UsageError {
  const missing = missingModule(error);
  if (missing !== undefined) return explainMissing(missing, error, module);
  const syntax = /^ParseError:\s*([\s\S]*?)\s+(\S[^\n]*):(\d+):(\d+)\s*$/.exec(messageOf(error));
  if (syntax) {
    const [, words = '', file = '', line, column] = syntax;
    // The compiler counts columns from 0.
    const place = { file, line: Number(line), column: Number(column) + 1 };
    return new UsageError(`${module.path} does not compile: ${words}${showPlace(place, module)}`, { cause: error });
  }
  const place = placeOfThrow(error, module);
  const words = `${module.path} fails when it is loaded: ${messageOf(error)}`;
  return new UsageError(`${words}${place ? showPlace(place, module) : ''}`, { cause: error });
}

function missingModule(error: unknown): { readonly name: string; readonly importer: string | undefined } | undefined {
  if (!['MODULE_NOT_FOUND', 'ERR_MODULE_NOT_FOUND'].includes(errorCode(error) ?? '')) return undefined;
  const name = /^Cannot find (?:module|package) '([^']+)'/.exec(messageOf(error))?.[1];
  const importer = (error as { readonly requireStack?: readonly string[] }).requireStack?.[0];
  return name === undefined ? undefined : { name, importer };
}

function explainMissing(
  { name, importer }: { readonly name: string; readonly importer: string | undefined },
  cause: unknown,
  module: ModulePlace,
): UsageError {
  const file = importer === undefined ? module.path : nearPath(importer, module.directory);
  if (/^(\.|\/|file:|[A-Za-z]:\\)/.test(name)) {
    return new UsageError(`${module.path} cannot be loaded: ${file} imports "${name}", which does not exist`, {
      cause,
    });
  }
  const packageName = name.split('/', name.startsWith('@') ? 2 : 1).join('/');
  return new UsageError(`${module.path} needs the package "${packageName}", which is not installed`, {
    hint: `npm install ${packageName}`,
    cause,
  });
}

/** Where a module threw: the first place in its stack that is not inside a package or Node. Only the line is exact. */
function placeOfThrow(error: unknown, { path, directory }: ModulePlace): SourcePlace | undefined {
  if (!(error instanceof Error) || error.stack === undefined) return undefined;
  const main = resolve(directory, path);
  const places: SourcePlace[] = [];
  for (const line of error.stack.split('\n')) {
    const found = /^\s+at .*?\(?((?:file:\/\/)?(?:\/|[A-Za-z]:\\)[^()]*?):(\d+):\d+\)?$/.exec(line);
    if (!found?.[1] || /[\\/]node_modules[\\/]/.test(found[1])) continue;
    const file = found[1].startsWith('file:') ? fileURLToPath(found[1]) : found[1];
    if (isInside(OWN_FOLDER, file)) continue;
    places.push({ file, line: Number(found[2]), column: undefined });
    // What called the module is ours and of no interest.
    if (file === main) return places[0];
  }
  return undefined;
}

/** `tools/price.ts:12`: where code of a module threw; undefined where its stack does not say. */
export function findThrowPlace(error: unknown, module: ModulePlace): string | undefined {
  const place = placeOfThrow(error, module);
  return place && `${nearPath(place.file, module.directory)}:${place.line}`;
}

function showPlace(place: SourcePlace, module: ModulePlace): string {
  const column = place.column === undefined ? '' : `:${place.column}`;
  const where = `\n  ${nearPath(place.file, module.directory)}:${place.line}${column}`;
  const line = readLine(place);
  if (line === undefined) return where;
  const caret = place.column === undefined ? '' : `\n  ${' '.repeat(place.column - 1)}^`;
  return `${where}\n  ${line}${caret}`;
}

/** The line of the source, or undefined where it cannot be read any more: it only illustrates. */
function readLine({ file, line }: SourcePlace): string | undefined {
  try {
    return readFileSync(file, 'utf8').split(/\r?\n/)[line - 1]?.replaceAll('\t', ' ').trimEnd();
  } catch {
    return undefined;
  }
}
