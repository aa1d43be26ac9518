import { createHash } from 'node:crypto';
import { relative, resolve } from 'node:path';
import { findReaderTrouble } from '../definition/readable-files.js';
import type { CrewDefinition, TaskDefinition } from '../definition/types.js';
import { CrewError, UsageError } from '../errors.js';
import { openRegularFile, orToolError } from '../tools/files/root.js';
import { decodeText, detectMedia, type FileKind, kindByName, textTypeOf, typeByName } from '../util/media-type.js';
import { findProtectedPart } from '../util/protected-path.js';
import { isInside, realPathOf } from '../util/real-path.js';
import type { Redactor } from '../util/redact.js';

/** A file that a task gives to its models, read whole. */
export interface InputFile {
  /** Its path as the task has it, with the inputs put in. */
  readonly name: string;
  readonly kind: FileKind;
  readonly mediaType: string;
  readonly bytes: number;
  /** Of the file's content, in hex. */
  readonly sha256: string;
  /** Images and PDF files. */
  readonly data?: Uint8Array;
  /** Text files; without the secrets that the definition uses. */
  readonly text?: string;
}

export interface InputFileOptions {
  /** Absolute; relative paths start here. */
  readonly workingDirectory: string;
  /** Whether files may lie outside the working directory and the definition's folder. */
  readonly allowOutside: boolean;
  readonly redactor: Redactor;
}

const MB = 1024 ** 2;
/** Most bytes of one file: what most providers take in a request. */
const MOST_BYTES = 20 * MB;
/** Most bytes of all files of a run, each counted once; they are in memory until it ends. */
const MOST_BYTES_OF_ALL = 50 * MB;

const KIND_WORDS: Readonly<Record<FileKind, string>> = { text: 'text', image: 'an image', pdf: 'a PDF file' };
const KINDS_HINT = 'images (PNG, JPEG, GIF, WebP), PDF files and text in UTF-8 can be given';

/**
 * Reads the files that tasks give to their models, by task key. Rejects with UsageError, which names every file that cannot
 * be given, and why.
 */
export async function loadInputFiles(
  definition: CrewDefinition,
  options: InputFileOptions,
): Promise<Map<string, readonly InputFile[]>> {
  const { workingDirectory, allowOutside } = options;
  const roots = await Promise.all([realPathOf(workingDirectory), realPathOf(definition.source.directory)]);
  const known = new Map<string, InputFile>();
  const problems: { readonly message: string; readonly hint: string | undefined }[] = [];
  let bytesOfAll = 0;

  const loadFile = async (name: string, task: TaskDefinition): Promise<InputFile> => {
    const path = await locate(name, { roots, allowOutside });
    const file = known.get(path) ?? (await readInputFile(path, name, options));
    if (!known.has(path)) bytesOfAll += file.bytes;
    known.set(path, file);
    if (bytesOfAll > MOST_BYTES_OF_ALL) {
      throw new UsageError(`${name}: the files of all tasks together have more than ${MOST_BYTES_OF_ALL / MB} MB`);
    }
    const trouble = file.kind === 'text' ? undefined : findReaderTrouble(definition, task, file.kind);
    if (trouble) throw new UsageError(`${name}: ${trouble.message}`, { hint: trouble.hint });
    return { ...file, name };
  };

  const files = new Map<string, readonly InputFile[]>();
  for (const task of definition.tasks) {
    const loaded: InputFile[] = [];
    for (const name of task.inputFiles) {
      try {
        loaded.push(await loadFile(name, task));
      } catch (error) {
        if (!(error instanceof CrewError)) throw error;
        problems.push({ message: `input file of task ${task.key}: ${error.message}`, hint: error.hint });
      }
    }
    if (loaded.length > 0) files.set(task.key, loaded);
  }
  if (problems.length > 0) {
    const hints = new Set(problems.flatMap(({ hint }) => hint ?? []));
    throw new UsageError(problems.map(({ message }) => message).join('\n'), {
      hint: hints.size === 0 ? undefined : [...hints].join('; '),
    });
  }
  return files;
}

interface Places {
  /** The working directory and the definition's folder, absolute, links resolved. */
  readonly roots: readonly [string, string];
  readonly allowOutside: boolean;
}

/** The file's absolute path, links resolved. Rejects with UsageError where it is nobody's business. */
async function locate(name: string, { roots, allowOutside }: Places): Promise<string> {
  if (name.trim() === '' || name.includes('\0')) throw new UsageError(`${JSON.stringify(name)} is not a path`);
  const [workingDirectory] = roots;
  const path = resolve(workingDirectory, name);
  const real = await orToolError(name, () => realPathOf(path));
  if (!allowOutside && !roots.some((root) => isInside(root, real))) {
    throw new UsageError(`${name} is outside the working directory ${workingDirectory}`, {
      hint: 'give a path inside it, or allow it with --allow-outside',
    });
  }
  const ways = [relative(workingDirectory, path), relative(workingDirectory, real)];
  const part = ways.map(findProtectedPart).find((found) => found !== undefined);
  if (part !== undefined) throw new UsageError(`${name} may not be given to a model: ${part} may hold secrets`);
  return real;
}

async function readInputFile(path: string, name: string, { redactor }: InputFileOptions): Promise<InputFile> {
  const content = await readContent(path, name);
  const facts = { name, bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') };
  const media = detectMedia(content);
  const text = media ? undefined : decodeText(content);
  const kind = media?.kind ?? (text === undefined ? undefined : 'text');
  const claimed = kindByName(name);
  if (claimed !== undefined && claimed !== kind) {
    const what = kind === undefined ? '' : `${KIND_WORDS[kind]}, `;
    throw new UsageError(`${name} is ${what}not ${KIND_WORDS[claimed]} as its name says`, { hint: KINDS_HINT });
  }
  if (media) return { ...facts, ...media, data: content };
  if (text !== undefined)
    return { ...facts, kind: 'text', mediaType: await textTypeOf(name), text: redactor.text(text) };
  throw new UsageError(
    `${name} is ${(await typeByName(name)) ?? 'of an unknown kind'}, which cannot be given to a model`,
    {
      hint: KINDS_HINT,
    },
  );
}

async function readContent(path: string, name: string): Promise<Uint8Array> {
  const file = await openRegularFile({ path, name, isLinked: false });
  try {
    return await orToolError(name, async () => {
      const { size } = await file.stat();
      if (size > MOST_BYTES) {
        throw new UsageError(`${name} has ${(size / MB).toFixed(1)} MB; at most ${MOST_BYTES / MB} MB can be given`);
      }
      // No more than was measured, should it grow meanwhile.
      const content = new Uint8Array(size);
      let length = 0;
      for (let read = -1; read !== 0 && length < size; length += read) {
        read = (await file.read(content, length, size - length, length)).bytesRead;
      }
      return content.subarray(0, length);
    });
  } finally {
    await file.close();
  }
}
