/** What the console has to know of the server: where its days begin, and whose law holds. */
import { ref } from 'vue';
import type { Market } from '../../src/draw/market.ts';
import { countDaysIn } from '../shared/dates.ts';
import { client } from './session.ts';

export const market = ref<Market>('CN');
/** By how much this device's clock is behind the server's, in ms. */
let behindMs = 0;

export async function readAbout(): Promise<void> {
  const about = await client.api.get<{ business_timezone: string; market: Market; now: string }>('/about');
  countDaysIn(about.business_timezone);
  market.value = about.market;
  behindMs = Date.parse(about.now) - Date.now();
}

/** By the server's clock. */
export function serverNow(): number {
  return Date.now() + behindMs;
}
