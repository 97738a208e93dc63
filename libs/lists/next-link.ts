import { decodePairs } from '#libs/common';

/**
 * The header `Link` for the next page (RFC 8288): the request's own target with another cursor, as a path, which holds
 * behind any proxy.
 * @param target as it was requested
 */
export function nextLink(target: string, cursor: string): string {
  const local = target.replace(/^https?:\/\/[^/?#]*/i, '');
  const [path = '', query = ''] = local.split(/\?(.*)/s, 2);
  const kept = decodePairs(query).filter(([name]) => name !== 'after');
  const parameters = [...kept, ['after', cursor]].map((pair) => pair.map(encodeURIComponent).join('='));
  return `<${path}?${parameters.join('&')}>; rel="next"`;
}
