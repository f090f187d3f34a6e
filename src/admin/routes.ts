import type { AccessServices } from '../identity/access/accessChange.ts';
import type { Route } from '../platform/http/route.ts';
import { allowListRoutes } from './allowListRoutes.ts';
import type { Dashboard } from './dashboard/dashboard.ts';
import { dashboardRoutes } from './dashboard/dashboardRoutes.ts';
import { logRoutes } from './logRoutes.ts';
import { apiKeyRoutes } from './apiKeyRoutes.ts';
import { monitorRoutes } from './monitorRoutes.ts';
import type { MonitorSessions } from './monitorSessions.ts';
import { roleRoutes } from './roleRoutes.ts';
import { userRoutes } from './userRoutes.ts';

export interface AdminRoutesServices extends AccessServices {
  monitor: MonitorSessions;
  dashboard: Dashboard;
}

/** What no domain has of itself: people's roles, the log, networks, keys and the monitor. */
export function adminRoutes(services: AdminRoutesServices): Route[] {
  return [
    ...dashboardRoutes(services),
    ...userRoutes(services),
    ...roleRoutes(services),
    ...logRoutes(services),
    ...allowListRoutes(services),
    ...apiKeyRoutes(services),
    ...monitorRoutes(services.monitor),
  ];
}
