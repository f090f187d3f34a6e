import { z } from 'zod';
import type { LiveConfiguration } from '../configuration/liveConfiguration.ts';
import { BoundedReads } from '../platform/boundedReads.ts';
import type { Clock } from '../platform/clock.ts';
import { briefly } from '../platform/cluster/briefly.ts';
import type { Database } from '../platform/database/transaction.ts';
import { AppError } from '../platform/errors.ts';
import { identityOf, route, type Route } from '../platform/http/route.ts';
import { LIMITS } from '../platform/limits.ts';
import type { Logger } from '../platform/logger.ts';
import { blockRoutes } from './blockRoutes.ts';
import { listConversations, mute, openGroup, openPrivate } from './conversations.ts';
import { readMessages } from './history.ts';
import { listMembers } from './members.ts';
import { findConversation, requireMember } from './membership.ts';
import {
  addMembersBody,
  conversationMemberShape,
  conversationPath,
  conversationShape,
  createConversationBody,
  createdConversationShape,
  memberPath,
  messagesQuery,
  messagesShape,
  muteBody,
  mutedShape,
  type CreateConversation,
} from './messages.ts';
import { groupRoutes } from './moderation/groupRoutes.ts';
import { requireRestaurant } from '../restaurants/openingHours.ts';
import { moderatorRoutes } from './moderation/moderatorRoutes.ts';
import { reportRoutes } from './moderation/reportRoutes.ts';
import type { ConversationOwners } from './ownerCalls.ts';
import type { Assigner } from './service/assigner.ts';
import { openService } from './service/openService.ts';
import { findLast } from './service/queue.ts';
import type { Words } from '../words/words.ts';
import { searchMessages, type Found } from './search/searchMessages.ts';

export interface ChatRoutesServices {
  database: Database;
  clock: Clock;
  logger: Logger;
  conversations: ConversationOwners;
  assigner: Pick<Assigner, 'assign'>;
  words: Pick<Words, 'mask'>;
  configuration: Pick<LiveConfiguration, 'now'>;
}

export function chatRoutes(services: ChatRoutesServices): Route[] {
  return [
    ...conversationRoutes(services),
    messagesRoute(services),
    ...memberRoutes(services),
    ...blockRoutes(services),
    ...groupRoutes(services),
    ...reportRoutes(services),
    ...moderatorRoutes(services),
  ];
}

function conversationRoutes(services: ChatRoutesServices): Route[] {
  const { database, clock, words, configuration } = services;
  return [
    route({
      method: 'get',
      path: '/chat/conversations',
      access: 'user',
      summary: 'My conversations, the liveliest first, with what I have not read of each',
      data: z.object({ items: z.array(conversationShape), unread_total: z.int() }),
      handle: async (input) => {
        const items = await listConversations(database, identityOf(input).userId);
        return { data: { items, unread_total: items.reduce((sum, { unread }) => sum + unread, 0) } };
      },
    }),
    route({
      method: 'post',
      path: '/chat/conversations',
      access: 'user',
      summary: 'Talk to somebody, which two people do in one conversation, found a group, or ask for service',
      refusals: ['NOT_FOUND'],
      body: createConversationBody,
      data: createdConversationShape,
      handle: async (input) => {
        const { body } = input;
        const { userId } = identityOf(input);
        if (body.type === 'service') return { data: await askForService(services, userId, body) };
        const nowMs = clock.nowMs();
        const { slow_mode_s: slowModeS } = configuration.now().chat;
        const called = body.type === 'group' ? words.mask(body.name, 'name') : '';
        const { conversation_id, type, name } = await database.retryingTransaction((tx) =>
          body.type === 'private'
            ? openPrivate(tx, { userId, otherId: body.user_id }, nowMs)
            : openGroup(tx, { userId, name: called, memberIds: body.member_ids, slowModeS }, nowMs),
        );
        return { data: { conversation_id, type, name } };
      },
    }),
    route({
      method: 'put',
      path: '/chat/conversations/:id/mute',
      access: 'user',
      summary: 'Be told of its new messages, or not',
      params: conversationPath,
      body: muteBody,
      data: mutedShape,
      handle: async (input) => {
        const { id: conversationId } = input.params;
        const { muted } = input.body;
        const { userId } = identityOf(input);
        await requireMember(database, conversationId, userId);
        await database.retryingTransaction((tx) => mute(tx, { conversationId, userId, isMuted: muted }));
        return { data: { conversation_id: conversationId, muted } };
      },
    }),
  ];
}

