/** What of this page is told of, all in one place: which page somebody is on, for how long they see it, and what they do there. */
import { watch } from 'vue';
import type { RouteLocationNormalized, Router } from 'vue-router';
import type { DoneCall } from '../../src/client/api.ts';
import type { TrackedBehavior } from '../../src/client/behaviorTracker.ts';
import { client, onDone, session } from './session.ts';

interface Action {
  /** Of the method, and of the path with a group for the id of what it is done to. */
  call: RegExp;
  name: string;
  target?: string;
}

const ACTIONS: readonly Action[] = [
  { call: /^ROOM \/campaign\/(\d+)\/draw$/, name: 'draw', target: 'campaign' },
  { call: /^ROOM \/chat\/(\d+)\/send$/, name: 'say', target: 'conversation' },
  { call: /^POST \/points\/check-in$/, name: 'check_in' },
  { call: /^POST \/points\/tasks\/(\d+)\/claim$/, name: 'claim_task', target: 'way' },
  { call: /^POST \/points\/transfer$/, name: 'give_points' },
  { call: /^POST \/products\/(\d+)\/exchange$/, name: 'exchange', target: 'product' },
  { call: /^POST \/lottery\/claim$/, name: 'claim_prize' },
  { call: /^POST \/lottery\/my-prizes\/(\d+)\/rating$/, name: 'rate', target: 'item' },
  { call: /^POST \/inventory\/(\d+)\/transfer$/, name: 'give_item', target: 'item' },
  { call: /^POST \/trades$/, name: 'offer' },
  { call: /^POST \/trades\/(\d+)\/buy$/, name: 'buy', target: 'offer' },
  { call: /^POST \/spend-claims$/, name: 'claim_bill' },
  { call: /^POST \/chat\/conversations$/, name: 'open_talk' },
];

function trackDone({ method, path }: DoneCall): void {
  const done = `${method} ${path}`;
  for (const { call, name, target } of ACTIONS) {
    const found = call.exec(done);
    if (found === null) continue;
    tell({ kind: 'action', name, ...(target !== undefined && targetOf(target, found[1])) });
    return;
  }
}

/** Of pages, their own things: what a page of one campaign is about. */
const PAGE_TARGETS: Record<string, string> = { campaign: 'campaign', odds: 'campaign', chat: 'conversation' };

/** Once, when the page starts. */
export function trackPages(router: Router): void {
  let seen: { behavior: TrackedBehavior; sinceMs: number } | undefined;
  const lookAway = () => {
    if (seen === undefined) return;
    tell({ ...seen.behavior, kind: 'dwell', durationMs: performance.now() - seen.sinceMs });
    seen = undefined;
  };
  router.afterEach((to, from, failure) => {
    if (failure !== undefined || (seen !== undefined && to.path === from.path)) return;
    lookAway();
    seen = { behavior: pageOf(to), sinceMs: performance.now() };
    tell(seen.behavior);
  });
  onDone(trackDone);
  // Before the client sends what there is, at the same events. What nobody sees is not looked at.
  window.addEventListener('pagehide', lookAway, { capture: true });
  document.addEventListener(
    'visibilitychange',
    () => {
      if (document.visibilityState === 'hidden') lookAway();
      else seen ??= { behavior: pageOf(router.currentRoute.value), sinceMs: performance.now() };
    },
    { capture: true },
  );
  // The next one on this device is somebody else.
  watch(
    () => session.user?.user_id,
    () => client.forgetTracked(),
  );
}

function pageOf({ name, params }: RouteLocationNormalized): TrackedBehavior {
  const type = PAGE_TARGETS[String(name)];
  return { kind: 'page', name: String(name), ...(type !== undefined && targetOf(type, params['id'])) };
}

function tell(behavior: TrackedBehavior): void {
  if (session.user !== undefined) client.track(behavior);
}

function targetOf(type: string, id: unknown): Pick<TrackedBehavior, 'target'> {
  return { target: { type, id: Number(id) } };
}
