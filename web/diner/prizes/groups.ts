/** Items by what can be done with them. */
import { businessDay, lastMoment } from '../../shared/dates.ts';
import type { FoodName } from '../../shared/drawings.ts';
import { foodOf, foodOfName } from '../../shared/foods.ts';
import type { Item, ItemStatus } from './wire.ts';

export const GROUPS = ['claim', 'use', 'used', 'gone'] as const;
export type Group = (typeof GROUPS)[number];

export const STATUSES_OF: Record<Group, ItemStatus[]> = {
  claim: ['unclaimed'],
  use: ['claimed', 'unclaimed', 'available', 'locked'],
  used: ['redeemed'],
  gone: ['expired', 'void'],
};

/** Where a day less is worth a mark. */
export const SOON_DAYS = 3;
const DAY_MS = 86_400_000;

/** A coupon has its code without being claimed. */
export function groupOf({ status, type }: Item): Group {
  if (status === 'unclaimed') return type === 'coupon' ? 'use' : 'claim';
  if (status === 'claimed' || status === 'available' || status === 'locked') return 'use';
  return status === 'redeemed' ? 'used' : 'gone';
}

/** What ends first comes first; of what is over, the latest. */
export function inOrder(group: Group, items: readonly Item[]): Item[] {
  const isOpen = group === 'claim' || group === 'use';
  const key = (item: Item): number =>
    isOpen
      ? Date.parse(item.expires_at ?? '9999-12-31')
      : -Date.parse(item.redeemed_at ?? item.expires_at ?? item.came_at);
  return [...items].sort((a, b) => key(a) - key(b) || b.item_id - a.item_id);
}

/** Business days from today to the one on which it ends; 0: today. */
export function daysLeft(expiresAt: string): number {
  const day = (time: string | number): number => Date.parse(`${businessDay(time)}T00:00:00Z`);
  return Math.round((day(lastMoment(expiresAt)) - day(Date.now())) / DAY_MS);
}

export function artOf({ source, type, name }: Item): FoodName {
  return source === 'exchange' ? foodOfName(name) : foodOf(type);
}
