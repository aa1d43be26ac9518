import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { writeFileAtomic } from '../util/atomic-write.js';
import { compareNames } from '../util/compare-names.js';
import { errorCode } from '../util/file-trouble.js';
import { isJsonObject } from '../util/json.js';
import { parseJson } from '../util/parse-json.js';

/** Something that a person has agreed to. */
export interface Agreement {
  /** Absolute real path of the definition. */
  readonly path: string;
  /** As `Want.text`. */
  readonly text: string;
}

/** What the user of this machine has agreed to, by digest; in their own folder, which no project brings along. */
export interface Agreements {
  has(digest: string): Promise<boolean>;
  /** May be called twice. Rejects with TaskError where the folder cannot be written. */
  add(digest: string, agreement: Agreement): Promise<void>;
  /** All of them, by path and text. */
  list(): Promise<Agreement[]>;
  /** Forgets those of a definition; gives back how many there were. */
  revoke(path: string): Promise<number>;
}

/** The agreements of the user whose environment this is: `$XDG_DATA_HOME/crew`, else the system's folder for data. */
export function openAgreements(env: Readonly<Record<string, string | undefined>>): Agreements {
  const fileOf = async (digest: string): Promise<string> => join(await folderOf(env), `${digest}.json`);
  return {
    has: async (digest) => (await readAgreement(await fileOf(digest))) !== undefined,
    async add(digest, { path, text }) {
      const file = await fileOf(digest);
      await mkdir(await folderOf(env), { recursive: true, mode: 0o700 }).catch(ignoreTrouble);
      await writeFileAtomic(file, `${JSON.stringify({ path, text }, null, 2)}\n`);
    },
    list: async () => {
      const entries = await readAll(await folderOf(env));
      return entries
        .map(({ agreement }) => agreement)
        .toSorted((a, b) => compareNames(a.path, b.path) || compareNames(a.text, b.text));
    },
    async revoke(path) {
      const entries = (await readAll(await folderOf(env))).filter(({ agreement }) => agreement.path === path);
      for (const { file } of entries) await rm(file, { force: true });
      return entries.length;
    },
  };
}

async function folderOf(env: Readonly<Record<string, string | undefined>>): Promise<string> {
  const data = env['XDG_DATA_HOME'];
  // By the XDG specification, a relative path is to be ignored.
  if (data !== undefined && isAbsolute(data)) return join(data, 'crew', 'trusted');
  const { default: envPaths } = await import('env-paths');
  return join(envPaths('crew', { suffix: '' }).data, 'trusted');
}

async function readAll(folder: string): Promise<{ readonly file: string; readonly agreement: Agreement }[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    ignoreTrouble(error);
    return [];
  });
  const files = names.filter((name) => /^[0-9a-f]{64}\.json$/.test(name)).map((name) => join(folder, name));
  const agreements = await Promise.all(files.map(readAgreement));
  return files.flatMap((file, index) => {
    const agreement = agreements[index];
    return agreement ? [{ file, agreement }] : [];
  });
}

/** Undefined where there is none, or nothing that was written here. */
async function readAgreement(file: string): Promise<Agreement | undefined> {
  const text = await readFile(file, 'utf8').catch(ignoreTrouble);
  const value = text === undefined ? undefined : parseJson(text);
  if (!isJsonObject(value) || typeof value['path'] !== 'string' || typeof value['text'] !== 'string') return undefined;
  return { path: value['path'], text: value['text'] };
}

/** Lets errors of the file system pass for nothing. */
function ignoreTrouble(error: unknown): undefined {
  if (errorCode(error) === undefined) throw error;
  return undefined;
}
