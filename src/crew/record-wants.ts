import { basename, dirname } from 'node:path';
import { locateDatabase } from '../store/locate-database.js';
import type { RunSettings } from '../store/run-settings.js';
import { isInside, realPathOf } from '../util/real-path.js';
import type { RunOptions, RunPlace } from './run-options.js';
import type { Want } from './want.js';

/** What a record says of how to go on with it. */
interface Recorded {
  readonly id: string;
  readonly workingDirectory: string;
  readonly options: RunSettings;
  /** Absolute. */
  readonly definitionPath: string;
}

/**
 * What a record lets its run do beside what is said now. A database may come from anywhere, as a definition may: what it says
 * holds inside the folder that it stands in, and beyond that where somebody agrees.
 */
export async function recordWants(
  { id, workingDirectory: folder, options: settings, definitionPath }: Recorded,
  given: Pick<RunOptions, 'db' | 'allowOutside' | 'record'> & {
    /** The definition is that of the record, not the one that stands at its path. */
    readonly isAsRecorded: boolean;
  },
  here: RunPlace,
): Promise<Want[]> {
  const homes = await Promise.all(
    [homeOf(locateDatabase({ ...here, db: given.db })), here.workingDirectory].map(realPath),
  );
  const isAtHome = async (path: string): Promise<boolean> => {
    const real = await realPath(path);
    return homes.some((home) => isInside(home, real));
  };
  const { allowOutside, record } = { ...settings, ...given };
  const texts = [
    ...((await isAtHome(folder)) ? [] : [`works in ${folder}, where its record says that it began`]),
    ...(given.isAsRecorded && !(await isAtHome(definitionPath))
      ? [`uses the files and .env of ${dirname(definitionPath)}, where its record says that its definition was`]
      : []),
    ...(allowOutside && !given.allowOutside ? [`uses files outside of ${folder}, as --allow-outside let it`] : []),
    ...(record !== undefined && given.record === undefined && !(await isAtHome(record))
      ? [`writes the cassette ${record}, as --record said`]
      : []),
  ];
  return texts.map((text) => ({ places: [`run ${id}`], text, details: '', isShell: false, files: [] }));
}

/** The folder that a database belongs to. */
function homeOf(database: string): string {
  const folder = dirname(database);
  return basename(folder) === '.crew' ? dirname(folder) : folder;
}

/** The path itself where it leads nowhere. */
function realPath(path: string): Promise<string> {
  return realPathOf(path).catch(() => path);
}
