/*
 * What happens on each business day, counted behind the events that tell of it and never in their transactions. A batch of events
 * is one upsert, with the marks that they are counted: each is counted once, whatever comes in between. It counts on the day on which it
 * was written, however late it is handled.
 */
import { z } from 'zod';
import { ReportCount, type Measure } from '../../entities/reports/ReportCount.ts';
import { findUncounted } from '../identity/people/counted.ts';
import { readAnswerTimes } from '../chat/service/answerTimes.ts';
import type { LiveConfiguration } from '../configuration/liveConfiguration.ts';
import { businessDayOf, startOfBusinessDay, type Clock } from '../platform/clock.ts';
import { upsertAll } from '../platform/database/bulk.ts';
import type { Tx } from '../platform/database/transaction.ts';
import type { DomainEvent, EventBus } from '../platform/events/bus.ts';
import type { EventType } from '../platform/events/types.ts';
import { idShape, rowIdShape } from '../platform/shapes.ts';
import { noteDiners } from './diners.ts';

/** Part of the mark of each event: never another. */
const NAME = 'reports.count';

export interface CountingServices {
  bus: EventBus;
  clock: Clock;
  businessTimezone: string;
  configuration: Pick<LiveConfiguration, 'now'>;
}

interface Counted {
  measure: Measure;
  restaurantId?: number | null | undefined;
  /** In 1/100 of points, yuan or seconds. */
  amount?: number;
}

/** What one event adds. */
type CountsOf = (data: unknown, event: DomainEvent) => Counted[];

const placeShape = z.looseObject({ restaurant_id: idShape.nullable().optional() });
const billShape = placeShape.extend({ bill_amount: z.number() });
const exchangeShape = z.looseObject({ amount: z.number() });
const tradeShape = z.looseObject({ seller_id: idShape, price: z.number() });
const reviewShape = placeShape.extend({
  kind: z.string(),
  status: z.string(),
  points: z.number().optional(),
});

const DECIDED: Record<string, Measure> = { approved: 'claims_approved', rejected: 'claims_rejected' };

const hundredths = (value: number) => Math.round(value * 100);
const redeemed: CountsOf = (data) => [
  { measure: 'items_redeemed', restaurantId: placeShape.parse(data).restaurant_id },
];
const expired: CountsOf = () => [{ measure: 'items_expired' }];

const COUNTED: Partial<Record<EventType, CountsOf>> = {
  'user:registered': () => [{ measure: 'members' }],
  'points:bill_paid': (data) => {
    const { restaurant_id: restaurantId, bill_amount: amount } = billShape.parse(data);
    return [{ measure: 'bills', restaurantId, amount: hundredths(amount) }];
  },
  'product:exchanged': (data) => [
    { measure: 'exchanges', amount: hundredths(exchangeShape.parse(data).amount) },
  ],
  // It is told to both.
  'trade:settled': (data, { userId }) => {
    const { seller_id: sellerId, price } = tradeShape.parse(data);
    return userId === sellerId ? [{ measure: 'trades', amount: hundredths(price) }] : [];
  },
  'review:decided': (data) => {
    const { kind, status, points = 0, restaurant_id: restaurantId } = reviewShape.parse(data);
    const measure = DECIDED[status];
    if (kind !== 'spend_claim' || measure === undefined) return [];
    return [{ measure, restaurantId, amount: hundredths(points) }];
  },
  'lottery:prize_redeemed': redeemed,
  'inventory:item_redeemed': redeemed,
  'lottery:prize_expired': expired,
  'inventory:item_expired': expired,
};

/** Whoever pays is there. */
const OF_DINERS: ReadonlySet<string> = new Set(['points:bill_paid']);

export function countEvents({ bus, clock, businessTimezone, configuration }: CountingServices): void {
  const dayOf = ({ createdAtMs }: DomainEvent) => businessDayOf(createdAtMs, businessTimezone);
  for (const [type, countsOf] of Object.entries<CountsOf>(COUNTED))
    bus.onBatch(type, NAME, async (events, tx) => {
      const real = await counted(tx, events);
      if (OF_DINERS.has(type)) await noteDiners(tx, dinersOf(real, dayOf, businessTimezone));
      await store(
        tx,
        real.flatMap((event) => countsOf(event.data, event).map((one) => ({ ...one, day: dayOf(event) }))),
      );
    });
  bus.onBatch('service:answered', NAME, async (events, tx) => {
    const config = { ...configuration.now().service, businessTimezone };
    await store(tx, await answersOf(tx, happened(events), { config, dayOf, nowMs: clock.nowMs() }));
  });
}

/** What has happened to those whom reports count (RS-3), or to nobody. */
async function counted(tx: Tx, events: readonly DomainEvent[]): Promise<DomainEvent[]> {
  const real = happened(events);
  const uncounted = await findUncounted(tx.manager, [...new Set(real.flatMap(({ userId }) => userId ?? []))]);
  return real.filter(({ userId }) => userId === null || !uncounted.has(userId));
}

/** Nothing of those that an administrator publishes. */
function happened(events: readonly DomainEvent[]): DomainEvent[] {
  return events.filter(({ isSimulated }) => !isSimulated);
}

type DayOf = (event: DomainEvent) => string;

function dinersOf(events: readonly DomainEvent[], dayOf: DayOf, timezone: string) {
  return [...Map.groupBy(events, dayOf)].map(([day, of]) => ({
    day,
    startMs: startOfBusinessDay(day, timezone),
    userIds: new Set(of.flatMap(({ userId }) => userId ?? [])),
  }));
}

const answeredShape = z.looseObject({ opening_id: rowIdShape });

interface Answering {
  config: Parameters<typeof readAnswerTimes>[1];
  dayOf: DayOf;
  nowMs: number;
}

async function answersOf(
  { manager }: Tx,
  events: readonly DomainEvent[],
  { config, dayOf, nowMs }: Answering,
): Promise<(Counted & { day: string })[]> {
  if (events.length === 0) return [];
  const opened = events.map((event) => ({
    day: dayOf(event),
    openingId: answeredShape.parse(event.data).opening_id,
  }));
  const openingIds = opened.map(({ openingId }) => openingId);
  const times = await readAnswerTimes(manager, config, { openingIds, nowMs });
  return opened.flatMap(({ day, openingId }) => {
    const time = times.get(openingId);
    if (time === undefined) return [];
    const { restaurantId, seconds, isLate } = time;
    const of = { day, restaurantId, amount: seconds * 100 };
    return [
      { ...of, measure: 'answered' as const },
      ...(isLate ? [{ ...of, measure: 'answered_late' as const }] : []),
    ];
  });
}

async function store(tx: Tx, counted: readonly (Counted & { day: string })[]): Promise<void> {
  const rows = new Map<string, ReportCount>();
  const placed = counted.flatMap((one) =>
    [0, ...(one.restaurantId == null ? [] : [one.restaurantId])].map((id) => ({ ...one, id })),
  );
  for (const { id: restaurant_id, day, measure, amount = 0 } of placed) {
    const key = `${restaurant_id} ${day} ${measure}`;
    const row = rows.get(key) ?? { restaurant_id, day, measure, entries: 0, amount: 0 };
    row.entries += 1;
    row.amount += amount;
    rows.set(key, row);
  }
  // In one order, so that two batches do not hold each other up.
  const sorted = [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
  await upsertAll(tx, ReportCount, sorted, {
    entries: ({ stored, given }) => `${stored('entries')} + ${given('entries')}`,
    amount: ({ stored, given }) => `ROUND(${stored('amount')} + ${given('amount')}, 2)`,
  });
}
