import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { isJsonObject } from '../util/json.js';
import type { ValuePath as Path } from '../util/format-path.js';
import { readSource, type ReadFile } from './read-source.js';
import { createReport, type Report } from './report.js';
import { parseSourceDocument, type ProblemFacts, type SourceDocument } from './source-document.js';
import type { DefinitionSource, Problem } from './types.js';

/** Part of a definition that stands in a file of its own. */
interface Mount {
  readonly path: Path;
  readonly document: SourceDocument;
  /** Where in that file it stands. */
  readonly innerPath: Path;
}

/** A definition's files, read as one tree of plain values, of which each part knows its place. */
export interface SourceTree {
  /** The top of the definition; undefined where the main file cannot be used. */
  readonly root: Readonly<Record<string, unknown>> | undefined;
  /** The main file's folder, absolute. */
  readonly directory: string;
  readonly report: Report;
  /** The values of a file, to stand at `path`, which names it. Undefined, and reported, where it cannot be used. */
  include(path: Path, file: string, unwrap: (value: unknown) => Path): Promise<unknown>;
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
    const document = parseSourceDocument(shownFile, path, result.text);
    documents.push(document);
    report.add([...document.syntaxProblems, ...document.keyProblems]);
    return document;
  };

  const main = await read(mainPath, file);
  if (main) mounts.push({ path: [], document: main, innerPath: [] });
  return {
    root: main && checkRoot(main, report),
    directory,
    report,
    async include(path, includedFile, unwrap) {
      const absolute = resolve(directory, includedFile);
      const result = await readSource(absolute, readFile);
      if ('trouble' in result) {
        report.error(path, `${includedFile}: ${result.trouble}`, { hint: result.hint ?? relativeHint(includedFile) });
        return undefined;
      }
      const document = await read(absolute, showPath(absolute, workingDirectory));
      if (document?.value === undefined) return undefined;
      if (document.value === null) {
        report.error(path, `${includedFile}: the file is empty`);
        return undefined;
      }
      const innerPath = unwrap(document.value);
      mounts.push({ path, document, innerPath });
      return innerPath.reduce<unknown>(
        (value, part) => (isJsonObject(value) ? value[String(part)] : undefined),
        document.value,
      );
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
  const mount = mounts
    .filter(({ path }) => path.length <= facts.path.length && path.every((part, index) => part === facts.path[index]))
    .reduce<Mount | undefined>((best, next) => (best && best.path.length > next.path.length ? best : next), undefined);
  const isWhole = facts.path.length === 0 && facts.target === 'key';
  if (!mount || isWhole) return { ...wholeFile(mainFile, facts.message, facts.hint), severity: facts.severity };
  const innerPath = [...mount.innerPath, ...facts.path.slice(mount.path.length)];
  return mount.document.problemAt({ ...facts, innerPath });
}

function wholeFile(file: string, message: string, hint: string | undefined): Problem {
  return { severity: 'error', file, line: 0, column: 0, path: '', message, hint, sourceLine: undefined, length: 1 };
}

function relativeHint(file: string): string | undefined {
  return isAbsolute(file) ? undefined : "paths start at the definition's folder";
}

function showPath(path: string, workingDirectory: string): string {
  const shown = relative(workingDirectory, path);
  return shown.startsWith('..') || isAbsolute(shown) ? path : shown;
}

function toPosix(path: string): string {
  return sep === '/' ? path : path.replaceAll(sep, '/');
}
