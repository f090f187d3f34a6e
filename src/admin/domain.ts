import type { AccessControl } from '../identity/access/accessControl.ts';
import type { IdentityConfig } from '../identity/settings.ts';
import type { Domain, Platform } from '../platform/domain.ts';
import { MonitorSessions } from './monitorSessions.ts';
import { adminRoutes } from './routes.ts';

interface Needs extends Platform {
  config: Pick<IdentityConfig, 'jwtSecret' | 'accessTokenSeconds'>;
  access: AccessControl;
}

/** What those who run the place do, and the log of it. */
export const admin = {
  open({ database, clock, access, config: { jwtSecret: secret, accessTokenSeconds } }: Needs) {
    return { monitor: new MonitorSessions({ database, clock, access, secret, accessTokenSeconds }) };
  },
  routes: adminRoutes,
} satisfies Domain;
