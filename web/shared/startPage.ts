import '../../src/verifier/oldBrowsers.ts';
import { createApp, type Component } from 'vue';
import type { Router } from 'vue-router';
import { countDaysIn } from './dates.ts';
import { bringTexts, i18n, type TextLoaders } from './language.ts';
import { reloadWhereOutdated } from './reloadOnce.ts';
import { setServerClock } from './serverClock.ts';

const ZONE = 'kaijiang.zone';

interface Face {
  router: Router;
  texts: TextLoaders;
  /** What the server tells of itself. */
  about(): Promise<{ business_timezone: string; now: string }>;
}

/** Shows a face once its texts are there. */
export async function startPage(app: Component, { router, texts, about }: Face): Promise<void> {
  reloadWhereOutdated(router);
  const known = localStorage.getItem(ZONE);
  if (known !== null) countDaysIn(known);
  about().then(
    ({ business_timezone: zone, now }) => {
      setServerClock(now);
      localStorage.setItem(ZONE, zone);
      countDaysIn(zone);
    },
    (error: unknown) => console.warn('where days begin is not known', error),
  );
  await bringTexts(texts);
  createApp(app).use(i18n).use(router).mount('#app');
}
