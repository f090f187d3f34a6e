import { User } from '../../../entities/identity/User.ts';
import { openGroup } from '../../../src/chat/conversations.ts';
import type { Database } from '../../../src/platform/database/transaction.ts';
import { openAccount } from '../../../src/points/ledger.ts';
import { START_MS } from '../fixture.ts';

const PEOPLE = 5;

export interface TalkFixture {
  conversationId: number;
  /** The first has founded the group; all are in it at first. */
  userIds: number[];
}

export async function createTalkFixture(database: Database): Promise<TalkFixture> {
  const now = new Date(START_MS);
  const times = { created_at: now, updated_at: now, registration_date: now };
  return database.transaction(async (tx) => {
    const userIds: number[] = [];
    for (let at = 0; at < PEOPLE; at++) {
      const person = { mobile: String(15_000_000_000 + at), nickname: `Diner ${at}`, role: 'user' as const };
      const { identifiers } = await tx.manager.insert(User, { ...person, ...times });
      const { user_id: userId } = identifiers[0] as { user_id: number };
      await openAccount(tx, userId, START_MS);
      userIds.push(userId);
    }
    const [userId, ...memberIds] = userIds as [number, ...number[]];
    const group = await openGroup(tx, { userId, name: 'Simulated', memberIds }, START_MS);
    return { conversationId: group.conversation_id, userIds };
  });
}
