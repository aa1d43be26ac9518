import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { z } from 'zod';
import { UsageError } from '../../errors.js';
import { orAbort } from '../../util/or-abort.js';
import { NO_TIMEOUT_MS } from './session.js';

/** Pages of a server's list of tools; more are a list without end. */
const MOST_PAGES = 100;

const words = z.string().optional().catch(undefined);

/** A tool as a server lists it. Less strict than the protocol, so that one tool that is wrong does not take all others along. */
const listedToolSchema = z.object({
  name: z.string(),
  title: words,
  description: words,
  inputSchema: z.unknown(),
  annotations: z.object({ title: words, readOnlyHint: z.boolean().optional() }).optional().catch(undefined),
});

export type ListedTool = z.output<typeof listedToolSchema>;

const pageSchema = z.object({ tools: z.array(listedToolSchema), nextCursor: z.string().optional() });

/** All tools of a server, in its order. Rejects with UsageError for a list without end, and with what the SDK rejects with. */
export async function listTools(client: Client, signal: AbortSignal): Promise<ListedTool[]> {
  if (!client.getServerCapabilities()?.tools) return [];
  const tools: ListedTool[] = [];
  let cursor: string | undefined;
  for (let page = 1; page <= MOST_PAGES; page += 1) {
    const request = { method: 'tools/list' as const, params: cursor === undefined ? {} : { cursor } };
    const answer = await orAbort(client.request(request, pageSchema, { timeout: NO_TIMEOUT_MS }), signal);
    tools.push(...answer.tools);
    cursor = answer.nextCursor;
    if (cursor === undefined) return tools;
  }
  throw new UsageError(`its list of tools does not end within ${MOST_PAGES} pages`);
}
