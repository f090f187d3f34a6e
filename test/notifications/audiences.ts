/** What tests of broadcasts share. */
import { User } from '../../entities/identity/User.ts';
import { UserSegment } from '../../entities/lottery/UserSegment.ts';
import {
  createBroadcast,
  readBroadcast,
  type NewBroadcast,
} from '../../src/notifications/broadcasts/broadcasts.ts';
import { insertAll } from '../../src/platform/database/bulk.ts';
import type { Database } from '../../src/platform/database/transaction.ts';
import type { NotificationBroadcast } from '../../entities/notifications/NotificationBroadcast.ts';

const WORDS = { 'zh-CN': '停机', en: 'No service' };
export const ACTOR = { userId: 1, ip: '127.0.0.1', requestId: 'test' };
let nextMobile = 16_000_000_000;

/** Users without accounts, which nobody here asks for. */
export async function people(database: Database, count: number): Promise<number[]> {
  const now = new Date();
  const mobiles = Array.from({ length: count }, () => String(nextMobile++));
  const rows = mobiles.map((mobile) => ({
    mobile,
    nickname: 'Diner',
    avatar_url: null,
    registration_date: now,
    created_at: now,
    updated_at: now,
  }));
  await database.transaction((tx) => insertAll(tx, User, rows));
  const found = await database.read<{ user_id: number }>(
    'SELECT user_id FROM users WHERE mobile BETWEEN ? AND ? ORDER BY user_id',
    [mobiles[0], mobiles.at(-1)],
  );
  return found.map(({ user_id: userId }) => userId);
}

export async function join(database: Database, segment: string, userIds: readonly number[]): Promise<void> {
  const rows = userIds.map((user_id) => ({ segment, user_id }));
  await database.transaction((tx) => insertAll(tx, UserSegment, rows));
}

export async function broadcastTo(
  database: Database,
  audience: NewBroadcast['audience'],
  broadcast: Partial<NewBroadcast> = {},
): Promise<number> {
  const type = 'maintenance' as const;
  const given = { actor: ACTOR, type, audience, title: WORDS, body: WORDS, data: {} };
  return database.transaction((tx) =>
    createBroadcast(tx, { ...given, sendAtMs: Date.now(), ...broadcast }, Date.now()),
  );
}

export interface Told {
  user_id: number;
  notifications: number;
}

/** Who has a notification of a broadcast, and how many. */
export async function toldOf(database: Database, broadcastId: number): Promise<Map<number, number>> {
  const { event_id } = await readBroadcast(database, broadcastId);
  const rows = await database.readCurrent<Told>(
    'SELECT user_id, COUNT(*) AS notifications FROM notifications WHERE event_id = ? GROUP BY user_id',
    [event_id],
  );
  return new Map(rows.map((row) => [row.user_id, Number(row.notifications)]));
}

export const OVER: readonly NotificationBroadcast['status'][] = ['completed', 'failed', 'cancelled'];