/** Whoever is on line is given it before this is answered, if that is quick. */
async function askForService(
  { database, clock, conversations, assigner }: ChatRoutesServices,
  userId: number,
  body: Extract<CreateConversation, { type: 'service' }>,
) {
  const manager = database.currentReader;
  const restaurantId = body.restaurant_id ?? null;
  if (restaurantId !== null) await requireRestaurant(manager, restaurantId);
  const asked = { userId, topic: body.topic, restaurantId };
  const conversationId = await openService({ database, clock, conversations }, asked);
  await briefly(assigner.assign(), undefined);
  const { name, type } = await findConversation({ manager }, conversationId);
  const { status } = (await findLast(manager, conversationId))!;
  return { conversation_id: conversationId, type, name, session_id: conversationId, status };
}

function messagesRoute({ database }: ChatRoutesServices): Route {
  const searches = new BoundedReads<Found>({ atOnce: LIMITS.searches, waiting: LIMITS.waitingSearches });
  return route({
    method: 'get',
    path: '/chat/conversations/:id/messages',
    access: 'user',
    summary:
      'Messages in the order of their numbers: those before one, after one, or the newest; of a search the newest that it finds',
    params: conversationPath,
    query: messagesQuery,
    data: messagesShape,
    handle: async (input) => {
      const { id: conversationId } = input.params;
      await requireMember(database, conversationId, identityOf(input).userId);
      const { before_seq: beforeSeq, after_seq: afterSeq, limit, q: text } = input.query;
      const reader = database.currentReader;
      if (text === undefined)
        return {
          data: { items: await readMessages(reader, { conversationId, beforeSeq, afterSeq, limit }) },
        };
      if (afterSeq !== undefined) throw searchesBack();
      const search = { conversationId, text, beforeSeq, limit };
      const found = await searches.read(JSON.stringify(search), () => searchMessages(reader, search));
      return { data: { items: found.items, next_before_seq: found.nextBeforeSeq } };
    },
  });
}

function searchesBack(): AppError {
  return new AppError('VALIDATION_FAILED', {
    details: [{ path: 'after_seq', message: 'a search looks back: give before_seq' }],
  });
}

function memberRoutes({ database, clock, conversations }: ChatRoutesServices): Route[] {
  const changed = z.object({ conversation_id: z.int(), changed: z.boolean() });
  return [
    route({
      method: 'get',
      path: '/chat/conversations/:id/members',
      access: 'user',
      summary: 'Who is in a group, or in another conversation that not everybody may be in',
      refusals: ['CONFLICT'],
      params: conversationPath,
      data: z.object({ items: z.array(conversationMemberShape) }),
      handle: async (input) => {
        const asked = { conversationId: input.params.id, userId: identityOf(input).userId };
        return { data: { items: await listMembers(database, asked, clock.nowMs()) } };
      },
    }),
    route({
      method: 'post',
      path: '/chat/conversations/:id/members',
      access: 'user',
      summary: 'Bring people into a group',
      refusals: ['NOT_FOUND', 'CONFLICT', 'MOVED'],
      params: conversationPath,
      body: addMembersBody,
      data: changed,
      handle: async (input) => {
        const { id } = input.params;
        const { userId } = identityOf(input);
        await requireMember(database, id, userId);
        await conversations.changeMembers(id, { userId, add: input.body.user_ids, remove: [] });
        return { data: { conversation_id: id, changed: true } };
      },
    }),
    route({
      method: 'delete',
      path: '/chat/conversations/:id/members/:user_id',
      access: 'user',
      summary: 'Leave a group, or put somebody out of it whom one is above',
      refusals: ['CONFLICT', 'MOVED'],
      params: memberPath,
      data: changed,
      handle: async (input) => {
        const { id, user_id: removed } = input.params;
        const { userId } = identityOf(input);
        await requireMember(database, id, userId);
        await conversations.changeMembers(id, { userId, add: [], remove: [removed] });
        return { data: { conversation_id: id, changed: true } };
      },
    }),
  ];
}
