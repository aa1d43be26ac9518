import { formatBytes } from '../util/amounts.js';
import type { BuiltinTool } from './builtin-tool.js';
import { rootOf } from './files/root.js';
import { afterOthers, locateTarget, MOST_WRITTEN_BYTES, writeTarget } from './files/write-target.js';

/** Writes whole text files, atomically; makes the folders they need. */
export const writeFileTool: BuiltinTool<'write_file'> = {
  description: 'Writes a text file, replacing it if it exists. Missing folders are made.',
  effects: 'write',
  parameters: {
    type: 'object',
    properties: { path: { type: 'string' }, content: { type: 'string' } },
    required: ['path', 'content'],
    additionalProperties: false,
  },
  async prepare(settings, environment) {
    const root = await rootOf(settings, environment);
    const maxBytes = settings.max_bytes ?? MOST_WRITTEN_BYTES;
    return async ({ path, content }, { signal }) => {
      return afterOthers(root, path as string, async () => {
        const place = await locateTarget(root, path as string, environment);
        const size = await writeTarget(place, content as string, { maxBytes, signal });
        return `wrote ${place.name} (${formatBytes(size)})`;
      });
    };
  },
};
