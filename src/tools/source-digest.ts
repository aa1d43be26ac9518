import { readFile, stat } from 'node:fs/promises';
import { dirname, extname, join, relative } from 'node:path';
import { errorCode } from '../util/file-trouble.js';
import { fingerprintOf } from '../util/fingerprint.js';

/** What stands after `from`, `import` or `require`, where it is the relative path of a file. */
const RELATIVE_IMPORT = /\b(?:from|import|require)\s*\(?\s*(["'])(\.{1,2}(?:\/[^"'\n]*)?)\1/g;
const CODE = /\.[cm]?[jt]sx?$/;
/** Endings that an import may leave out. */
const LEFT_OUT = ['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs', '.json', '/index.ts', '/index.js'];

/** Digests by absolute path. A module runs once per process, so its digest stays that of the text that ran. */
const digests = new Map<string, Promise<string>>();

/**
 * 16 hex digits that are the same for the same code: the file's text, and that of the files it imports by relative paths
 * written out, at any depth. Packages do not count, nor do imports that lead nowhere. `file` is absolute.
 */
export function digestSource(file: string): Promise<string> {
  const digest = digests.get(file) ?? readSources(file).then(fingerprintOf);
  digests.set(file, digest);
  return digest;
}

/** Path from the first file and text of each, in the order in which they are first named. */
async function readSources(first: string): Promise<(readonly [path: string, text: string])[]> {
  const sources: [string, string][] = [];
  const known = new Set([first]);
  for (const file of known) {
    const text = await readText(file);
    if (text === undefined) continue;
    sources.push([relative(dirname(first), file), text]);
    if (!CODE.test(file)) continue;
    for (const [, , path = ''] of text.matchAll(RELATIVE_IMPORT)) {
      const found = await findFile(join(dirname(file), path));
      if (found !== undefined) known.add(found);
    }
  }
  return sources;
}

/** The file that an import means: TypeScript imports may name what they are compiled to, or leave the ending out. */
async function findFile(path: string): Promise<string | undefined> {
  const extension = extname(path);
  const source = /^\.[cm]?jsx?$/.test(extension)
    ? [path.slice(0, -extension.length) + extension.replace('j', 't')]
    : [];
  for (const candidate of [path, ...source, ...LEFT_OUT.map((ending) => path + ending)]) {
    if ((await readText(candidate)) !== undefined) return candidate;
  }
  return undefined;
}

/** Undefined for what cannot be read: the words may stand in a comment, and what the module needs was loaded already. */
async function readText(file: string): Promise<string | undefined> {
  try {
    return (await stat(file)).isFile() ? await readFile(file, 'utf8') : undefined;
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    return undefined;
  }
}
