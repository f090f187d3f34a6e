/** What became of a try to redeem a code, in the desk's words. */
import type { KaijiangError } from '../../../src/client/kaijiangError.ts';
import { formatTime } from '../../shared/dates.ts';
import { serverNow } from '../about.ts';
import type { Redeemed, Restaurant } from './wire.ts';

export interface Outcome {
  kind: 'done' | 'refused' | 'unknown';
  /** Key of the headline below `redemption.`, with what it names. */
  title: string;
  detail: { key: string; names: Record<string, string> } | undefined;
  item: Redeemed | undefined;
  /** ISO 8601. */
  at: string;
  shop: string;
  who: string;
}

interface Details {
  reason?: string;
  restaurant_ids?: number[];
  redeemed_by?: { nickname: string | null };
  redeemed_at?: string;
  restaurant_id?: number | null;
}

/** Refusals that the server names. */
const REASONS = new Set([
  'mistyped',
  'unknown',
  'qr_expired',
  'void',
  'unclaimed',
  'shipped',
  'restaurant_needed',
]);

/** @param shopOf the name of a restaurant, or '' */
export function refusalOf(error: KaijiangError, shopOf: (id: number | null) => string): Outcome {
  const details = (error.details ?? {}) as Details;
  if (error.code === 'UNREACHABLE')
    return { ...outcome('unreachable', { key: 'unreachableMore', names: {} }), kind: 'unknown' };
  if (details.redeemed_at !== undefined) {
    const names = {
      time: formatTime(details.redeemed_at, 'moment'),
      shop: shopOf(details.restaurant_id ?? null),
      who: details.redeemed_by?.nickname ?? '',
    };
    return outcome('used', { key: names.shop === '' ? 'usedMore' : 'usedThere', names });
  }
  if (error.code === 'PRIZE_EXPIRED') return outcome('expired', { key: 'expiredMore', names: {} });
  if (details.reason === 'other_restaurant') {
    const shops = (details.restaurant_ids ?? []).map(shopOf).filter((name) => name !== '');
    return outcome(
      'wrongShop',
      shops.length === 0 ? undefined : { key: 'wrongShopMore', names: { shops: shops.join('、') } },
    );
  }
  if (details.reason !== undefined && REASONS.has(details.reason))
    return outcome(details.reason, { key: `${details.reason}More`, names: {} });
  return outcome('refused', {
    key: 'refusedMore',
    names: { problem: error.message.replace(/^[A-Z_]+: /, '') },
  });
}

export function nameOf(restaurants: readonly Restaurant[], id: number | null): string {
  return restaurants.find(({ restaurant_id }) => restaurant_id === id)?.name ?? '';
}

/** The server takes no longer ones. */
const LONGEST_CODE = 256;
const SHOWN_CHARACTERS = 60;

/** Of what a camera read: an address, or a text too long for a code. It is not asked about, as a wrong try that counts. */
export function isForeign(text: string): boolean {
  return text.length > LONGEST_CODE || /^[a-z][a-z\d+.-]*:\/\//i.test(text);
}

export function foreignOf(text: string): Outcome {
  return outcome('foreign', { key: 'foreignMore', names: { text: text.slice(0, SHOWN_CHARACTERS) } });
}

function outcome(title: string, detail?: Outcome['detail']): Outcome {
  const at = new Date(serverNow()).toISOString();
  return { kind: 'refused', title, detail, item: undefined, at, shop: '', who: '' };
}
