import { lookup as lookupName } from 'node:dns/promises';
import { isIP } from 'node:net';
import { Agent, buildConnector } from 'undici';
import { ToolError } from '../tool-error.js';
import { isPublicAddress } from './public-address.js';

/** Longest time until a connection stands, its encryption included. */
const CONNECT_TIMEOUT_MS = 10_000;

/** Gives all addresses of a name. */
export type Lookup = (hostname: string) => Promise<readonly { readonly address: string; readonly family: number }[]>;

export interface GuardedAgentOptions {
  /** Whether addresses of this machine and of private networks may be connected to. */
  readonly allowPrivate: boolean;
  /** Default: as the system resolves names. */
  readonly lookup?: Lookup | undefined;
}

/**
 * What undici makes connections with. Each is made to an address that was looked at just before: a name that leads to this
 * machine or into a private network fails with ToolError, and so does such an address itself. Uses no proxy.
 */
export function createGuardedAgent({ allowPrivate, lookup = lookupAll }: GuardedAgentOptions): Agent {
  const isAllowed = (address: string): boolean => allowPrivate || isPublicAddress(address);

  async function resolve(hostname: string): ReturnType<Lookup> {
    const addresses = await lookup(hostname);
    // One that is not public is enough: which of them is connected to is not known here.
    if (!addresses.every(({ address }) => isAllowed(address))) throw refusal(hostname);
    return addresses;
  }

  const connect = buildConnector({
    timeout: CONNECT_TIMEOUT_MS,
    lookup(hostname, { all }, callback) {
      const give = callback as (error: Error | null, ...found: unknown[]) => void;
      resolve(hostname).then(
        (addresses) => (all ? give(null, addresses) : give(null, addresses[0]?.address, addresses[0]?.family)),
        (error: Error) => give(error),
      );
    },
  });

  return new Agent({
    connect(options, callback) {
      // An address is never looked up.
      const host = options.hostname.replace(/^\[(.*)\]$/, '$1');
      if (isIP(host) !== 0 && !isAllowed(host)) callback(refusal(host), null);
      else connect(options, callback);
    },
  });
}

const lookupAll: Lookup = (hostname) => lookupName(hostname, { all: true });

function refusal(host: string): ToolError {
  return new ToolError(
    `${host} is refused: it leads to this machine or into a private network, and this tool may only ask public addresses; go on without it`,
  );
}
