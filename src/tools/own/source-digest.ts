import { readFile, stat } from 'node:fs/promises';
import { dirname, extname, join, relative, resolve } from 'node:path';
import { errorCode } from '../../util/file-trouble.js';
import { fingerprintOf } from '../../util/fingerprint.js';

/** What stands after `from`, `import` or `require`, where it is the relative path of a file. */
const RELATIVE_IMPORT = /\b(?:from|import|require)\s*\(?\s*(["'])(\.{1,2}(?:\/[^"'\n]*)?)\1/g;
/** What stands between two quotes and may be the path of code: imports have comments in them, are made late, and by URLs. */
const QUOTED_PATH = /(?<=["'`])(?:\.{0,2}\/[^"'`\s]{1,300}|[^"'`\s]{1,300}\.[cm]?[jt]sx?)(?=["'`])/g;
/** A name that the nearest package.json maps to a file (https://nodejs.org/api/packages.html#subpath-imports). */
const MAPPED_IMPORT = /["'`]#[^"'`\s]+["'`]/;
const CODE = /\.[cm]?[jt]sx?$/;
/** Endings that an import may leave out. */
const LEFT_OUT = [
  '.ts',
  '.mts',
  '.cts',
  '.js',
  '.mjs',
  '.cjs',
  '.json',
  '/index.ts',
  '/index.js',
  '/index.mjs',
  '/index.cjs',
];

/** Digests by absolute path. A module runs once per process, so its digest stays that of the text that ran. */
const digests = new Map<string, Promise<string>>();

/**
 * 16 hex digits that are the same for the same code: the file's text, and that of the files whose paths it has written out,
 * at any depth. Packages do not count, nor do imports that lead nowhere. `file` is absolute.
 */
export function digestSource(file: string): Promise<string> {
  const digest =
    digests.get(file) ?? readSources(file).then((sources) => fingerprintOf(namedFrom(dirname(file), sources)));
  digests.set(file, digest);
  return digest;
}

/** These files, and those that the ones of code among them import, as they are now, each once. All absolute. */
export async function withSources(files: readonly string[]): Promise<string[]> {
  const imported = await Promise.all(files.filter((file) => CODE.test(file)).map(readSources));
  return [...new Set([...files, ...imported.flat().map(({ path }) => path)])];
}

interface Source {
  /** Absolute. */
  readonly path: string;
  readonly text: string;
}

function namedFrom(directory: string, sources: readonly Source[]): (readonly [path: string, text: string])[] {
  return sources.map(({ path, text }) => [relative(directory, path), text]);
}

/** All of them, in the order in which they are first named. */
async function readSources(first: string): Promise<Source[]> {
  const sources: Source[] = [];
  const known = new Set([first]);
  for (const file of known) {
    const text = await readText(file);
    if (text === undefined) continue;
    sources.push({ path: file, text });
    if (!CODE.test(file)) continue;
    for (const found of await findImports(file, text)) known.add(found);
  }
  return sources;
}

/** The files that a file of code may import. Those of data count only where the import is plain: others are read, and change. */
async function findImports(file: string, text: string): Promise<string[]> {
  const paths = new Set([...text.matchAll(RELATIVE_IMPORT)].map(([, , path = '']) => path));
  const plain = [...paths].map((path) => findFile(resolve(dirname(file), path)));
  const others = [...text.matchAll(QUOTED_PATH)].map(([path]) => path).filter((path) => !paths.has(path));
  const quoted = [...new Set(others)].map((path) => findFile(resolve(dirname(file), path)));
  const code = (await Promise.all(quoted)).filter((found) => found !== undefined && CODE.test(found));
  const mapped = MAPPED_IMPORT.test(text) ? await findMapped(dirname(file)) : [];
  return [...(await Promise.all(plain)), ...code, ...mapped].filter((found) => found !== undefined);
}

/** The nearest package.json at or above a folder, and the files that it has names for. */
async function findMapped(folder: string): Promise<(string | undefined)[]> {
  const file = join(folder, 'package.json');
  const text = await readText(file);
  if (text === undefined) return dirname(folder) === folder ? [] : findMapped(dirname(folder));
  const [, imports = ''] = /"imports"\s*:\s*(\{[^]*)/.exec(text) ?? [];
  const targets = [...imports.matchAll(/"(\.\/[^"]+)"/g)].map(([, path = '']) => findFile(join(folder, path)));
  return [file, ...(await Promise.all(targets))];
}

/** The file that an import means: TypeScript imports may name what they are compiled to, or leave the ending out. */
async function findFile(path: string): Promise<string | undefined> {
  const extension = extname(path);
  const source = /^\.[cm]?jsx?$/.test(extension)
    ? [path.slice(0, -extension.length) + extension.replace('j', 't')]
    : [];
  for (const candidate of [path, ...source, ...LEFT_OUT.map((ending) => path + ending)]) {
    if (await isFile(candidate)) return candidate;
  }
  return undefined;
}

/** Undefined for what cannot be read: the words may stand in a comment, and what the module needs was loaded already. */
async function readText(file: string): Promise<string | undefined> {
  try {
    return (await isFile(file)) ? await readFile(file, 'utf8') : undefined;
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    return undefined;
  }
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    return false;
  }
}
