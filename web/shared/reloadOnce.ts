/** A part of the page that an older build has named is gone once a newer one is served: what was asked for is loaded anew, once (RW-7). */
import type { Router } from 'vue-router';

const KEY = 'kaijiang.reloaded';
/** A second time so soon after the first is no matter of builds. */
const ONCE_PER_MS = 30_000;

export function reloadWhereOutdated(router: Router): void {
  let goingTo: string | undefined;
  router.beforeEach(({ fullPath }) => {
    goingTo = router.resolve(fullPath).href;
  });
  router.afterEach(() => (goingTo = undefined));
  addEventListener('vite:preloadError', (event) => {
    const lastMs = Number(sessionStorage.getItem(KEY) ?? 0);
    if (Date.now() - lastMs < ONCE_PER_MS) return;
    sessionStorage.setItem(KEY, String(Date.now()));
    event.preventDefault();
    if (goingTo === undefined) location.reload();
    else location.assign(goingTo);
  });
}
