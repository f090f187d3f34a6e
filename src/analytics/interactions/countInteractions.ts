/*
 * What each diner has had to do with, counted behind the events that tell of it and never in their transactions; draws by the cursor
 * that their statistics have (countDraws.ts). A batch of events is one upsert, with the marks that they are counted: each counts once,
 * whatever comes in between.
 */
import { z } from 'zod';
import { AnalyticsInteraction, type ItemType } from '../../../entities/analytics/AnalyticsInteraction.ts';
import { upsertAll, type Merges } from '../../platform/database/bulk.ts';
import type { Tx } from '../../platform/database/transaction.ts';
import type { DomainEvent, EventBus } from '../../platform/events/bus.ts';
import type { EventType } from '../../platform/events/types.ts';
import { idShape } from '../../platform/shapes.ts';
import { holdOwners } from '../owners.ts';

/** Part of the mark of each event: never another. */
const NAME = 'analytics.interactions';

/** What one event tells that its person has had to do with. */
interface Dealt {
  type: ItemType;
  id: number;
  times: number;
}
type DealtOf = (data: unknown, event: DomainEvent) => Dealt | undefined;

const exchangedShape = z.looseObject({ product_id: idShape });
/* Absent: staff have granted it, or the build before has written the event. */
const earnedShape = z.looseObject({ rule_id: idShape.optional() });
const boughtShape = z.looseObject({ buyer_id: idShape.nullable(), product_id: idShape.optional() });

const DEALT: Partial<Record<EventType, DealtOf>> = {
  'product:exchanged': (data) => ({
    type: 'product',
    id: exchangedShape.parse(data).product_id,
    times: 1,
  }),
  'points:earned': (data) => {
    const { rule_id: id } = earnedShape.parse(data);
    return id === undefined ? undefined : { type: 'way', id, times: 1 };
  },
  // It is told to both.
  'trade:bought': (data, { userId }) => {
    const { buyer_id: buyerId, product_id: id } = boughtShape.parse(data);
    return userId !== buyerId || id === undefined ? undefined : { type: 'offer', id, times: 1 };
  },
};

export function countInteractions(bus: EventBus): void {
  for (const [type, dealtOf] of Object.entries<DealtOf>(DEALT))
    bus.onBatch(type, NAME, (events, tx) => count(tx, events, dealtOf));
}

async function count(tx: Tx, events: readonly DomainEvent[], dealtOf: DealtOf): Promise<void> {
  const dealings = events.flatMap((event) => {
    const { userId, createdAtMs, isSimulated } = event;
    // Nothing of those that an administrator publishes has happened.
    if (userId === null || isSimulated) return [];
    const dealt = dealtOf(event.data, event);
    return dealt === undefined ? [] : [{ ...dealt, userId, at: new Date(createdAtMs) }];
  });
  if (dealings.length === 0) return;
  const ownerOf = await holdOwners(
    tx,
    dealings.map(({ userId }) => userId),
  );
  const rows = dealings.flatMap(({ userId, type, id, times, at }) => {
    const user_id = ownerOf(userId);
    if (user_id === undefined) return [];
    return [{ user_id, item_type: type, item_id: id, entries: times, first_at: at, last_at: at }];
  });
  await addInteractions(tx, rows);
}

/** In one order, so that two batches do not hold each other up. */
export async function addInteractions(tx: Tx, rows: readonly AnalyticsInteraction[]): Promise<void> {
  const sums = new Map<string, AnalyticsInteraction>();
  for (const row of rows) {
    const key = `${row.user_id} ${row.item_type} ${row.item_id}`;
    const sum = sums.get(key);
    sums.set(key, sum === undefined ? row : summed(sum, row));
  }
  await upsertAll(tx, AnalyticsInteraction, [...sums.values()].sort(byKey), SUMMED);
}

function summed(one: AnalyticsInteraction, other: AnalyticsInteraction): AnalyticsInteraction {
  return {
    ...one,
    entries: one.entries + other.entries,
    first_at: other.first_at < one.first_at ? other.first_at : one.first_at,
    last_at: other.last_at > one.last_at ? other.last_at : one.last_at,
  };
}

function byKey(a: AnalyticsInteraction, b: AnalyticsInteraction): number {
  if (a.user_id !== b.user_id) return a.user_id - b.user_id;
  if (a.item_type !== b.item_type) return a.item_type < b.item_type ? -1 : 1;
  return a.item_id - b.item_id;
}

/** Batches come in any order. */
const SUMMED = {
  entries: ({ stored, given }) => `${stored('entries')} + ${given('entries')}`,
  first_at: ({ stored, given }) =>
    `CASE WHEN ${given('first_at')} < ${stored('first_at')} THEN ${given('first_at')} ELSE ${stored('first_at')} END`,
  last_at: ({ stored, given }) =>
    `CASE WHEN ${given('last_at')} > ${stored('last_at')} THEN ${given('last_at')} ELSE ${stored('last_at')} END`,
} satisfies Merges<AnalyticsInteraction>;
