/** What requests cost, in units of about 0.4 ms of a core. Whatever is not named here costs one. */
const ROUTE_COSTS: Record<string, number> = {
  'POST /auth/code': 5,
  'POST /auth/login': 10,
  'POST /auth/refresh': 5,
  'GET /auth/export': 50,
  'DELETE /auth/me': 50,
  'POST /admin/import/members': 100,
  'GET /lottery/campaigns': 2,
  'GET /lottery/campaigns/:id': 3,
  'GET /lottery/campaigns/:id/fairness': 5,
  'GET /lottery/campaigns/:id/fairness-log': 25,
  'GET /lottery/campaigns/:id/fairness-export': 50,
  'GET /lottery/draws/:id/proof': 5,
  'GET /lottery/history': 5,
  'GET /lottery/statistics': 10,
  'GET /chat/conversations/:id/messages': 5,
  'GET /events': 5,
  'GET /events/stats': 25,
  'GET /events/stream': 25,
  'POST /admin/reviews/decide': 50,
  'GET /points/transactions': 5,
  'GET /points/statistics': 10,
  'GET /points/leaderboard': 5,
  'POST /analytics/behaviors': 3,
  'GET /analytics/realtime': 5,
  'GET /analytics/realtime/names': 5,
  'POST /images': 100,
  'GET /images/:key': 2,
};

/** Of a seat: the room is looked for, and may have to be opened. */
export const JOIN_COST = 5;
const BYTES_PER_UNIT = 64 * 1024;

/** What every request costs before it is known what becomes of it. */
export function arrivalCost(url: string): number {
  return /^\/matchmake\//i.test(url) ? JOIN_COST : 1;
}

/** How a load balancer asks whether this node can be used. */
export function isProbe(url: string): boolean {
  return /^\/(health|ready|__healthcheck)(\?|$)/i.test(url);
}

/** What is left to count of a call of a route, after its arrival. */
export function restOfCost({ method, path }: { method: string; path: string }): number {
  const list = path.startsWith('/admin/') && method === 'get' ? 5 : 1;
  return (ROUTE_COSTS[`${method.toUpperCase()} ${path}`] ?? list) - arrivalCost('');
}

/** What is left to count of an answer of so many bytes. */
export function restOfBytes(bytes: number): number {
  return Math.floor(bytes / BYTES_PER_UNIT);
}
