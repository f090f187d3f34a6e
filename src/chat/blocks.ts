/** Who does not want to be written to by whom: where two talk alone, and into a group (RC-11). */
import { In, type EntityManager } from 'typeorm';
import type { z } from 'zod';
import { ChatBlock } from '../../entities/chat/ChatBlock.ts';
import { ChatConversation } from '../../entities/chat/ChatConversation.ts';
import { holdUsers } from '../identity/people/knownUsers.ts';
import { nobody, readPublicPeople } from '../identity/people/publicPeople.ts';
import { insertAll } from '../platform/database/bulk.ts';
import type { Tx } from '../platform/database/transaction.ts';
import { AppError } from '../platform/errors.ts';
import { LIMITS } from '../platform/limits.ts';
import { lockConversation } from './membership.ts';
import type { blockShape } from './messages.ts';
import { pairOf } from './pairs.ts';

/** Newest first, those who are nobody without a name. */
export async function listBlocks(
  manager: EntityManager,
  userId: number,
): Promise<z.output<typeof blockShape>[]> {
  const rows = await manager.find(ChatBlock, {
    where: { user_id: userId },
    order: { created_at: 'DESC', blocked_id: 'DESC' },
    take: LIMITS.blocks,
  });
  const people = await readPublicPeople(
    manager,
    rows.map(({ blocked_id: id }) => id),
  );
  return rows.map(({ blocked_id: id, created_at }) => ({
    user: people.get(id) ?? nobody(id),
    created_at: created_at.toISOString(),
  }));
}

/**
 * Nothing is stored of the other in a conversation of the two once this has been committed. Whether there is such a person is not
 * told. @throws AppError CONFLICT for oneself, and for too many
 */
export async function block(
  tx: Tx,
  { userId, otherId }: { userId: number; otherId: number },
  nowMs: number,
): Promise<void> {
  if (userId === otherId) throw new AppError('CONFLICT', { details: { reason: 'nobody blocks themself' } });
  // Held against another block of theirs, the opening of a conversation with them, and the closing of their account.
  if (!(await holdUsers(tx, [userId])).has(userId)) throw new AppError('TOKEN_REVOKED');
  const { manager } = tx;
  if (await manager.existsBy(ChatBlock, { user_id: userId, blocked_id: otherId })) return;
  if ((await manager.countBy(ChatBlock, { user_id: userId })) >= LIMITS.blocks)
    throw new AppError('CONFLICT', { details: { reason: 'too many are blocked', limit: LIMITS.blocks } });
  const known = await manager.findOneBy(ChatConversation, { pair: pairOf(userId, otherId) });
  // A group commit is either before this, or sees it.
  if (known !== null) await lockConversation(tx, known.conversation_id);
  await insertAll(tx, ChatBlock, [{ user_id: userId, blocked_id: otherId, created_at: new Date(nowMs) }]);
}

export async function unblock(
  { manager }: Tx,
  { userId, otherId }: { userId: number; otherId: number },
): Promise<void> {
  await manager.delete(ChatBlock, { user_id: userId, blocked_id: otherId });
}

/** Of each of two people against the other. */
export function findBlocksBetween(
  manager: EntityManager,
  [one, other]: readonly number[],
): Promise<ChatBlock[]> {
  return manager.findBy(ChatBlock, [
    { user_id: one!, blocked_id: other! },
    { user_id: other!, blocked_id: one! },
  ]);
}

/** What one of the two is told who would write to the other; undefined: they may. Nobody is told that they are blocked. */
export function blockRefusal(blocks: readonly ChatBlock[], userId: number): AppError | undefined {
  if (blocks.length === 0) return undefined;
  const isOwn = blocks.some(({ user_id }) => user_id === userId);
  return new AppError('FORBIDDEN', { details: { reason: isOwn ? 'you have blocked them' : UNREACHABLE } });
}

const UNREACHABLE = 'they cannot be written to';

/** @throws AppError FORBIDDEN when one of them has blocked whoever would bring them into a group */
export async function refuseBlocked(
  { manager }: Tx,
  { userId, otherIds }: { userId: number; otherIds: readonly number[] },
): Promise<void> {
  if (otherIds.length === 0) return;
  const blocks = await manager.findBy(ChatBlock, { user_id: In([...otherIds]), blocked_id: userId });
  if (blocks.length === 0) return;
  const userIds = blocks.map(({ user_id }) => user_id);
  throw new AppError('FORBIDDEN', { details: { reason: UNREACHABLE, user_ids: userIds } });
}

/** Two accounts become one: whoever does not want to hear from the one does not from the other. As many of their own as one may have. */
export async function carryBlocks(
  tx: Tx,
  { fromUserId, intoUserId }: { fromUserId: number; intoUserId: number },
): Promise<void> {
  const { manager } = tx;
  const both = In([fromUserId, intoUserId]);
  const [own, others] = await Promise.all([
    manager.findBy(ChatBlock, { user_id: both }),
    manager.findBy(ChatBlock, { blocked_id: both }),
  ]);
  const known = new Set(own.filter((row) => row.user_id === intoUserId).map((row) => row.blocked_id));
  const isNew = ({ user_id, blocked_id }: ChatBlock) =>
    user_id === fromUserId && blocked_id !== intoUserId && !known.has(blocked_id);
  const more = own
    .filter(isNew)
    .slice(0, LIMITS.blocks - known.size)
    .map((row) => ({ ...row, user_id: intoUserId }));
  const against = new Set(others.filter((row) => row.blocked_id === intoUserId).map((row) => row.user_id));
  const moreAgainst = others
    .filter((row) => row.blocked_id === fromUserId && row.user_id !== intoUserId && !against.has(row.user_id))
    .map((row) => ({ ...row, blocked_id: intoUserId }));
  await insertAll(tx, ChatBlock, [...more, ...moreAgainst]);
}

/** When an account is closed: of theirs, and of others against them. */
export async function forgetBlocks({ manager }: Tx, userId: number): Promise<void> {
  await manager.delete(ChatBlock, { user_id: userId });
  await manager.delete(ChatBlock, { blocked_id: userId });
}
