import { lstat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { formatBytes } from '../../util/amounts.js';
import { writeFileAtomic } from '../../util/atomic-write.js';
import { errorCode } from '../../util/file-trouble.js';
import { inFolder, makeFolder } from '../../util/pinned-folder.js';
import type { ToolEnvironment } from '../builtin-tool.js';
import { kindOf, locateInRoot, orToolError, type RootPlace } from './root.js';
import { ToolError } from '../tool-error.js';

/** Most bytes of a file that a tool writes where its settings say nothing: far beyond what a model writes in one call. */
export const MOST_WRITTEN_BYTES = 10_000_000;

/** Programs run what stands in these, or find it before what they mean, without anybody asking them to. */
const OF_CODE: ReadonlySet<string> = new Set(
  (
    'node_modules __pycache__ .vscode .idea .husky .githooks .devcontainer .claude .cursor ' +
    '.bashrc .bash_profile .bash_login .bash_logout .profile .zshrc .zshenv .zprofile .zlogin'
  ).split(' '),
);

/** Whether a Python program may import the file: what stands beside it comes before all else (https://docs.python.org/3/library/sys_path_init.html). */
function isFoundBy(program: string, path: string): boolean {
  if (!/\.py$/i.test(program)) return false;
  return /^(?:[^/\\]+|[^/\\]+[/\\]__init__)\.(?:py|pyc|pyd|so)$/i.test(relative(dirname(program), path));
}

/**
 * As `locateInRoot`, for a file to be written: refuses links on the way, what is there and no file, and files that the
 * crew itself is made of.
 */
export async function locateTarget(
  root: string,
  path: string,
  { ownFiles }: Pick<ToolEnvironment, 'ownFiles'>,
): Promise<RootPlace> {
  const place = await locateInRoot(root, path);
  if (place.isLinked) throw new ToolError(`${path} leads through a symbolic link; write to ${place.name} itself`);
  if (/[\\/]$/.test(path)) throw new ToolError(`${path} names a folder; add a file name`);
  if (ownFiles?.has(place.path)) {
    throw new ToolError(`${path} is off limits: it is a part of this crew; write another file`);
  }
  const folder = place.name.split('/').find((part) => OF_CODE.has(part.toLowerCase()));
  if (folder !== undefined) {
    throw new ToolError(`${path} is off limits: ${folder} holds code that others run; write another file`);
  }
  const program = [...(ownFiles ?? [])].find((own) => isFoundBy(own, place.path));
  if (program !== undefined) {
    throw new ToolError(`${path} is off limits: ${basename(program)} of this crew would find it; write elsewhere`);
  }
  await orToolError(place.name, async () => {
    const stats = await lstat(place.path).catch((error: unknown) => {
      if (errorCode(error) === 'ENOENT') return undefined;
      throw error;
    });
    if (stats && !stats.isFile()) throw new ToolError(`${place.name} is ${kindOf(stats)}, not a file`);
  });
  return place;
}

/** Writes the whole file, atomically, with the folders that it needs; gives the count of bytes. */
export async function writeTarget(
  { path, name }: RootPlace,
  text: string,
  { maxBytes, signal }: { readonly maxBytes: number; readonly signal: AbortSignal },
): Promise<number> {
  const size = Buffer.byteLength(text);
  if (size > maxBytes) {
    throw new ToolError(`${name} would have ${formatBytes(size)}, more than ${formatBytes(maxBytes)}; write less`);
  }
  signal.throwIfAborted();
  await orToolError(name, async () => {
    await makeFolder(dirname(path));
    await inFolder(dirname(path), (folder) => writeFileAtomic(join(folder, basename(path)), text));
  });
  return size;
}

/** What is under way with files, by path as it is written. */
const underWay = new Map<string, Promise<unknown>>();

/**
 * Does the work when what was begun before with the file of that path in this process has ended, in the order of the calls: a
 * model may make several at once.
 */
export async function afterOthers<T>(root: string, written: string, work: () => Promise<T>): Promise<T> {
  const path = resolve(root, written);
  const before = underWay.get(path);
  const mine = (async () => {
    await before?.catch(() => undefined);
    return work();
  })();
  underWay.set(path, mine);
  try {
    return await mine;
  } finally {
    if (underWay.get(path) === mine) underWay.delete(path);
  }
}
