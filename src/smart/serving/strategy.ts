/** For whom something is recommended: that says what is put first besides what they like. */
import type { Interaction } from '../../analytics/interactions/readInteractions.ts';
import type { Offered } from './catalogue.ts';

/** new: little is known of them; silent: they were not here for weeks; high_value: they do more than nine in ten. */
export const STRATEGIES = ['new', 'active', 'silent', 'high_value'] as const;
export type Strategy = (typeof STRATEGIES)[number];

const DAY_MS = 86_400_000;
const FEW_ENTRIES = 3;
const SILENT_MS = 21 * DAY_MS;
/** With fewer nobody does much. */
const LEAST_MANY = 10;
const SOON_MS = 3 * DAY_MS;

export function strategyOf(
  own: readonly Interaction[],
  { manyEntries, nowMs }: { manyEntries: number | undefined; nowMs: number },
): Strategy {
  const entries = own.reduce((sum, one) => sum + one.entries, 0);
  if (entries < FEW_ENTRIES) return 'new';
  const lastMs = own.reduce((last, one) => Math.max(last, one.lastAtMs), 0);
  if (nowMs - lastMs > SILENT_MS) return 'silent';
  return manyEntries !== undefined && entries > Math.max(LEAST_MANY, manyEntries) ? 'high_value' : 'active';
}

/** In the logarithms of a score: 0.7 is twice as likely. */
export function boostOf(
  { key, price, endsAtMs }: Offered,
  { strategy, available, nowMs }: { strategy: Strategy; available: number; nowMs: number },
): number {
  const isAffordable = price === null || price <= available;
  const endsSoon = endsAtMs !== null && endsAtMs - nowMs < SOON_MS;
  if (strategy === 'new') return (key.type === 'way' ? 0.5 : 0) + (isAffordable ? 0.5 : 0);
  // Something that brings them back, and costs nothing that they have not got.
  if (strategy === 'silent')
    return (endsSoon ? 0.7 : 0) + (isAffordable ? 0.7 : 0) + (key.type === 'way' ? 0.4 : 0);
  // What is dear, and not everybody's.
  if (strategy === 'high_value') return price === null ? 0 : 0.15 * Math.log(1 + price / 100);
  return isAffordable ? 0.2 : 0;
}

/** Places of a list, from 0, that are kept for what is new: nobody can have liked it yet. */
export function newPlacesOf(limit: number, strategy: Strategy): number[] {
  if (limit < 3) return [];
  const every = strategy === 'new' ? 3 : 5;
  const places = Array.from({ length: Math.floor(limit / every) }, (_, nth) => (nth + 1) * every - 1);
  return places.length > 0 ? places : [limit - 1];
}
