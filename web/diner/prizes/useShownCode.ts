/** The code of an item while it is held out to the staff: its picture of the moment, and whether it has been given. */
import { onBeforeUnmount, onMounted, ref, shallowRef, type Ref, type ShallowRef } from 'vue';
import { asKaijiangError } from '../../../src/client/kaijiangError.ts';
import { keepAnswer, lastAnswer } from '../lastAnswers.ts';
import { client, problemOf } from '../session.ts';
import type { Item, ShownCode } from './wire.ts';

/** So often it is asked whether the item was given meanwhile. */
const ASK_MS = 3_000;
const PICTURE_SECONDS = 30;

export interface CodeView {
  /** The hand code; it is known off line once it was shown. */
  code: Ref<string | undefined>;
  /** An image's address; undefined: there is none to be scanned. */
  picture: ShallowRef<string | undefined>;
  secondsLeft: Ref<number>;
  isOffline: Ref<boolean>;
  isRedeemed: Ref<boolean>;
  problem: Ref<string>;
  refresh(): Promise<void>;
}

export function useShownCode({ item_id: itemId, source }: Item): CodeView {
  const path = source === 'exchange' ? `/inventory/${itemId}/code` : `/lottery/my-prizes/${itemId}/code`;
  const kept = `code.${itemId}`;
  const code = ref(lastAnswer<string>(kept)?.data);
  const picture = shallowRef<string>();
  const secondsLeft = ref(PICTURE_SECONDS);
  const isOffline = ref(false);
  const isRedeemed = ref(false);
  const problem = ref('');
  let nextAt = 0;
  let isAsking = false;
  let timers: ReturnType<typeof setInterval>[] = [];

  async function refresh(): Promise<void> {
    if (isAsking || isRedeemed.value) return;
    isAsking = true;
    try {
      show(await client.api.get<ShownCode>(path));
    } catch (error) {
      refuse(error);
    } finally {
      isAsking = false;
    }
  }

  function show({ code: text, qr_svg: svg, valid_until: validUntil }: ShownCode): void {
    code.value = text;
    picture.value = `data:image/svg+xml,${encodeURIComponent(svg)}`;
    nextAt = Date.parse(validUntil) - PICTURE_SECONDS * 1000;
    [isOffline.value, problem.value] = [false, ''];
    keepAnswer(kept, text, Date.now());
    tick();
  }

  function refuse(thrown: unknown): void {
    const { code: why, details } = asKaijiangError(thrown);
    const { reason } = (details ?? {}) as { reason?: unknown };
    if (why === 'CONFLICT' && reason === 'redeemed') {
      isRedeemed.value = true;
      stop();
    } else if (why === 'UNREACHABLE') {
      isOffline.value = true;
      picture.value = undefined;
    } else problem.value = problemOf(thrown);
  }

  /** A clock that is wrong shows a full bar, or an empty one; the picture is that of the server in any case. */
  function tick(): void {
    const left = Math.ceil((nextAt - Date.now()) / 1000);
    secondsLeft.value = Math.min(PICTURE_SECONDS, Math.max(0, left));
  }

  function stop(): void {
    for (const timer of timers) clearInterval(timer);
    timers = [];
  }

  onMounted(() => {
    void refresh();
    timers = [setInterval(tick, 250), setInterval(() => document.hidden || void refresh(), ASK_MS)];
    addEventListener('online', refresh);
  });
  onBeforeUnmount(() => {
    stop();
    removeEventListener('online', refresh);
  });
  return { code, picture, secondsLeft, isOffline, isRedeemed, problem, refresh };
}
