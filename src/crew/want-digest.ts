import { createHash } from 'node:crypto';
import { relative } from 'node:path';
import { withSources } from '../tools/own/source-digest.js';
import { digestFile } from '../util/digest-file.js';
import { realPathOf } from '../util/real-path.js';
import type { Want } from './want.js';

/** 64 hex digits that are the same for what one definition wants as long as all that it would run is the same. */
export async function digestWant(
  { text, details, files }: Want,
  { path, directory }: { readonly path: string; readonly directory: string },
): Promise<string> {
  const contents: [string, string][] = [];
  for (const file of await withSources(files)) {
    // What cannot be read cannot be run either.
    const content = await digestFile(file);
    if (content !== undefined) contents.push([relative(directory, file), content]);
  }
  return (
    createHash('sha256')
      // The folder too: a link to a definition finds its packages elsewhere.
      .update(JSON.stringify([path, await realPathOf(directory), text, details, contents]))
      .digest('hex')
  );
}
