/** Who of those who work here is there now. */
import type { z } from 'zod';
import { listAgents } from '../chat/service/readSessions.ts';
import type { AccessControl } from '../identity/access/accessControl.ts';
import { nobody, readPublicPeople } from '../identity/people/publicPeople.ts';
import type { Clock } from '../platform/clock.ts';
import type { Database } from '../platform/database/transaction.ts';
import { route, type Route } from '../platform/http/route.ts';
import { toWireTime } from '../platform/shapes.ts';
import { onlineShape } from './messages.ts';
import type { Nodes } from './nodes.ts';

export interface OnlineServices {
  database: Database;
  clock: Clock;
  access: Pick<AccessControl, 'roleOf'>;
  nodes: Pick<Nodes, 'list' | 'alone'>;
}

export function onlineRoute(services: OnlineServices): Route {
  return route({
    method: 'get',
    path: '/admin/online',
    access: 'system:read',
    summary: 'Who of the staff is there: in a room on some node, or on line for diners who ask for help',
    data: onlineShape,
    handle: async () => ({
      data: { items: await readOnline(services), now: toWireTime(services.clock.nowMs()) },
    }),
  });
}

type Online = z.output<typeof onlineShape>['items'][number];

/** In the order of their ids. While Redis is away, those of this node. */
async function readOnline({ database, access, nodes }: OnlineServices): Promise<Online[]> {
  const manager = database.currentReader;
  const listed = await nodes.list().catch(() => nodes.alone());
  const seats = new Map<number, number>();
  for (const id of listed.flatMap(({ told }) => told?.staff ?? [])) seats.set(id, (seats.get(id) ?? 0) + 1);
  const agents = new Map((await listAgents(manager)).map((agent) => [agent.user_id, agent]));
  const serving = [...agents.values()].filter(({ status }) => status === 'online');
  const ids = [...new Set([...seats.keys(), ...serving.map(({ user_id: id }) => id)])].sort((a, b) => a - b);
  const people = await readPublicPeople(manager, ids);
  return ids.flatMap((user_id) => {
    const role = access.roleOf(user_id);
    // Who was let go a moment ago may still be told of.
    if (role === 'user') return [];
    const { nickname } = people.get(user_id) ?? nobody(user_id);
    const agent = agents.get(user_id);
    const serves =
      agent === undefined
        ? null
        : { status: agent.status, limit: agent.limit, open_sessions: agent.open_sessions };
    return [{ user_id, nickname, role, nodes: seats.get(user_id) ?? 0, agent: serves }];
  });
}
