import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { CfWorkerJsonSchemaValidator } from '@modelcontextprotocol/sdk/validation/cfworker-provider.js';
import type { Environment } from '../../definition/environment.js';
import type { McpServerDefinition } from '../../definition/tool-types.js';
import { orAbort } from '../../util/or-abort.js';
import { LONGEST_TIMER_MS } from '../../util/within-time.js';
import { VERSION } from '../../version.js';
import { connectError } from './server-errors.js';
import type { ServerLink } from './server-link.js';

/** For requests, which have deadlines of their own. */
export const NO_TIMEOUT_MS = LONGEST_TIMER_MS;

/** A connection to a server from its first word to its last. */
export interface McpSession {
  readonly client: Client;
  /** True once nothing more can come of it. */
  isLost(): boolean;
  /** As `ServerLink.trouble`. */
  trouble(): string;
  /** Never rejects; may be called twice. */
  close(): Promise<void>;
}

/**
 * Connects to a server, which is offered nothing: no sampling, no questions, no roots. Rejects with UsageError that says what
 * the server wrote, when nothing of it is left.
 */
export async function openSession(
  server: McpServerDefinition,
  { environment, signal }: { readonly environment: Environment; readonly signal: AbortSignal },
): Promise<McpSession> {
  let link: ServerLink | undefined;
  try {
    link = await openLink(server, environment);
    const { transport, trouble, close } = link;
    // Results are not checked against schemas of their server: the model reads them as text.
    const jsonSchemaValidator = new CfWorkerJsonSchemaValidator();
    const client = new Client({ name: 'crew', version: VERSION }, { capabilities: {}, jsonSchemaValidator });
    let isLost = false;
    const onclose = (): void => {
      isLost = true;
    };
    Object.assign(client, { onclose });
    await orAbort(client.connect(transport, { timeout: NO_TIMEOUT_MS }), signal);
    return { client, trouble, close, isLost: () => isLost };
  } catch (error) {
    const refusal = connectError(server, signal.aborted ? signal.reason : error, link?.trouble() ?? '');
    await link?.close();
    throw refusal;
  }
}

async function openLink({ connection }: McpServerDefinition, environment: Environment): Promise<ServerLink> {
  if (connection.kind === 'stdio') {
    const { openStdioLink } = await import('./stdio-link.js');
    return openStdioLink(connection, environment);
  }
  const { openHttpLink } = await import('./http-link.js');
  return openHttpLink(connection);
}
