import { lstat, mkdir, realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import { writeFileAtomic } from '../util/atomic-write.js';
import { errorCode } from '../util/file-trouble.js';
import type { BuiltinTool } from './builtin-tool.js';
import { formatBytes } from '../util/amounts.js';
import { kindOf, locateInRoot, orToolError, ROOT_SETTINGS, rootOf, type RootPlace } from './root.js';
import { ToolError } from './tool-error.js';

/** Most bytes of one file: far beyond what a model writes in one call. */
const MOST_BYTES = 10_000_000;

/** Writes whole text files, atomically; makes the folders they need. */
export const writeFileTool: BuiltinTool = {
  description: 'Writes a text file, replacing it if it exists. Missing folders are made.',
  effects: 'write',
  settings: ROOT_SETTINGS,
  parameters: {
    type: 'object',
    properties: { path: { type: 'string' }, content: { type: 'string' } },
    required: ['path', 'content'],
    additionalProperties: false,
  },
  async prepare(settings, environment) {
    const root = await rootOf(settings, environment);
    return async ({ path, content }, { signal }) => {
      const text = content as string;
      const size = Buffer.byteLength(text);
      if (size > MOST_BYTES) {
        throw new ToolError(`the content has ${formatBytes(size)}, more than ${formatBytes(MOST_BYTES)}; write less`);
      }
      const place = await locateInRoot(root, path as string);
      if (place.isLinked)
        throw new ToolError(`${path as string} leads through a symbolic link; write to ${place.name} itself`);
      if (/[\\/]$/.test(path as string)) throw new ToolError(`${path as string} names a folder; add a file name`);
      await orToolError(place.name, () => prepareTarget(place));
      signal.throwIfAborted();
      await orToolError(place.name, () => writeFileAtomic(place.path, text));
      return `wrote ${place.name} (${formatBytes(size)})`;
    };
  },
};

/** Makes the folders, and refuses to replace anything but a file. */
async function prepareTarget({ path, name }: RootPlace): Promise<void> {
  const stats = await lstat(path).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (stats && !stats.isFile()) throw new ToolError(`${name} is ${kindOf(stats)}, not a file`);
  const folder = dirname(path);
  await mkdir(folder, { recursive: true });
  // A folder may have been swapped for a link since the place was found.
  if ((await realpath(folder)) !== folder) throw new ToolError(`${name} was replaced just now; try again`);
}
