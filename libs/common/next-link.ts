import { decodePairs } from './url-encoding.js';

/**
 * The header `Link` for the next page (RFC 8288): the request's own target with another cursor, as a path, which holds
 * behind any proxy.
 * @param target as it was requested
 * @param parameter the one that takes a cursor
 */
export function nextLink(target: string, cursor: string, parameter = 'after'): string {
  const local = target.replace(/^https?:\/\/[^/?#]*/i, '');
  const [path = '', query = ''] = local.split(/\?(.*)/s, 2);
  const kept = query.split('&').filter((pair) => pair !== '' && decodePairs(pair)[0]?.[0] !== parameter);
  return `<${quoted(path)}?${[...kept.map(quoted), `${parameter}=${cursor}`].join('&')}>; rel="next"`;
}

/** Clients send what no URI may hold (RFC 3986, appendix A), one character a byte. */
function quoted(text: string): string {
  return text.replace(
    /[^!#-;=?-[\]_a-z~]/g,
    (character) => `%${character.charCodeAt(0).toString(16).padStart(2, '0').toUpperCase()}`,
  );
}
