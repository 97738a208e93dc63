import { BlockList, isIP } from 'node:net';
import type { ExposureConfiguration } from '#libs/common';

/**
 * Whether an address is a proxy's that is believed when it says whom it asks for.
 * @param hop how many proxies there are between it and this server: 0 is who has connected
 */
export type ProxyTrust = (address: string | undefined, hop: number) => boolean;

/** As Fastify wants it; null where nobody is believed. */
export function proxyTrust(trusted: ExposureConfiguration['trustProxy']): ProxyTrust | null {
  if (trusted === undefined) return null;
  if (typeof trusted === 'number') return (_address, hop) => hop < trusted;
  const list = new BlockList();
  for (const each of trusted) {
    const [address = '', bits] = each.split('/');
    const family = familyOf(address);
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return (address) => address !== undefined && isIP(address) !== 0 && list.check(address, familyOf(address));
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}
