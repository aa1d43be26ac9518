import type { FetchFunction } from '@ai-sdk/provider-utils';

interface Dispatcher {
  readonly constructor: new (options: { headersTimeout: number; bodyTimeout: number }) => unknown;
}

// Node's fetch is undici, which keeps its connection pool under this name: https://undici.nodejs.org/#/docs/api/GlobalInstallation
const GLOBAL_DISPATCHER = Symbol.for('undici.globalDispatcher.1');

/**
 * A fetch that waits as long as its signal lets it. Node's own gives up after 300 s without response headers, which
 * is less than a reasoning model may think. Keeps the kind of pool that is in place, so that a proxy stays one;
 * where the pool is of an unknown kind, it is Node's fetch as it is.
 */
export function createPatientFetch(): FetchFunction {
  let dispatcher: unknown;
  return (input, init) => {
    dispatcher ??= createPatientDispatcher();
    return fetch(input, dispatcher === undefined ? init : ({ ...init, dispatcher } as RequestInit));
  };
}

function createPatientDispatcher(): unknown {
  // Reading the global loads undici, which then sets its dispatcher.
  if (typeof globalThis.Response !== 'function') return undefined;
  const current = (globalThis as Record<symbol, unknown>)[GLOBAL_DISPATCHER] as Dispatcher | undefined;
  if (current === undefined || !/^(?:EnvHttpProxy)?Agent$/.test(current.constructor.name)) return undefined;
  return new current.constructor({ headersTimeout: 0, bodyTimeout: 0 });
}
