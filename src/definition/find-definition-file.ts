import { statSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../errors.js';

/** Where a definition is looked for when none is named, in this order. */
const DEFAULT_FILES = ['crew.yaml', join('crew', 'crew.yaml')];

/** The definition to take when none is named, relative to the working directory. Rejects with UsageError where there is none. */
export async function findDefinitionFile(workingDirectory: string): Promise<string> {
  const isThere = (file: string) => statSync(join(workingDirectory, file), { throwIfNoEntry: false })?.isFile();
  const found = DEFAULT_FILES.find(isThere);
  if (found !== undefined) return found;
  throw new UsageError(`there is no ${DEFAULT_FILES.join(' and no ')} here`, {
    hint: 'name a file, or write one with `crew init`',
  });
}
