/** A whole server with the people who administer it logged in. */
import assert from 'node:assert/strict';
import type { Role } from '../../entities/identity/User.ts';
import { settled } from '../platform/events/relays.ts';
import type { Answer, Call, Login } from '../support/server.ts';
import { openVenue, type Venue } from '../support/venue.ts';
import type { StartOptions } from '../support/server.ts';

export interface Administration {
  venue: Venue;
  superAdmin: Login;
  admin: Login;
  staff: Login;
  diner: Login;
  /** A new number, registered, logged in and given a role. */
  recruit(role?: Role): Promise<Login & { mobile: string }>;
  /** Calls as somebody, by default the super admin. */
  call(method: string, path: string, body?: unknown, by?: Login, extra?: Call): Promise<Answer<any>>;
  /** Newest first. */
  audits(): Promise<AuditRow[]>;
}

export interface AuditRow {
  action: string;
  actor_id: number;
  target_type: string;
  target_id: string;
  before: any;
  after: any;
  ip: string;
  request_id: string;
}

let nextMobile = 15_200_000_000;

export async function openAdministration(url: string, options?: StartOptions): Promise<Administration> {
  const venue = await openVenue(url, options);
  const superAdmin = await venue.login('13800000000');
  const call: Administration['call'] = (method, path, body, by = superAdmin, extra = {}) =>
    venue.api(method, path, { token: by.token, ...(body === undefined ? {} : { body }), ...extra });
  const admin = await venue.login('13800000001');
  const staff = await venue.login('13800000002');
  const diner = await venue.login('13900000001');
  // What comes of logging in has come, the points of the first time as well.
  await settled(venue.context.database);
  return {
    venue,
    superAdmin,
    admin,
    staff,
    diner,
    call,
    recruit: async (role = 'user') => {
      const mobile = String(nextMobile++);
      const login = await venue.login(mobile);
      if (role !== 'user') {
        const { code } = await call('POST', `/admin/users/${login.userId}/role`, {
          role,
          reason: 'recruited',
        });
        assert.equal(code, 'OK');
      }
      await settled(venue.context.database);
      return { ...login, mobile };
    },
    audits: async () => {
      const { data } = await call('GET', '/admin/audit-logs?limit=100');
      return data.items as AuditRow[];
    },
  };
}
