import { UsageError } from '../../errors.js';
import { ToolError } from '../tool-error.js';

/**
 * Gives the check that an address is one of these hosts (`*.example.com`: any below it); without them any is. What it
 * throws is ToolError; throws UsageError itself for what is no host.
 */
export function allowHosts(domains: readonly string[] | undefined): (url: URL) => void {
  if (!domains) return () => undefined;
  const patterns = domains.map(toPattern);
  return ({ hostname }) => {
    const host = hostname.replace(/\.$/, '');
    const isAllowed = patterns.some((pattern) =>
      pattern.startsWith('*.') ? host.endsWith(pattern.slice(1)) : host === pattern,
    );
    if (!isAllowed) throw new ToolError(`${host} may not be asked; only these hosts may: ${domains.join(', ')}`);
  };
}

/** The host as URLs have it: in lower case and ASCII. */
function toPattern(domain: string): string {
  const [, wildcard = '', name = ''] = /^(\*\.)?(.*)$/s.exec(domain) ?? [];
  const url = /^[^\s/?#@:*\\]+$|^\[[\da-f:.]+\]$/i.test(name) ? `http://${name}/` : '';
  if (!URL.canParse(url)) {
    throw new UsageError(`domains: ${domain} is no host`, {
      hint: 'write hosts alone, such as example.com or *.example.com, without https:// and path',
    });
  }
  return wildcard + new URL(url).hostname.replace(/\.$/, '');
}
