import { MONITOR } from '../platform/http/cookies.ts';
import { actorOf, identityOf, route, type Route } from '../platform/http/route.ts';
import { monitorSessionShape } from './messages.ts';
import type { MonitorSessions } from './monitorSessions.ts';

export function monitorRoutes(sessions: MonitorSessions): Route[] {
  return [
    route({
      method: 'post',
      path: '/admin/monitor/session',
      access: 'monitor:use',
      summary: 'Open the room monitor in this browser for a quarter of an hour, by a cookie',
      setsCookie: true,
      data: monitorSessionShape,
      handle: async (input) => {
        const token = await sessions.open(identityOf(input), actorOf(input));
        const seconds = sessions.lifetimeSeconds;
        return {
          data: { url: `${MONITOR.path}/`, expires_in: seconds },
          cookie: { name: MONITOR.cookie, value: token, path: MONITOR.path, seconds },
        };
      },
    }),
  ];
}
