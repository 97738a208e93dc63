import { proxyTrust } from './trusted-proxies.js';

describe('proxyTrust', () => {
  it('believes nobody unless told', () => {
    expect(proxyTrust(undefined)).toBeNull();
  });

  it.each([
    ['10.0.0.5', true],
    ['::ffff:10.0.0.5', true],
    ['10.1.200.3', true],
    ['fd00::9', true],
    ['10.0.0.6', false],
    ['10.2.0.1', false],
    ['fe80::1', false],
    ['unknown', false],
    ['10.0.0.5:1234', false],
    ['', false],
    [undefined, false],
  ])('holds %s against addresses and CIDRs', (address, isTrusted) => {
    expect(proxyTrust(['10.0.0.5', '10.1.0.0/16', 'fd00::/8'])?.(address, 0)).toBe(isTrusted);
  });

  it('counts proxies from the server on', () => {
    const trust = proxyTrust(2);
    expect([0, 1, 2].map((hop) => trust?.('192.0.2.1', hop))).toEqual([true, true, false]);
  });
});
