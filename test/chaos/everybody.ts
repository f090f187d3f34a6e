/** Who is there during a run, and what they find when they come. */
import { insertConversation } from '../../src/chat/conversations.ts';
import { addMembers } from '../../src/chat/membership.ts';
import { seedDemo } from '../../src/demo/seedDemo.ts';
import { findPages } from '../../src/platform/http/pages.ts';
import { createLogger } from '../../src/platform/logger.ts';
import type { Database } from '../../src/platform/database/transaction.ts';
import { loadConfig } from '../../src/settings.ts';
import { User } from '../../entities/identity/User.ts';
import { withDatabase } from '../../loadtest/withDatabase.ts';
import { createCampaign, createUsers } from '../support/factories.ts';
import type { Askers } from './askers.ts';
import type { Players } from './players.ts';
import type { Till } from './till.ts';
import type { Visitors } from './visitors.ts';

const CAMPAIGNS = 2;
const GUESTS = 40;
const TABLE = 10;
const TALKERS = 20;
const GUEST_POINTS = 10_000_00;

export interface Prepared {
  campaignIds: number[];
  conversationIds: number[];
  guests: { userId: number; mobile: string }[];
}

export interface Everybody {
  askers: Askers;
  players: Players;
  till: Till;
  visitors: Visitors;
}

/** The schema, the demo's people, campaigns that nobody can exhaust, and guests at tables who talk. */
export function prepare(url: string): Promise<Prepared> {
  return withDatabase(url, async (database) => {
    const config = loadConfig({
      JWT_SECRET: 'a secret of the tests, 32 bytes long',
      SEED_ENCRYPTION_KEY: '00'.repeat(32),
    });
    await seedDemo({ database, config, logger: createLogger('warn') }, Date.now());
    const campaignIds: number[] = [];
    while (campaignIds.length < CAMPAIGNS) {
      const campaign = { cost_per_draw: 1, draws_per_user_per_day: null, seed_rotation_draws: 300 };
      campaignIds.push((await createCampaign(database, { campaign })).campaignId);
    }
    const userIds = await createUsers(database, GUESTS, { points: GUEST_POINTS });
    const guests: Prepared['guests'] = [];
    for (const userId of userIds) {
      const { mobile } = await database.currentReader.findOneByOrFail(User, { user_id: userId });
      guests.push({ userId, mobile });
    }
    return { campaignIds, conversationIds: await seatGuests(database, userIds), guests };
  });
}

function seatGuests(database: Database, userIds: readonly number[]): Promise<number[]> {
  return database.transaction(async (tx) => {
    const nowMs = Date.now();
    const ids: number[] = [];
    for (let at = 0; at < TALKERS; at += TABLE) {
      const name = `Table ${ids.length + 1}`;
      const { conversation_id: conversationId } = await insertConversation(
        tx,
        { type: 'group', name },
        nowMs,
      );
      const members = userIds.slice(at, at + TABLE).map((userId, place) => ({
        ...{ conversationId, userId, readSeq: 0 },
        role: place === 0 ? ('owner' as const) : ('member' as const),
      }));
      await addMembers(tx, members, nowMs);
      ids.push(conversationId);
    }
    return ids;
  });
}

/** All at once. @returns what settles when each of them has gone */
export function begin(
  { askers, players, till, visitors }: Everybody,
  { campaignIds, conversationIds, guests }: Prepared,
): Promise<void>[] {
  const [one, other] = campaignIds as [number, number];
  const { restMs } = askers;
  const payerIds = guests.map(({ userId }) => userId);
  const mobile = (at: number) => guests[at]!.mobile;
  return [
    ...[1, 2, 3, 4].map((at) => players.drawOverRest(mobileOf(at), one, at)),
    ...[5, 6].map((at) => players.drawOverRest(mobileOf(at), other, at)),
    ...[7, 8, 9].map((at) => players.drawInRoom(mobileOf(at), one)),
    ...[10, 11].map((at) => players.drawInRoom(mobileOf(at), other)),
    ...[12, 13, 14].map((at) => players.spend(mobileOf(at), at)),
    ...[15, 16, 17].map((at) => players.comeAndGo(mobileOf(at), at)),
    ...Array.from({ length: TALKERS }, (_, at) =>
      visitors.talk(mobile(at), conversationIds[Math.floor(at / TABLE)]!, 1000),
    ),
    // Those who draw are told of what they win.
    ...[1, 2, 7, 8, 12].map((at) => visitors.listen(mobileOf(at), 2000)),
    ...[20, 21, 22].map((at) => visitors.listen(mobile(at), 5000)),
    ...[0, 1].map((at) => till.takeBills(payerIds, at)),
    ...[23, 24].map((at) => till.freeze(payerIds[at]!, at)),
    ...[25, 26].map((at) => till.give(mobile(at), payerIds[at + 2]!, at)),
    ...[29, 30].map((at) => visitors.readLists('own', mobile(at), 4 * restMs)),
    visitors.readLists('console', mobile(31), 6 * restMs),
    // Where they are built.
    ...(findPages() === undefined ? [] : [visitors.openPages(6 * restMs)]),
    ...[32, 33].map((at) => visitors.behave(mobile(at), one, 2000)),
  ];
}

/** The demo's diners 1 to 20. */
export function mobileOf(diner: number): string {
  return `139000000${String(diner).padStart(2, '0')}`;
}
