import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { isJsonObject } from '../util/json.js';
import type { ValuePath as Path } from '../util/format-path.js';
import { nearPath } from '../util/real-path.js';
import { blankComments, isJsonFile } from './jsonc.js';
import { readSource, type ReadFile } from './read-source.js';
import { createReport, type Report } from './report.js';
import { parseSourceDocument, type ProblemFacts, type SourceDocument } from './source-document.js';
import type { DefinitionSource, Problem } from './types.js';

/** Part of a definition that stands in a file of its own, or elsewhere in the same. */
interface Mount {
  readonly path: Path;
  readonly document: SourceDocument;
  /** Where in that file it stands. */
  readonly innerPath: Path;
  /** What problems call it. */
  readonly shownPath: Path;
}

/** Where a file is looked for, and where it shall stand. */
export interface IncludeOptions {
  /** Gives the place of the wanted part in the file's value. Default: all of it. */
  readonly unwrap?: (value: unknown) => Path;
  /** Where a relative path starts, absolute. Default: the main file's folder. */
  readonly directory?: string;
  /** Default: the path that names the file. */
  readonly mountAt?: Path;
  /** What problems in it call its top. Default: `mountAt`. */
  readonly shownPath?: Path;
}

/** A definition's files, read as one tree of plain values, of which each part knows its place. */
export interface SourceTree {
  /** The top of the definition; undefined where the main file cannot be used. */
  readonly root: Readonly<Record<string, unknown>> | undefined;
  /** The main file's folder, absolute. */
  readonly directory: string;
  readonly report: Report;
  /** The values of a file that is named at `path`. Undefined, and reported there, where it cannot be used. */
  include(path: Path, file: string, options?: IncludeOptions): Promise<unknown>;
  /** The first of these files that is there. */
  findFile(files: readonly string[], directory?: string): Promise<string | undefined>;
  /** Lets what is wrong at `path` be told where `target` stands. */
  alias(path: Path, target: Path): void;
  /** True where nothing follows the key at `path`; false for a `null` that is written. */
  isEmpty(path: Path): boolean;
  /** A file as problems name it: relative to the working directory where it lies in it. */
  show(file: string): string;
  /** An empty report on the same files. */
  createReport(): Report;
  source(): DefinitionSource;
}

export interface TreeOptions {
  /** Absolute: files are shown relative to it. */
  readonly workingDirectory: string;
  readonly readFile?: ReadFile | undefined;
}

/** Reads the main file. `file` is as the user gave it. */
export async function readTree(file: string, { workingDirectory, readFile }: TreeOptions): Promise<SourceTree> {
  const mainPath = resolve(workingDirectory, file);
  const directory = dirname(mainPath);
  const documents: SourceDocument[] = [];
  const mounts: Mount[] = [];
  const place = (facts: ProblemFacts): Problem => placeProblem(mounts, file, facts);
  const show = (path: string): string => (path === mainPath ? file : nearPath(path, workingDirectory));
  const startReport = (): Report => createReport(place, () => documents.map((document) => document.file));
  const report = startReport();

  const read = async (path: string, shownFile: string): Promise<SourceDocument | undefined> => {
    const known = documents.find((document) => document.path === path);
    if (known) return known;
    const result = await readSource(path, readFile);
    if ('trouble' in result) {
      report.add([wholeFile(shownFile, result.trouble, result.hint)]);
      return undefined;
    }
    const readable = isJsonFile(path) ? await blankComments(result.text) : result.text;
    const document = parseSourceDocument(shownFile, path, result.text, readable);
    documents.push(document);
    report.add([...document.syntaxProblems, ...document.keyProblems]);
    return document;
  };

  const main = await read(mainPath, file);
  if (main) mounts.push({ path: [], document: main, innerPath: [], shownPath: [] });
  return {
    root: main && checkRoot(main, report),
    directory,
    report,
    show,
    async include(
      path,
      includedFile,
      { unwrap = () => [], directory: from = directory, mountAt = path, shownPath } = {},
    ) {
      const absolute = resolve(from, includedFile);
      const result = await readSource(absolute, readFile);
      if ('trouble' in result) {
        report.error(path, `${includedFile}: ${result.trouble}`, {
          hint: result.hint ?? relativeHint(includedFile, from, directory),
        });
        return undefined;
      }
      const document = await read(absolute, show(absolute));
      if (document?.value === undefined) return undefined;
      if (document.value === null) {
        report.error(path, `${includedFile}: the file is empty`);
        return undefined;
      }
      const innerPath = unwrap(document.value);
      mounts.push({ path: mountAt, document, innerPath, shownPath: shownPath ?? mountAt });
      return innerPath.reduce<unknown>(
        (value, part) => (isJsonObject(value) ? value[String(part)] : undefined),
        document.value,
      );
    },
    async findFile(files, from = directory) {
      for (const candidate of files) {
        const result = await readSource(resolve(from, candidate), readFile);
        if (!('trouble' in result) || !result.isAbsent) return candidate;
      }
      return undefined;
    },
    alias(path, target) {
      const mount = findMount(mounts, target);
      if (!mount) return;
      const innerPath = [...mount.innerPath, ...target.slice(mount.path.length)];
      mounts.push({ path, document: mount.document, innerPath, shownPath: path });
    },
    isEmpty(path) {
      const mount = findMount(mounts, path);
      return mount?.document.isEmpty([...mount.innerPath, ...path.slice(mount.path.length)]) ?? false;
    },
    createReport: startReport,
    source: () => ({
      path: mainPath,
      directory,
      files: documents.map(({ path, text }) => ({ path: toPosix(relative(directory, path)), text })),
    }),
  };
}

function checkRoot(main: SourceDocument, report: Report): Readonly<Record<string, unknown>> | undefined {
  if (isJsonObject(main.value)) return main.value;
  if (main.value === undefined) return undefined;
  if (main.value === null || main.value === '') {
    report.add([wholeFile(main.file, 'the file is empty', '`crew init` writes a crew to start from')]);
  } else {
    report.error([], 'a crew is a map with `agents` and `tasks`', { hint: '`crew init` writes one to start from' });
  }
  return undefined;
}

function placeProblem(mounts: readonly Mount[], mainFile: string, facts: ProblemFacts): Problem {
  const mount = findMount(mounts, facts.path);
  const isWhole = facts.path.length === 0 && facts.target === 'key';
  if (!mount || isWhole) return { ...wholeFile(mainFile, facts.message, facts.hint), severity: facts.severity };
  const rest = facts.path.slice(mount.path.length);
  const innerPath = [...mount.innerPath, ...rest];
  return mount.document.problemAt({ ...facts, path: [...mount.shownPath, ...rest], innerPath });
}

/** The innermost mount that holds a path; of several at the same place the last one. */
function findMount(mounts: readonly Mount[], path: Path): Mount | undefined {
  return mounts
    .filter((mount) => mount.path.length <= path.length && mount.path.every((part, index) => part === path[index]))
    .reduce<Mount | undefined>((best, next) => (best && best.path.length > next.path.length ? best : next), undefined);
}

function wholeFile(file: string, message: string, hint: string | undefined): Problem {
  return { severity: 'error', file, line: 0, column: 0, path: '', message, hint, sourceLine: undefined, length: 1 };
}

function relativeHint(file: string, from: string, mainFolder: string): string | undefined {
  if (isAbsolute(file)) return undefined;
  return from === mainFolder ? "paths start at the definition's folder" : 'paths start at the folder of this file';
}

function toPosix(path: string): string {
  return sep === '/' ? path : path.replaceAll(sep, '/');
}
