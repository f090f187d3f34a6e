import type { IncomingMessage } from 'node:http';
import { API_ROOT, type Route } from './route.ts';

/** Whoever is refused these loses their login, or is counted as if they still had one. */
const KEPT = /^\/auth\/(refresh|logout)(\?|$)/;

/**
 * What an overloaded node may refuse (shedding.ts): seats, and calls of the API that anybody or any user may make. What asks for a
 * permission is of staff and machines, who are few and have people standing before them.
 */
export function sheddableOf(
  routes: readonly Pick<Route, 'path' | 'access'>[],
): (request: IncomingMessage) => boolean {
  const privileged = routes.filter(({ access }) => access !== 'public' && access !== 'user');
  const paths = privileged.map(({ path }) => path.replaceAll(/:\w+/g, '[^/?]+'));
  const isPrivileged = new RegExp(`^(${['/admin/.*', ...paths].join('|')})(\\?|$)`, 'i');
  return ({ url = '' }) => {
    if (/^\/matchmake(\/|$)/i.test(url)) return true;
    if (!url.toLowerCase().startsWith(`${API_ROOT}/`)) return false;
    const path = url.slice(API_ROOT.length);
    return !KEPT.test(path) && !isPrivileged.test(path);
  };
}
