/** What the console has to know of the server: where its days begin, and whose law holds. */
import { ref } from 'vue';
import type { Market } from '../../src/draw/market.ts';
import { countDaysIn } from '../shared/dates.ts';
import { serverNow, setServerClock } from '../shared/serverClock.ts';
import { client } from './session.ts';

export const market = ref<Market>('CN');

export async function readAbout(): Promise<void> {
  const about = await client.api.get<{ business_timezone: string; market: Market; now: string }>('/about');
  countDaysIn(about.business_timezone);
  market.value = about.market;
  setServerClock(about.now);
}

export { serverNow };
