import { onBeforeUnmount, ref, watch, type Ref } from 'vue';

const DURATION_MS = 420;

/** A figure that counts to each next value. The first one is there at once, and each where less motion is asked for. */
export function useCounting(target: () => number | undefined): Ref<number | undefined> {
  const shown = ref(target());
  let frame = 0;

  function countFrom(from: number, to: number): void {
    const begun = performance.now();
    const step = (now: number): void => {
      const part = Math.min(1, Math.max(0, (now - begun) / DURATION_MS));
      shown.value = part === 1 ? to : Math.round(from + (to - from) * part);
      if (part < 1) frame = requestAnimationFrame(step);
    };
    frame = requestAnimationFrame(step);
  }

  watch(target, (to) => {
    cancelAnimationFrame(frame);
    const from = shown.value;
    const isStill = matchMedia('(prefers-reduced-motion: reduce)').matches || document.hidden;
    if (from === undefined || to === undefined || isStill) shown.value = to;
    else countFrom(from, to);
  });
  onBeforeUnmount(() => cancelAnimationFrame(frame));
  return shown;
}
