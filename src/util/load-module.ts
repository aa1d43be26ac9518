import { stat } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import { UsageError } from '../errors.js';
import { fileTrouble } from './file-trouble.js';
import { explainModuleFailure } from './module-failure.js';
import { suggestHint } from './suggest.js';

const EXTENSIONS = ['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs'];

export interface LoadModuleOptions {
  /** Absolute; the module's path starts here. */
  readonly directory: string;
  /** Picks an export where none is named and there is no default export: the only one that it accepts. */
  readonly accepts?: (value: unknown) => boolean;
}

export interface ModuleExport {
  /** `default` or the export's name. */
  readonly name: string;
  readonly value: unknown;
}

/**
 * Runs a user's TypeScript or JavaScript file in this process and gives one of its exports: the named one, else the
 * default, else the only one that `accepts` takes. The file runs once per process. Nothing is written anywhere. Rejects
 * with UsageError that says what is wrong with the file and where.
 */
export async function loadModuleExport(
  path: string,
  exportName: string | undefined,
  { directory, accepts = () => true }: LoadModuleOptions,
): Promise<ModuleExport> {
  const file = resolve(directory, path);
  await checkFile(path, file);
  const namespace = await runOnce(file).catch((error: unknown) => {
    throw explainModuleFailure(error, { path, directory });
  });
  return pickExport(path, exportName, exportsOf(namespace), accepts);
}

/** Exports of the files that ran or run, by absolute path. */
const namespaces = new Map<string, Promise<object>>();

async function runOnce(file: string): Promise<object> {
  const running = namespaces.get(file) ?? run(file);
  namespaces.set(file, running);
  try {
    return await running;
  } catch (error) {
    namespaces.delete(file);
    throw error;
  }
}

async function run(file: string): Promise<object> {
  const { createJiti } = await import('jiti');
  // No cache on disk: a shared temporary folder would let others put code into it.
  return createJiti(file, { fsCache: false, moduleCache: true, interopDefault: false }).import<object>(file);
}

async function checkFile(path: string, file: string): Promise<void> {
  const stats = await stat(file).catch((error: unknown) => {
    throw new UsageError(`${path}: ${fileTrouble(error)}`, { hint: `looked for ${file}`, cause: error });
  });
  if (!stats.isFile()) throw new UsageError(`${path} is not a file`, { hint: `looked at ${file}` });
  if (!EXTENSIONS.includes(extname(file))) {
    throw new UsageError(`${path} is neither TypeScript nor JavaScript`, {
      hint: `it has to end in ${EXTENSIONS.join(', ')}`,
    });
  }
}

/** The exports by name. A CommonJS module's, which arrive as one default object, count as named ones too. */
function exportsOf(namespace: object): ReadonlyMap<string, unknown> {
  const named = Object.entries(namespace as Record<string, unknown>);
  const [only] = named;
  if (named.length === 1 && only?.[0] === 'default' && typeof only[1] === 'object' && only[1] !== null) {
    return new Map([...Object.entries(only[1]), ...named]);
  }
  return new Map(named);
}

function pickExport(
  path: string,
  exportName: string | undefined,
  exports: ReadonlyMap<string, unknown>,
  accepts: (value: unknown) => boolean,
): ModuleExport {
  if (exportName !== undefined) {
    if (exports.has(exportName)) return { name: exportName, value: exports.get(exportName) };
    throw new UsageError(`${path} has no export "${exportName}"; ${listExports(exports)}`, {
      hint: suggestHint(exportName, exports.keys()),
    });
  }
  const all = [...exports].map(([name, value]) => ({ name, value }));
  const standard = all.find(({ name }) => name === 'default');
  const accepted = all.filter(({ value }) => accepts(value));
  const [only] = accepted;
  if (standard && (accepts(standard.value) || accepted.length === 0)) return standard;
  if (only && accepted.length === 1) return only;
  throw new UsageError(`${path} has no default export; ${listExports(exports)}`, {
    hint: exports.size > 0 ? `name the one you mean: ${path}#${(only ?? all[0])?.name}` : undefined,
  });
}

function listExports(exports: ReadonlyMap<string, unknown>): string {
  return exports.size === 0 ? 'it exports nothing' : `it exports ${[...exports.keys()].join(', ')}`;
}
