import { describe, expect, it } from 'vitest';
import { isPublicAddress } from '../../../src/tools/web/public-address.js';

describe('an address', () => {
  it.each([
    '8.8.8.8',
    '1.1.1.1',
    '172.15.0.1',
    '172.32.0.1',
    '2606:4700:4700::1111',
    '::ffff:8.8.8.8',
    '64:ff9b::808:808',
  ])('is public: %s', (address) => expect(isPublicAddress(address)).toBe(true));

  it.each([
    ['this machine', '127.0.0.1', '127.255.255.254', '0.0.0.0', '0.1.2.3', '::1', '::'],
    [
      'private networks',
      '10.0.0.1',
      '172.16.0.1',
      '172.31.255.255',
      '192.168.1.1',
      '100.64.0.1',
      'fc00::1',
      'fd00:ec2::254',
    ],
    [
      'links and metadata',
      '169.254.169.254',
      '169.254.170.2',
      'fe80::1',
      'fe80::1%eth0',
      '100.100.100.200',
      '192.0.0.192',
      '168.63.129.16',
    ],
    ['many machines', '224.0.0.1', '239.1.1.1', '255.255.255.255', 'ff02::1'],
    [
      'set apart',
      '192.0.2.1',
      '198.18.0.1',
      '198.51.100.1',
      '203.0.113.1',
      '240.0.0.1',
      '2001:db8::1',
      '100::1',
      '5f00::1',
      'fec0::1',
    ],
    [
      'IPv4 in IPv6',
      '::ffff:127.0.0.1',
      '::ffff:7f00:1',
      '::127.0.0.1',
      '64:ff9b::7f00:1',
      '64:ff9b::a9fe:a9fe',
      '64:ff9b:1::808:808',
      '::ffff:0:127.0.0.1',
      '2002:7f00:1::',
      '2001:0:7f00:1::',
    ],
    ['no address', 'localhost', '', '1.2.3.4.5', '127.0.0.1 '],
  ])('is not: %s', (_name, ...addresses) => {
    expect(addresses.filter(isPublicAddress)).toEqual([]);
  });
});
