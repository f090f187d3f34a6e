import type { AccessControl } from '../identity/access/accessControl.ts';
import type { IdentityConfig } from '../identity/settings.ts';
import type { Domain, Platform } from '../platform/domain.ts';
import type { Calendar } from '../lottery/statistics/calendar.ts';
import type { ExportedList } from '../platform/exportedList.ts';
import { Dashboard } from './dashboard/dashboard.ts';
import { MonitorSessions } from './monitorSessions.ts';
import { recordExport } from './recordExport.ts';
import { adminRoutes } from './routes.ts';

interface Needs extends Platform {
  config: Pick<IdentityConfig, 'jwtSecret' | 'accessTokenSeconds'>;
  access: AccessControl;
  figures: { calendar: Calendar };
}

/** What those who run the place do, and the log of it. */
export const admin = {
  open({ database, clock, access, figures, config: { jwtSecret: secret, accessTokenSeconds } }: Needs) {
    const { calendar } = figures;
    return {
      monitor: new MonitorSessions({ database, clock, access, secret, accessTokenSeconds }),
      dashboard: new Dashboard({ database, clock, calendar }),
      recordExport: (exported: ExportedList) => recordExport({ database, clock }, exported),
    };
  },
  routes: adminRoutes,
} satisfies Domain;
