import { ChatMessage } from '../../../entities/chat/ChatMessage.ts';
import { longPageToWire } from '../../admin/longPage.ts';
import { AppError } from '../../platform/errors.ts';
import { actorOf, route, type Route } from '../../platform/http/route.ts';
import { longPageOf } from '../../platform/shapes.ts';
import { findConversation } from '../membership.ts';
import { conversationPath, memberPath } from '../messages.ts';
import type { GroupRoutesServices } from './groupRoutes.ts';
import {
  decisionBody,
  deleteBody,
  deletedShape,
  messagePath,
  moderatedMessageShape,
  reportDetailShape,
  reportPath,
  reportShape,
  reportsQuery,
  restrictedShape,
  restrictionBody,
  restrictionShape,
  restrictionsQuery,
  settingsShape,
  slowBody,
  userPath,
} from './messages.ts';
import type { Moderation } from './moderate.ts';
import {
  findReport,
  listReports,
  listRestrictions,
  lookAtMessage,
  lookAtReport,
  readReport,
} from './readReports.ts';
import { restrictInRestaurants } from './restrictInRestaurants.ts';
import { readRestriction, RESTAURANTS } from './restrictions.ts';

export function moderatorRoutes(services: GroupRoutesServices): Route[] {
  return [...messageRoutes(services), ...reportRoutes(services), ...restrictionRoutes(services)];
}

function messageRoutes({ database, clock, conversations }: GroupRoutesServices): Route[] {
  return [
    route({
      method: 'get',
      path: '/admin/chat/messages/:id',
      access: 'chat:moderate',
      summary:
        'A message as it was sent, also when it has been recalled or deleted; of two alone only once it was reported',
      refusals: ['NOT_FOUND'],
      params: messagePath,
      data: moderatedMessageShape,
      handle: async (input) => {
        const look = { actor: actorOf(input), messageId: input.params.id };
        return { data: await lookAtMessage(database, look, clock.nowMs()) };
      },
    }),
    route({
      method: 'delete',
      path: '/admin/chat/messages/:id',
      access: 'chat:moderate',
      summary: 'Take from a message what it says, for everybody and however old it is; its number stays',
      refusals: ['NOT_FOUND', 'CONFLICT', 'MOVED'],
      params: messagePath,
      body: deleteBody,
      data: deletedShape,
      handle: async (input) => {
        const { id: messageId } = input.params;
        const { conversation_id: id } = await findMessage(messageId);
        const action = { kind: 'delete', messageId } as const;
        await conversations.moderate(id, { actor: actorOf(input), reason: input.body.reason, action });
        const { recalled_at } = await findMessage(messageId);
        return { data: { message_id: messageId, recalled_at: recalled_at!.toISOString() } };
      },
    }),
  ];

  async function findMessage(messageId: number): Promise<ChatMessage> {
    const found = await database.currentReader.findOneBy(ChatMessage, { message_id: messageId });
    if (found === null) throw new AppError('NOT_FOUND');
    return found;
  }
}

function reportRoutes({ database, clock, conversations }: GroupRoutesServices): Route[] {
  return [
    route({
      method: 'get',
      path: '/admin/chat/reports',
      access: 'chat:moderate',
      list: { name: 'chat-reports' },
      summary: 'Reported messages, newest first',
      query: reportsQuery,
      data: longPageOf(reportShape),
      handle: async ({ query }) => ({
        data: longPageToWire(await listReports(database, query), (report) => report),
      }),
    }),
    route({
      method: 'get',
      path: '/admin/chat/reports/:id',
      access: 'chat:moderate',
      summary: 'A report, with what was said around the message',
      refusals: ['NOT_FOUND'],
      params: reportPath,
      data: reportDetailShape,
      handle: async (input) => {
        const look = { actor: actorOf(input), reportId: input.params.id };
        return { data: await lookAtReport(database, look, clock.nowMs()) };
      },
    }),
    route({
      method: 'post',
      path: '/admin/chat/reports/:id',
      access: 'chat:moderate',
      summary: 'Decide a report once, with all that are open of the same message, and do what was decided',
      refusals: ['NOT_FOUND', 'CONFLICT', 'MOVED'],
      params: reportPath,
      body: decisionBody,
      data: reportDetailShape,
      handle: async (input) => {
        const { id: reportId } = input.params;
        const { decision, reason } = input.body;
        const { conversation_id: id, message_id, sender_id } = await findReport(database, reportId);
        const action = actionOf({ ...input.body, messageId: message_id, userId: sender_id });
        const report = { reportId, decision };
        await conversations.moderate(id, { actor: actorOf(input), reason, action, report });
        return { data: await readReport(database, reportId) };
      },
    }),
  ];
}

