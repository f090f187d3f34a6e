/** Won items by what can be done with them. */
import { businessDay } from '../../shared/dates.ts';
import type { ItemStatus, WonItem } from './wire.ts';

export const GROUPS = ['claim', 'use', 'used', 'gone'] as const;
export type Group = (typeof GROUPS)[number];

export const STATUSES_OF: Record<Group, ItemStatus[]> = {
  claim: ['unclaimed'],
  use: ['claimed', 'unclaimed'],
  used: ['redeemed'],
  gone: ['expired', 'void'],
};

/** Where a day less is worth a mark. */
export const SOON_DAYS = 3;
const DAY_MS = 86_400_000;

/** A coupon has its code without being claimed. */
export function groupOf({ status, type }: WonItem): Group {
  if (status === 'unclaimed') return type === 'coupon' ? 'use' : 'claim';
  if (status === 'claimed') return 'use';
  return status === 'redeemed' ? 'used' : 'gone';
}

/** What ends first comes first; of what is over, the latest. */
export function inOrder(group: Group, items: readonly WonItem[]): WonItem[] {
  const isOpen = group === 'claim' || group === 'use';
  const key = (item: WonItem): number =>
    isOpen
      ? Date.parse(item.expires_at ?? '9999-12-31')
      : -Date.parse(item.redeemed_at ?? item.expires_at ?? item.won_at);
  return [...items].sort((a, b) => key(a) - key(b) || b.item_id - a.item_id);
}

/** Business days from today to the one on which it ends; 0: today. */
export function daysLeft(expiresAt: string): number {
  const day = (time: string | number): number => Date.parse(`${businessDay(time)}T00:00:00Z`);
  return Math.round((day(expiresAt) - day(Date.now())) / DAY_MS);
}
