import type { BuiltinTool } from './builtin-tool.js';
import { createRecent } from './recent.js';
import { textPart } from './text-part.js';
import { allowHosts } from './web/allowed-hosts.js';
import { type AnswerContent, readContent, statusError } from './web/answer-content.js';
import { readHeaderSetting } from './web/credentials.js';
import { createFetcher, parseUrl } from './web/fetcher.js';

/** Most bytes of a page that are read. */
const MOST_BYTES = 5_000_000;

/** Reads pages of the web as Markdown, in parts where they are long. */
export const fetchUrlTool: BuiltinTool<'fetch_url'> = {
  description:
    'Reads a web page as Markdown; JSON, text and PDF too. A long one comes in parts; the result says how to get the next.',
  effects: 'none',
  isOutside: true,
  parameters: {
    type: 'object',
    properties: {
      url: { type: 'string' },
      offset: { type: 'integer', minimum: 0, description: 'Where to start, as the part before says' },
      links: { type: 'boolean', description: 'List its links instead' },
    },
    required: ['url'],
    additionalProperties: false,
  },
  prepare: async ({ domains, headers, allow_private: allowPrivate = false, max_bytes: maxBytes = MOST_BYTES }) => {
    const credentials = readHeaderSetting(headers, { isBoundToHosts: domains !== undefined });
    const fetch = createFetcher({ allowPrivate, maxBytes, check: allowHosts(domains) });
    const recent = createRecent<AnswerContent>();
    return async (args, { signal }) => {
      const url = parseUrl(args.url as string);
      const offset = (args.offset as number | undefined) ?? 0;
      const wants = args.links === true ? 'links' : 'page';
      const key = `${wants} ${url.href}`;
      const read = async (): Promise<AnswerContent> => {
        const answer = await fetch({ url, credentials }, signal);
        if (answer.status >= 400) throw statusError(url, answer);
        const { text, notes } = await readContent(answer, { wants, signal });
        // What a page says of its place stands with the page: it is as little to be trusted.
        return { text: answer.url.href === url.href ? text : `Found at: ${answer.url.href}\n\n${text}`, notes };
      };
      const content = (offset > 0 && recent.get(key)) || (await read());
      recent.set(key, content);
      if (content.text.trim() === '') return { text: '', note: '[there is no text; the page may need a browser]' };
      return textPart(content.text, { name: 'the page', offset, notes: content.notes });
    };
  },
};
