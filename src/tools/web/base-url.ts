import { UsageError } from '../../errors.js';
import { ToolError } from '../tool-error.js';
import { parseUrl } from './fetcher.js';

/** Where every address has to start. */
export interface BaseUrl {
  readonly url: URL;
  /** The address that a path below it, or a whole address, means. Throws ToolError for one that is not below it. */
  resolve(text: string): URL;
  /** Throws ToolError for an address that is not below it. */
  check(url: URL): void;
}

/** The base that a setting gives; what it has as query goes along with every address. Throws UsageError for no address. */
export function openBaseUrl(setting: string): BaseUrl {
  const url = parseSetting(setting);
  const folder = url.pathname.replace(/\/*$/, '/');
  const place = url.origin + folder;

  function check(target: URL): void {
    const isBelow = target.origin === url.origin && (target.pathname + '/').startsWith(folder);
    if (!isBelow || hasHiddenStep(target.pathname)) {
      throw new ToolError(`only addresses below ${place} may be asked; give a path, such as items/1`);
    }
  }

  return {
    url,
    resolve(text) {
      const isWhole = /^[a-z][a-z\d+.-]*:/i.test(text);
      const target = parseUrl(isWhole ? text : place + text.replace(/^[/\\]+/, ''));
      for (const [name, value] of url.searchParams) target.searchParams.set(name, value);
      check(target);
      return target;
    },
    check,
  };
}

function parseSetting(setting: string): URL {
  try {
    return parseUrl(setting);
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    throw new UsageError(`base_url: ${error.message}`, { cause: error });
  }
}

/** Steps upwards that a server may see after it has decoded the path, once or more often. */
function hasHiddenStep(path: string): boolean {
  let decoded = path;
  for (let before = ''; before !== decoded;) {
    before = decoded;
    decoded = decoded.replaceAll(/%(2e|2f|5c|25)/gi, (_, code: string) =>
      String.fromCharCode(Number.parseInt(code, 16)),
    );
  }
  return decoded.split(/[/\\]/).some((step) => /^\.\.?(?:;.*)?$/.test(step));
}
