import { z } from 'zod';
import type { LiveConfiguration } from '../../configuration/liveConfiguration.ts';
import type { AccessControl } from '../../identity/access/accessControl.ts';
import { apiKeyIdOf, type Actor, type Caller } from '../../platform/caller.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/database/transaction.ts';
import { AppError } from '../../platform/errors.ts';
import { actorOf, identityOf, route, type Route } from '../../platform/http/route.ts';
import type { ConversationOwners } from '../ownerCalls.ts';
import { requireMember } from '../membership.ts';
import { conversationPath } from '../messages.ts';
import { changeAgent } from './agents.ts';
import type { Attendance } from './attendance.ts';
import {
  agentBody,
  agentShape,
  ownSessionShape,
  ratedShape,
  ratingBody,
  sessionPath,
  sessionShape,
  sessionsQuery,
  transferBody,
} from './messages.ts';
import { readOwnSession } from './ownSession.ts';
import { rateSession } from './rateSession.ts';
import type { ServiceConfig } from './serviceTimes.ts';
import { listAgents, listSessions, readSession, toAgentViews } from './readSessions.ts';

export interface ServiceRoutesServices {
  database: Database;
  clock: Clock;
  access: Pick<AccessControl, 'can'>;
  conversations: ConversationOwners;
  attendance: Pick<Attendance, 'hear'>;
  config: { businessTimezone: string };
  configuration: Pick<LiveConfiguration, 'now'>;
}

/** As it is when a request begins. */
function timesNow({ config, configuration }: ServiceRoutesServices): ServiceConfig {
  return { ...configuration.now().service, businessTimezone: config.businessTimezone };
}

export function serviceRoutes(services: ServiceRoutesServices): Route[] {
  return [
    ...readingRoutes(services),
    agentRoute(services),
    ...sessionRoutes(services),
    ownRoute(services),
    ratingRoute(services),
  ];
}

function readingRoutes(services: ServiceRoutesServices): Route[] {
  const { database, clock, attendance } = services;
  return [
    route({
      method: 'get',
      path: '/admin/chat/sessions',
      access: 'chat:serve',
      list: { name: 'chat-sessions' },
      summary:
        'Service sessions of a state: those that wait in the order of the queue, others the newest first',
      query: sessionsQuery,
      data: z.object({ items: z.array(sessionShape), next: z.string().nullable() }),
      handle: async (input) => {
        const { userId } = identityOf(input);
        attendance.hear(userId);
        const by = { userId, config: timesNow(services), nowMs: clock.nowMs() };
        return { data: await listSessions(database.currentReader, input.query, by) };
      },
    }),
    route({
      method: 'get',
      path: '/admin/chat/agents',
      access: 'chat:serve',
      list: { name: 'chat-agents' },
      summary: 'Who serves diners, and how many sessions each has',
      data: z.object({ items: z.array(agentShape) }),
      handle: async (input) => {
        attendance.hear(identityOf(input).userId);
        return { data: { items: await listAgents(database.currentReader) } };
      },
    }),
  ];
}

function agentRoute({ database, clock, attendance }: ServiceRoutesServices): Route {
  return route({
    method: 'put',
    path: '/admin/chat/agent',
    access: 'chat:serve',
    summary: 'Go on line, and be given those who wait, or off line, and keep what I have',
    body: agentBody,
    data: agentShape,
    handle: async (input) => {
      const actor = agentOf(input);
      const change = { actor, isOnline: input.body.online, limit: input.body.limit };
      attendance.hear(actor.userId);
      const agent = await database.retryingTransaction((tx) => changeAgent(tx, change, clock.nowMs()));
      return { data: (await toAgentViews(database.currentReader, [agent]))[0]! };
    },
  });
}

function sessionRoutes(services: ServiceRoutesServices): Route[] {
  const { database, clock, access, conversations, attendance } = services;
  const shared = {
    method: 'post',
    access: 'chat:serve',
    params: sessionPath,
    data: sessionShape,
  } as const;
  const by = (input: Parameters<typeof actorOf>[0]) => {
    const actor = agentOf(input);
    attendance.hear(actor.userId);
    return { actor, isSupervisor: access.can(identityOf(input), 'chat:supervise') };
  };
  const read = async (id: number, config: ServiceConfig) => ({
    data: await readSession(database.currentReader, id, { config, nowMs: clock.nowMs() }),
  });
  const change = async (id: number, what: Parameters<ConversationOwners['changeSession']>[1]) => {
    const config = timesNow(services);
    // Of what is no session nothing is opened.
    await read(id, config);
    await conversations.changeSession(id, what);
    return read(id, config);
  };
  return [
    route({
      ...shared,
      path: '/admin/chat/sessions/:id/take',
      summary: 'Take a session that waits: one of many who try gets it',
      refusals: ['NOT_FOUND', 'CONFLICT', 'MOVED'],
      handle: async (input) => {
        const { actor } = by(input);
        return change(input.params.id, { kind: 'take', actor });
      },
    }),
    route({
      ...shared,
      path: '/admin/chat/sessions/:id/transfer',
      summary: 'Give my session to another agent who is on line, or back to the queue, and be out of it',
      refusals: ['NOT_FOUND', 'CONFLICT', 'MOVED'],
      body: transferBody,
      handle: (input) => {
        const { agent_id: toAgentId = null } = input.body;
        return change(input.params.id, { kind: 'transfer', ...by(input), toAgentId });
      },
    }),
    ...(['resolved', 'closed'] as const).map((as) =>
      route({
        ...shared,
        path: `/admin/chat/sessions/:id/${as === 'resolved' ? 'resolve' : 'close'}`,
        summary: as === 'resolved' ? 'End my session: the diner is helped' : 'End a session',
        refusals: ['NOT_FOUND', 'CONFLICT', 'MOVED'],
        handle: (input) => change(input.params.id, { kind: 'end', ...by(input), as }),
      }),
    ),
  ];
}

function ownRoute({ database }: ServiceRoutesServices): Route {
  return route({
    method: 'get',
    path: '/chat/conversations/:id/service',
    access: 'user',
    summary: 'How my session of service is: when it is my turn, who has it, and whether I may rate it',
    refusals: ['CONFLICT'],
    params: conversationPath,
    data: ownSessionShape,
    handle: async (input) => {
      const { id: conversationId } = input.params;
      await requireMember(database, conversationId, identityOf(input).userId);
      return { data: await readOwnSession(database.currentReader, conversationId) };
    },
  });
}

function ratingRoute({ database, clock }: ServiceRoutesServices): Route {
  return route({
    method: 'post',
    path: '/chat/conversations/:id/rating',
    access: 'user',
    summary: 'Say how I was served, once per session',
    refusals: ['CONFLICT'],
    params: conversationPath,
    body: ratingBody,
    data: ratedShape,
    handle: async (input) => {
      const { id: conversationId } = input.params;
      const { rating } = input.body;
      const { userId } = identityOf(input);
      await requireMember(database, conversationId, userId);
      const rated = { conversationId, userId, rating };
      await database.retryingTransaction((tx) => rateSession(tx, rated, clock.nowMs()));
      return { data: { conversation_id: conversationId, rating } };
    },
  });
}

/** Diners talk to people. @throws AppError FORBIDDEN for a machine */
function agentOf(input: Parameters<typeof actorOf>[0] & { identity: Caller | undefined }): Actor {
  const actor = actorOf(input);
  if (apiKeyIdOf(actor.userId) !== undefined) throw new AppError('FORBIDDEN');
  return actor;
}
