import { UsageError } from '../../errors.js';
import { ToolError } from '../tool-error.js';

/** Headers that say how to answer; any other one may hold a secret. */
const HARMLESS: ReadonlySet<string> = new Set(['accept', 'accept-language', 'cache-control', 'referer', 'user-agent']);
/** Headers that belong to the connection, or that follow from the request. */
const RESERVED =
  /^(?:host|connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|expect|content-length|accept-encoding)$/;
const TOKEN = /^[!#$%&'*+.^_`|~\dA-Za-z-]+$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Headers by their names in lower case. */
export type Headers = Readonly<Record<string, string>>;

/**
 * The `headers` setting by lower case. Throws UsageError for a header that cannot be sent, and for one that may hold a secret
 * where models choose the hosts: a page could talk them into sending it anywhere.
 */
export function readHeaderSetting(
  headers: Headers | undefined,
  { isBoundToHosts }: { readonly isBoundToHosts: boolean },
): Headers {
  const read = toLowerCase(headers ?? {});
  for (const [name, value] of Object.entries(read)) {
    const trouble = troubleOf(name, value);
    if (trouble !== undefined) throw new UsageError(`headers: ${trouble}`);
    if (!isBoundToHosts && !HARMLESS.has(name)) {
      throw new UsageError(`headers: ${name} would be sent to any host that a model asks`, {
        hint: 'name the hosts that may get it under `domains`, such as domains: [api.example.com]',
      });
    }
  }
  return read;
}

/** Headers that a model gives, by lower case. Throws ToolError for those that it may not set. */
export function readModelHeaders(headers: Readonly<Record<string, unknown>>, settings: Headers): Headers {
  const read = toLowerCase(headers);
  for (const [name, value] of Object.entries(read)) {
    const trouble = troubleOf(name, value) ?? (Object.hasOwn(settings, name) ? `${name} is set already` : undefined);
    if (trouble !== undefined) throw new ToolError(`headers: ${trouble}; leave it out`);
  }
  return read;
}

/** Whether some of the headers may hold a secret. */
export function hasCredentials(headers: Headers): boolean {
  return Object.keys(headers).some((name) => !HARMLESS.has(name));
}

/** The headers that may go to another origin than they were meant for. */
export function withoutCredentials(headers: Headers): Headers {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => HARMLESS.has(name)));
}

function toLowerCase(headers: Readonly<Record<string, unknown>>): Headers {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]));
}

function troubleOf(name: string, value: string): string | undefined {
  if (!TOKEN.test(name)) return `${JSON.stringify(name)} is no name of a header`;
  if (RESERVED.test(name)) return `${name} cannot be set`;
  return VALUE.test(value) ? undefined : `the value of ${name} has characters that headers cannot have`;
}
