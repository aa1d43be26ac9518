import type { FetchLike } from '@modelcontextprotocol/sdk/shared/transport.js';
import { type Dispatcher, fetch } from 'undici';
import { createGuardedAgent } from '../web/guarded-agent.js';
import { networkError } from '../web/network-trouble.js';
import { withBoundedBody } from './bounded-body.js';

/** What a connection asks with. */
export interface HttpFetch {
  /** Rejects with ToolError where the address may not be asked, or nothing comes back. */
  readonly fetch: FetchLike;
  /** What that last rejected with; undefined for nothing. */
  trouble(): unknown;
  close(): Promise<void>;
}

/** A fetch that asks public addresses only, unless told otherwise; without deadlines: those of calls hold. */
export function openFetch(options: { readonly allowPrivate: boolean }): HttpFetch {
  const agent = createGuardedAgent(options);
  // A stream of events may be silent for as long as it likes.
  const withoutTimeouts: Dispatcher.DispatcherComposeInterceptor = (dispatch) => (request, handler) =>
    dispatch({ ...request, headersTimeout: 0, bodyTimeout: 0 }, handler);
  const dispatcher = agent.compose(withoutTimeouts);
  let trouble: unknown;
  return {
    async fetch(url, init) {
      try {
        // Both are of the same standard; only their types do not know that.
        const response = await fetch(url, { ...init, dispatcher } as Parameters<typeof fetch>[1]);
        return withBoundedBody(response as unknown as Response);
      } catch (error) {
        trouble = init?.signal?.aborted ? error : networkError((error as Error).cause ?? error, new URL(url));
        throw trouble;
      }
    },
    trouble: () => trouble,
    close: () => agent.destroy(),
  };
}
