import { onBeforeUnmount, ref, type Ref } from 'vue';
import { serverNow } from '../shared/serverClock.ts';

const TICK_MS = 1000;

/** The time by the server's clock in ms, every second for as long as a part is there. */
export function useServerNow(): Ref<number> {
  const now = ref(serverNow());
  const timer = setInterval(() => (now.value = serverNow()), TICK_MS);
  onBeforeUnmount(() => clearInterval(timer));
  return now;
}
