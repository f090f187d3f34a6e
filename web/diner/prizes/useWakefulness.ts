import { onBeforeUnmount, onMounted } from 'vue';

/** Keeps the screen on while a part is there, where the browser can. */
export function useWakefulness(): void {
  const { wakeLock } = navigator as { wakeLock?: WakeLock };
  let lock: WakeLockSentinel | undefined;
  let isGone = false;

  /** The browser lets go of it whenever the page is hidden. */
  async function hold(): Promise<void> {
    if (wakeLock === undefined || document.hidden) return;
    try {
      const held = await wakeLock.request('screen');
      if (isGone) await held.release();
      else lock = held;
    } catch (error) {
      console.info('the screen may go dark', error);
    }
  }

  onMounted(() => {
    void hold();
    document.addEventListener('visibilitychange', hold);
  });
  onBeforeUnmount(() => {
    isGone = true;
    document.removeEventListener('visibilitychange', hold);
    void lock?.release();
  });
}
