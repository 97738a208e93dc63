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
 * decoded goes where unknown ones go, behind the guard, instead of being refused before it.
 */
export function routedTarget(target: string): string {
  const path = pathOf(target);
  const isOther = path === OTHER_BASE || path.startsWith(`${OTHER_BASE}/`);
  const based = isOther ? API_BASE + path.slice(OTHER_BASE.length) : path;
  const routable = isDecodable(target) ? based : based.replaceAll('%', '%25');
  return routable + target.slice(path.length);
}

function pathOf(target: string): string {
  return target.split('?', 1)[0] ?? '';
}
