/** What a conversation is called, and how fast people may speak in it (C-1, C-4). */
import { ChatConversation } from '../../../entities/chat/ChatConversation.ts';
import { ChatMember } from '../../../entities/chat/ChatMember.ts';
import type { Tx } from '../../platform/database/transaction.ts';
import { AppError } from '../../platform/errors.ts';
import type { Changed } from '../changed.ts';
import { lockConversation } from '../membership.ts';
import { sayOfItself } from '../systemLine.ts';

export interface Settings {
  name?: string | undefined;
  slowModeS?: number | undefined;
}

/** By its owner or an admin. @throws AppError FORBIDDEN, CONFLICT for what is no group */
export async function changeSettings(
  tx: Tx,
  { conversationId, userId, settings }: { conversationId: number; userId: number; settings: Settings },
  nowMs: number,
): Promise<Changed> {
  const conversation = await lockConversation(tx, conversationId);
  const which = { conversation_id: conversationId };
  const own = await tx.manager.findOneBy(ChatMember, { ...which, user_id: userId });
  if (own === null) throw new AppError('FORBIDDEN');
  if (conversation.type !== 'group')
    throw new AppError('CONFLICT', { details: { reason: 'only groups are run by their members' } });
  if (own.role === 'member') throw new AppError('FORBIDDEN');
  const { name = conversation.name, slowModeS: slow_mode_s = conversation.slow_mode_s } = settings;
  if (name === conversation.name && slow_mode_s === conversation.slow_mode_s) return {};
  await tx.manager.update(ChatConversation, which, { name, slow_mode_s });
  const line = { event: 'settings', by: userId, name, slow_mode_s };
  return { told: await sayOfItself(tx, conversation, line, nowMs) };
}
