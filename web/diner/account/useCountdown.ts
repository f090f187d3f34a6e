import { onBeforeUnmount, ref, type Ref } from 'vue';

/** Seconds until a moment, counted down to 0. Told by the clock: a page that was asleep is not behind. */
export function useCountdown(): { left: Ref<number>; start(seconds: number): void } {
  const left = ref(0);
  let endsAt = 0;
  let timer: ReturnType<typeof setInterval> | undefined;

  function tick(): void {
    left.value = Math.max(0, Math.ceil((endsAt - Date.now()) / 1000));
    if (left.value === 0) clearInterval(timer);
  }

  function start(seconds: number): void {
    clearInterval(timer);
    endsAt = Date.now() + seconds * 1000;
    timer = setInterval(tick, 250);
    tick();
  }

  onBeforeUnmount(() => clearInterval(timer));
  return { left, start };
}
