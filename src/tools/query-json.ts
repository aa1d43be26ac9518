import type { BuiltinTool } from './builtin-tool.js';
import { locateInRoot, rootOf } from './files/root.js';

const MOST_RESULTS = 100;

/** Finds values in JSON and JSON Lines files by JSONPath, in another process; runs no code. */
export const queryJsonTool: BuiltinTool<'query_json'> = {
  description: ({ file }) =>
    `Finds values in ${file ?? 'a JSON file'} by JSONPath (RFC 9535). Without query: how the file is built.`,
  effects: 'none',
  // What it reads changes.
  isCacheable: false,
  isOutside: true,
  parameters: ({ file }) => ({
    type: 'object',
    properties: {
      ...(file === undefined && { file: { type: 'string' } }),
      query: { type: 'string', description: 'Such as $.items[?@.price > 10].name' },
      offset: { type: 'integer', minimum: 0, description: 'Values to skip' },
    },
    required: file === undefined ? ['file'] : [],
    additionalProperties: false,
  }),
  async prepare(settings, environment) {
    const root = await rootOf(settings, environment);
    const { max_results: maxResults = MOST_RESULTS } = settings;
    return async ({ file = settings.file, query, offset = 0 }, { signal }) => {
      const place = await locateInRoot(root, file as string);
      const { runJob } = await import('./data/run-job.js');
      const request = {
        place,
        query: (query as string | undefined)?.trim() || undefined,
        offset: offset as number,
        maxResults,
      };
      return runJob('query_json', request, { signal, holds: place.path });
    };
  },
};
