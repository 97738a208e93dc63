import { API_BASE } from '#libs/common';

/** Existing clients call the same routes by this name. */
const OTHER_BASE = '/api/v1/clusters';

/** Whether the path of a request target is percent-encoded UTF-8. */
export function isDecodable(target: string): boolean {
  try {
    decodeURIComponent(pathOf(target));
    return true;
  } catch {
    return false;
  }
}

/**
 * The target that is routed: the routes under the other base path are those under the first, and a path that cannot be
 * decoded goes where unknown ones go, behind the guard, instead of being refused before it. A target with an origin
 * (RFC 9112, section 3.2.2) is its path; `*` goes where unknown ones go.
 */
export function routedTarget(target: string): string {
  const local = target.replace(/^https?:\/\/[^/?#]*/i, '');
  const path = pathOf(local);
  const rooted = path.startsWith('/') ? path : `/${path}`;
  const isOther = rooted === OTHER_BASE || rooted.startsWith(`${OTHER_BASE}/`);
  const based = isOther ? API_BASE + rooted.slice(OTHER_BASE.length) : rooted;
  const routable = isDecodable(local) ? based : based.replaceAll('%', '%25');
  return routable + local.slice(path.length);
}

function pathOf(target: string): string {
  return target.split('?', 1)[0] ?? '';
}
