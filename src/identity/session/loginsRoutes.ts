/** My logins: see them, end them. The wire calls them sessions. */
import { z } from 'zod';
import { identityOf, route, type Route } from '../../platform/http/route.ts';
import { pageOf, pageQuery, rowIdText } from '../../platform/shapes.ts';
import { endLogin, endOtherLogins, listLogins, type LoginsServices } from './logins.ts';
import { endedShape, sessionShape } from '../messages.ts';
import type { Session } from './sessionStore.ts';

export function loginsRoutes(services: LoginsServices): Route[] {
  return [
    route({
      method: 'post',
      path: '/auth/logout',
      access: 'user',
      summary: 'End this login; its sockets are closed with code 4401',
      refusals: ['NOT_FOUND'],
      data: endedShape,
      handle: async (input) => ({ data: { ended: await endLogin(services, identityOf(input), 'logout') } }),
    }),
    route({
      method: 'get',
      path: '/auth/sessions',
      access: 'user',
      summary: 'My logins, newest first',
      query: z.strictObject(pageQuery),
      data: pageOf(sessionShape),
      handle: async (input) => {
        const { userId, sessionId } = identityOf(input);
        const { page, limit } = input.query;
        const { items, ...shown } = await listLogins(services, { userId, page, limit });
        return { data: { items: items.map((login) => toWire(login, sessionId)), ...shown } };
      },
    }),
    route({
      method: 'delete',
      path: '/auth/sessions/:id',
      access: 'user',
      summary: 'End one of my logins',
      refusals: ['NOT_FOUND'],
      params: z.strictObject({ id: rowIdText }),
      data: endedShape,
      handle: async (input) => {
        const own = { userId: identityOf(input).userId, sessionId: input.params.id };
        return { data: { ended: await endLogin(services, own, 'ended') } };
      },
    }),
    route({
      method: 'delete',
      path: '/auth/sessions',
      access: 'user',
      summary: 'End all of my logins but this one',
      data: endedShape,
      handle: async (input) => ({ data: { ended: await endOtherLogins(services, identityOf(input)) } }),
    }),
  ];
}

function toWire(login: Session, currentId: number) {
  return {
    session_id: login.session_id,
    device_id: login.device_id,
    ip: login.ip,
    user_agent: login.user_agent,
    created_at: login.created_at.toISOString(),
    refreshed_at: login.refreshed_at?.toISOString() ?? null,
    expires_at: login.expires_at.toISOString(),
    is_current: login.session_id === currentId,
  };
}