interface Decision {
  decision: 'dismiss' | 'delete' | 'silence' | 'ban';
  until?: string;
  messageId: number;
  userId: number;
}

function actionOf({ decision, until, messageId, userId }: Decision): Moderation['action'] {
  if (decision === 'dismiss') return { kind: 'dismiss' };
  if (decision === 'delete') return { kind: 'delete', messageId };
  const endsMs = msOf(until);
  const ends = decision === 'ban' ? { bannedUntilMs: endsMs } : { silencedUntilMs: endsMs };
  return { kind: 'restrict', userId, ...ends };
}

/** Lifted, and left as it is, are what they were. */
function msOf(time: string | null | undefined): number | null | undefined {
  return time == null ? time : Date.parse(time);
}

function endsOf(ends: {
  silenced_until?: string | null | undefined;
  banned_until?: string | null | undefined;
}) {
  return { silencedUntilMs: msOf(ends.silenced_until), bannedUntilMs: msOf(ends.banned_until) };
}

function restrictionRoutes({ database, clock, conversations, logger }: GroupRoutesServices): Route[] {
  return [
    route({
      method: 'get',
      path: '/admin/chat/restrictions',
      access: 'chat:moderate',
      list: { name: 'chat-restrictions' },
      summary: 'Who is silenced or banned where, until when and why, those set last first',
      query: restrictionsQuery,
      data: longPageOf(restrictionShape),
      handle: async ({ query }) => {
        const { conversation_id: conversationId, user_id: userId, ...page } = query;
        const asked = { conversationId, userId, ...page };
        const found = await listRestrictions(database, asked, clock.nowMs());
        return { data: longPageToWire(found, (restriction) => restriction) };
      },
    }),
    route({
      method: 'put',
      path: '/admin/chat/conversations/:id',
      access: 'chat:moderate',
      summary: 'Slow a restaurant’s room or a group down, or let it be',
      refusals: ['NOT_FOUND', 'CONFLICT', 'MOVED'],
      params: conversationPath,
      body: slowBody,
      data: settingsShape,
      handle: async (input) => {
        const { id } = input.params;
        const { slow_mode_s: seconds, reason } = input.body;
        const action = { kind: 'slow', seconds } as const;
        const manager = database.currentReader;
        await findConversation({ manager }, id);
        await conversations.moderate(id, { actor: actorOf(input), reason, action });
        const { name, slow_mode_s } = await findConversation({ manager }, id);
        return { data: { conversation_id: id, name, slow_mode_s } };
      },
    }),
    route({
      method: 'put',
      path: '/admin/chat/conversations/:id/members/:user_id',
      access: 'chat:moderate',
      summary: 'Silence somebody in a conversation, or put them out and keep them out, until then',
      refusals: ['NOT_FOUND', 'CONFLICT', 'MOVED'],
      params: memberPath,
      body: restrictionBody,
      data: restrictedShape,
      handle: async (input) => {
        const { id, user_id: userId } = input.params;
        const { reason, ...ends } = input.body;
        await findConversation({ manager: database.currentReader }, id);
        const action = { kind: 'restrict', userId, ...endsOf(ends) } as const;
        await conversations.moderate(id, { actor: actorOf(input), reason, action });
        return { data: await readRestricted(id, userId) };
      },
    }),
    route({
      method: 'put',
      path: '/admin/chat/members/:user_id',
      access: 'chat:moderate',
      summary:
        'Silence somebody in the rooms of all restaurants, or put them out and keep them out, until then',
      refusals: ['NOT_FOUND'],
      params: userPath,
      body: restrictionBody,
      data: restrictedShape,
      handle: async (input) => {
        const { user_id: userId } = input.params;
        const { reason, ...ends } = input.body;
        const given = { actor: actorOf(input), userId, ...endsOf(ends), reason };
        await restrictInRestaurants({ database, conversations, logger }, given, clock.nowMs());
        return { data: { ...(await readRestricted(RESTAURANTS, userId)), conversation_id: null } };
      },
    }),
  ];

  async function readRestricted(conversationId: number, userId: number) {
    const manager = database.currentReader;
    const nowMs = clock.nowMs();
    const [silence, ban] = await Promise.all([
      readRestriction(manager, { conversationId, userId, kind: 'silence' }, nowMs),
      readRestriction(manager, { conversationId, userId, kind: 'ban' }, nowMs),
    ]);
    return {
      conversation_id: conversationId,
      user_id: userId,
      silenced_until: silence?.until ?? null,
      banned_until: ban?.until ?? null,
    };
  }
}
