import { isIP } from 'node:net';

const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/**
 * What an address is counted as: an IPv4 address as itself, also where it came mapped into IPv6; an IPv6 address as its /64, since
 * that is what a single machine has to itself (RFC 7934). A connection that has gone has none.
 */
export function clientNetwork(address: string | undefined): string {
  if (address === undefined) return '';
  if (!address.includes(':')) return address.slice(0, MOST_CHARACTERS);
  const [, mapped] = MAPPED.exec(address) ?? [];
  if (mapped !== undefined) return mapped;
  const [plain = ''] = address.split('%', 1);
  if (isIP(plain) !== 6) return address.slice(0, MOST_CHARACTERS);
  const [front = '', back] = plain.split('::');
  const first = front === '' ? [] : front.split(':');
  // What "::" stands for comes before the last groups; an address in dots at the end is two of them.
  const rest = back === undefined || back === '' ? [] : back.split(':');
  const restGroups = rest.length + (rest.at(-1)?.includes('.') === true ? 1 : 0);
  const zeros = back === undefined ? [] : Array<string>(Math.max(0, 8 - first.length - restGroups)).fill('0');
  const groups = [...first, ...zeros, ...rest].slice(0, 4);
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`;
}

/** A proxy may write anything where an address should be. */
const MOST_CHARACTERS = 45;
