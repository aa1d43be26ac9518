import { statSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../errors.js';

/** Where a definition is looked for when none is named, in this order: here, then in `crew/`. */
const NAMES = ['crew.yaml', 'crew.yml', 'crew.jsonc', 'crew.json'];
const FOLDERS = ['', 'crew'];

/** The definition to take when none is named, relative to the working directory. Rejects with UsageError where there is none. */
export async function findDefinitionFile(workingDirectory: string): Promise<string> {
  const isThere = (file: string) => statSync(join(workingDirectory, file), { throwIfNoEntry: false })?.isFile();
  const found = FOLDERS.flatMap((folder) => NAMES.map((name) => join(folder, name))).find(isThere);
  if (found !== undefined) return found;
  throw new UsageError('there is no crew.yaml and no crew.jsonc, neither here nor in crew/', {
    hint: 'name a file, or write one with `crew init`',
  });
}
