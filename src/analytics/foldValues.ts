/** Once on each business day: where the fifths of recency, frequency and money end; then segments are asked of everybody anew. */
import { setImmediate as turn } from 'node:timers/promises';
import { AnalyticsFold } from '../../entities/analytics/AnalyticsFold.ts';
import { AnalyticsSegment } from '../../entities/analytics/AnalyticsSegment.ts';
import { findPeopleFacts } from '../identity/people/peopleFacts.ts';
import { usersAfter } from '../identity/people/userRange.ts';
import { businessDayOf } from '../platform/clock.ts';
import { upsertAll } from '../platform/database/bulk.ts';
import { VALUE_FOLD, type FactServices } from './facts.ts';
import { Distribution, type Fifths } from './value.ts';
import { daysFrom, readWindows } from './windows.ts';

/** People of one read. */
const BATCH = 200;
/** Of fewer visitors there are no fifths. */
const LEAST_PEOPLE = 5;

/** A clock that has stepped back makes no day come again (TIME-1). */
export async function isFoldDue({ database, clock, businessTimezone }: FactServices): Promise<boolean> {
  const fold = await database.currentReader.findOneBy(AnalyticsFold, { name: VALUE_FOLD });
  return fold?.day == null || fold.day < businessDayOf(clock.nowMs(), businessTimezone);
}

/** Reads everybody, a few at a time; memory does not grow with them. Broken off it begins anew the next time. */
export async function foldValues(services: FactServices, stopping?: AbortSignal): Promise<void> {
  const { database, clock, businessTimezone } = services;
  const today = businessDayOf(clock.nowMs(), businessTimezone);
  const fifths = await readFifths(services, today, stopping);
  if (stopping?.aborted === true) return;
  await database.retryingTransaction(async (tx) => {
    const data = fifths.people < LEAST_PEOPLE ? null : JSON.stringify(fifths);
    const row = { name: VALUE_FOLD, data, day: today, claimed_by: null, claimed_until: null };
    await upsertAll(tx, AnalyticsFold, [row]);
    await tx.manager.update(AnalyticsSegment, { status: 'active' }, { position: 0 });
  });
}

async function readFifths(
  { database }: FactServices,
  today: string,
  stopping?: AbortSignal,
): Promise<Fifths> {
  const [recency, frequency, money] = [new Distribution(), new Distribution(), new Distribution()];
  let people = 0;
  let after = 0;
  while (stopping?.aborted !== true) {
    const userIds = await usersAfter({ manager: database.currentReader }, after, BATCH);
    if (userIds.length === 0) break;
    after = userIds.at(-1)!;
    const windows = await readWindows(database, userIds, today);
    const visitors = [...windows].filter(([, { lastVisit }]) => lastVisit !== null);
    const known = await findPeopleFacts(
      database,
      visitors.map(([userId]) => userId),
    );
    for (const [userId, { lastVisit, visitDays, spent365Fen }] of visitors) {
      if (known.get(userId)?.isCounted !== true) continue;
      people += 1;
      recency.add(Math.max(0, daysFrom(lastVisit!, today)));
      frequency.add(visitDays);
      money.add(spent365Fen);
    }
    await turn();
  }
  return { recency: recency.fifths(), frequency: frequency.fifths(), money: money.fifths(), people };
}
