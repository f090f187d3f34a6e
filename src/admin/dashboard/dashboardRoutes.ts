import { route, type Route } from '../../platform/http/route.ts';
import type { Dashboard } from './dashboard.ts';
import { dashboardShape } from './messages.ts';

export function dashboardRoutes({ dashboard }: { dashboard: Dashboard }): Route[] {
  return [
    route({
      method: 'get',
      path: '/admin/dashboard',
      access: 'statistics:read',
      summary:
        'The business day so far and what is usual, draws of the last hour, what waits, and the campaigns that run',
      data: dashboardShape,
      handle: async () => ({ data: await dashboard.read() }),
    }),
  ];
}
