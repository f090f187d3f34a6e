import { z } from 'zod';
import { ChatMember } from '../../../entities/chat/ChatMember.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/database/transaction.ts';
import { AppError } from '../../platform/errors.ts';
import { identityOf, route, type Route } from '../../platform/http/route.ts';
import type { Logger } from '../../platform/logger.ts';
import type { Words } from '../../words/words.ts';
import { findConversation, requireMember } from '../membership.ts';
import { conversationPath, memberPath } from '../messages.ts';
import type { ConversationOwners } from '../ownerCalls.ts';
import { memberBody, memberShape, ownRestrictionShape, settingsBody, settingsShape } from './messages.ts';
import { listOwnRestrictions, readRestriction } from './restrictions.ts';

export interface GroupRoutesServices {
  database: Database;
  clock: Clock;
  conversations: ConversationOwners;
  words: Pick<Words, 'mask'>;
  logger: Pick<Logger, 'warn'>;
}

/** How the members of a group run it themselves, and what anybody learns of why they may not speak. */
export function groupRoutes({ database, clock, conversations, words }: GroupRoutesServices): Route[] {
  return [
    route({
      method: 'put',
      path: '/chat/conversations/:id',
      access: 'user',
      summary: 'Name a group, or slow it down: for its owner and its admins',
      refusals: ['CONFLICT', 'MOVED'],
      params: conversationPath,
      body: settingsBody,
      data: settingsShape,
      handle: async (input) => {
        const { id } = input.params;
        const { name: written, slow_mode_s: slowModeS } = input.body;
        const name = written === undefined ? undefined : words.mask(written, 'name');
        const { userId } = identityOf(input);
        await requireMember(database, id, userId);
        await conversations.changeSettings(id, { userId, settings: { name, slowModeS } });
        const conversation = await findConversation({ manager: database.currentReader }, id);
        const { slow_mode_s } = conversation;
        return { data: { conversation_id: id, name: conversation.name, slow_mode_s } };
      },
    }),
    route({
      method: 'put',
      path: '/chat/conversations/:id/members/:user_id',
      access: 'user',
      summary:
        'Give a member of a group a role, hand the group over, or silence whom one is above for a while',
      refusals: ['NOT_FOUND', 'CONFLICT', 'MOVED'],
      params: memberPath,
      body: memberBody,
      data: memberShape,
      handle: async (input) => {
        const { id, user_id: memberId } = input.params;
        const { role, muted_until: until, reason } = input.body;
        const { userId } = identityOf(input);
        await requireMember(database, id, userId);
        const mutedUntilMs = until == null ? until : Date.parse(until);
        await conversations.setMember(id, { userId, memberId, role, mutedUntilMs, reason });
        return { data: await readMember(id, memberId) };
      },
    }),
    route({
      method: 'get',
      path: '/chat/restrictions',
      access: 'user',
      summary: 'Where I may not speak, or be, until when and why',
      data: z.object({ items: z.array(ownRestrictionShape) }),
      handle: async (input) => {
        const { userId } = identityOf(input);
        return { data: { items: await listOwnRestrictions(database.currentReader, userId, clock.nowMs()) } };
      },
    }),
  ];

  async function readMember(conversationId: number, userId: number) {
    const which = { conversation_id: conversationId, user_id: userId };
    const manager = database.currentReader;
    const mute = { conversationId, userId, kind: 'mute' } as const;
    const [member, muted] = await Promise.all([
      manager.findOneBy(ChatMember, which),
      readRestriction(manager, mute, clock.nowMs()),
    ]);
    if (member === null) throw new AppError('NOT_FOUND');
    return { ...which, role: member.role, muted_until: muted?.until ?? null };
  }
}
