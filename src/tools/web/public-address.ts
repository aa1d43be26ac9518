import ipaddr from 'ipaddr.js';

/** Addresses in public ranges that only mean something inside a cloud: Azure's server of metadata and keys. */
const INNER_ADDRESSES: ReadonlySet<string> = new Set(['168.63.129.16']);

/** All of IPv6 that is routed on the internet (https://www.iana.org/assignments/ipv6-address-space). */
const GLOBAL_IPV6: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse('2000::'), 3];
/** Where gateways put the IPv4 addresses of the internet for machines that have IPv6 only (RFC 6052). */
const NAT64: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse('64:ff9b::'), 96];

/**
 * Whether an IP address belongs to one machine of the public internet: not to this machine, a private network, a link, a
 * cloud's metadata, a group of machines, or a range that is set apart. False for what is no address.
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.parse(address);
  if (parsed.kind() === 'ipv4') return isPublicIpv4(parsed as ipaddr.IPv4);
  const ipv6 = parsed as ipaddr.IPv6;
  // The two ways to write an IPv4 address that are taken as such.
  if (ipv6.isIPv4MappedAddress() || ipv6.match(NAT64)) {
    return isPublicIpv4(new ipaddr.IPv4(ipv6.toByteArray().slice(12)));
  }
  return ipv6.zoneId === undefined && ipv6.range() === 'unicast' && ipv6.match(GLOBAL_IPV6);
}

function isPublicIpv4(address: ipaddr.IPv4): boolean {
  return address.range() === 'unicast' && !INNER_ADDRESSES.has(address.toString());
}
