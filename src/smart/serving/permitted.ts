/** What of some things somebody may have now, by the word of whoever has it (RS-9): of this moment, not of when a model was made. */
import { drawableAmong } from '../../lottery/openCampaigns.ts';
import { businessDayOf } from '../../platform/clock.ts';
import type { Database } from '../../platform/database/transaction.ts';
import { openWays } from '../../points/ways.ts';
import { taskPolicyOf, type PointsConfig } from '../../points/settings.ts';
import { offeredAmong } from '../../products/offeredProducts.ts';
import { takeableAmong } from '../../trades/openOffers.ts';
import type { Offered } from './catalogue.ts';
import { keyOf } from './readyModel.ts';

export interface PermittedServices {
  database: Database;
  config: PointsConfig & { businessTimezone: string };
}

/** By their keys. */
export async function permittedAmong(
  { database, config }: PermittedServices,
  { userId, items }: { userId: number; items: readonly Offered[] },
  nowMs: number,
): Promise<ReadonlySet<string>> {
  const manager = database.currentReader;
  const { businessTimezone: timezone } = config;
  const idsOf = (type: string) => items.flatMap(({ key }) => (key.type === type ? [key.id] : []));
  const ways = items.flatMap(({ key, wayType }) =>
    wayType === undefined ? [] : [{ ruleId: key.id, type: wayType }],
  );
  const reader = { manager, dayOf: (timeMs: number) => businessDayOf(timeMs, timezone) };
  const [campaign, product, offer, way] = await Promise.all([
    drawableAmong(database, { userId, campaignIds: idsOf('campaign'), timezone }, nowMs),
    offeredAmong(manager, idsOf('product')),
    takeableAmong(manager, { userId, tradeIds: idsOf('offer') }, nowMs),
    openWays(reader, { userId, ways }, taskPolicyOf(config), nowMs),
  ]);
  const allowed = { campaign, product, offer, way };
  return new Set(items.flatMap(({ key }) => (allowed[key.type].has(key.id) ? [keyOf(key)] : [])));
}
