import { clientNetwork } from './client-network.js';

describe('clientNetwork', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['::FFFF:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::1', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002::', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:db8:0:0:1::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['::', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['64:ff9b::192.0.2.7', '64:ff9b:0:0::/64'],
    ['1:2:3:4:5:6:192.0.2.7', '1:2:3:4::/64'],
    ['1::5:6:192.0.2.7', '1:0:0:0::/64'],
    ['1:2::5:6:7:192.0.2.7', '1:2:0:5::/64'],
  ])('counts %s as %s', (address, network) => {
    expect(clientNetwork(address)).toBe(network);
  });

  it('takes whatever a proxy writes, shortened', () => {
    expect(clientNetwork('unknown')).toBe('unknown');
    expect(clientNetwork('a:b')).toBe('a:b');
    expect(clientNetwork('x'.repeat(10_000))).toHaveLength(45);
    expect(clientNetwork(':'.repeat(10_000))).toHaveLength(45);
  });

  it('takes a connection that has gone', () => {
    expect(clientNetwork(undefined)).toBe('');
  });
});
